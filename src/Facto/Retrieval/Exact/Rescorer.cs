using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Retrieval.Exact;

/// <summary>Candidates on their way to an exact score: each row is asked for when it arrives and read when eight have come.</summary>
internal unsafe ref struct Rescorer
{
    private const int Capacity = 2 * RowChains.Rows;

    private readonly float* _rows;
    private readonly float* _query;
    private readonly int _dimension;
    private TopK _top;
    private int _waiting;
    private Items _items;
    private Pointers _pointers;

    public Rescorer(float* rows, float* query, int dimension, Span<Scored> best)
    {
        _rows = rows;
        _query = query;
        _dimension = dimension;
        _top = new TopK(best);
    }

    /// <summary>The score that a further item must reach.</summary>
    public readonly float Threshold => _top.Threshold;

    /// <summary>Rows that were scored exactly.</summary>
    public int Scored { get; private set; }

    /// <summary>Takes a candidate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int position, int item)
    {
        float* row = _rows + ((long)position * _dimension);
        RowChains.Prefetch(row, _dimension);
        _pointers[_waiting] = (nint)row;
        _items[_waiting] = item;
        if (++_waiting == Capacity) { Flush(RowChains.Rows); }
    }

    /// <summary>Scores what still waits, and sorts.</summary>
    public int Finish()
    {
        Settle();
        return _top.Finish();
    }

    /// <summary>Scores all that wait, so that the threshold is as high as it can be.</summary>
    public void Settle()
    {
        while (_waiting > 0) { Flush(Math.Min(RowChains.Rows, _waiting)); }
    }

    // Scores the candidates that have waited longest.
    private void Flush(int count)
    {
        float** rows = stackalloc float*[RowChains.Rows];
        float* scores = stackalloc float[RowChains.Rows];
        for (int i = 0; i < RowChains.Rows; i++) { rows[i] = (float*)_pointers[Math.Min(i, count - 1)]; }
        RowChains.Score(rows, _query, _dimension, scores);
        for (int i = 0; i < count; i++) { _top.Add(_items[i], scores[i]); }
        Scored += count;
        _waiting -= count;
        for (int i = 0; i < _waiting; i++)
        {
            _items[i] = _items[i + count];
            _pointers[i] = _pointers[i + count];
        }
    }

    [InlineArray(Capacity)]
    private struct Items
    {
        private int _first;
    }

    [InlineArray(Capacity)]
    private struct Pointers
    {
        private nint _first;
    }
}
