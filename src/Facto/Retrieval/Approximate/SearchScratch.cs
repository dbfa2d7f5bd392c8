using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Retrieval.Approximate;

/// <summary>Memory of one search at a time: the best slots in descending order, visited slots, and room for one slot's links.</summary>
internal sealed unsafe class SearchScratch
{
    /// <summary>Slots scored in one go.</summary>
    public const int Batch = 1024;

    // Slots that a byte of _lines covers: a cache line of _visited.
    private const int LineShift = 9;

    private NativeBlock<ulong> _visitedBlock = new(0);
    private NativeBlock<byte> _lineBlock = new(0);
    private NativeBlock<ulong> _barred = new(0);
    private readonly NativeBlock<int> _slots = new(Batch + 1024);
    private readonly NativeBlock<int> _dots = new(Batch + 1024);
    private NativeBlock<short> _vector = new(0);
    private NativeBlock<float> _query = new(0);
    private NativeBlock<float> _table = new(0);
    private NativeBlock<Scored> _scored = new(0);
    private ulong* _visited;
    private byte* _lines;

    public SearchScratch()
    {
        Slots = _slots.Pointer;
        Dots = _dots.Pointer;
    }

    /// <summary>The best slots seen.</summary>
    public BestList Best { get; } = new();

    public int* Slots { get; }

    public int* Dots { get; }

    /// <summary>The query or item whose codes are compared, int16.</summary>
    public short* Vector { get; private set; }

    /// <summary>The query in float32 as it came, zero-padded.</summary>
    public float* Query => _query.Pointer;

    /// <summary>A query's table of product codes.</summary>
    public float* Table => _table.Pointer;

    /// <summary>The table with room for so many entries.</summary>
    public Span<float> TableOf(int length)
    {
        if (_table.Length < length) { _table = new(length); }
        return _table.Slice(0, length);
    }

    /// <summary>Room for the exact scores of so many candidates.</summary>
    public Span<Scored> ScoredOf(int length)
    {
        if (_scored.Length < length) { _scored = new(length * 3 / 2); }
        return _scored.Slice(0, length);
    }

    /// <summary>Slots scored since <see cref="Begin"/>.</summary>
    public long Scored { get; set; }

    /// <summary>Makes room and forgets the last search.</summary>
    public void Begin(CodedItems stored, int breadth)
    {
        long lines = (stored.Capacity >> LineShift) + 1;
        if (_lineBlock.Length < lines)
        {
            _lineBlock = new(lines);
            _visitedBlock = new(lines * 8);
            _barred = new(lines * 8);
            _visited = _visitedBlock.Pointer;
            _lines = _lineBlock.Pointer;
        }

        if (_vector.Length < stored.Width)
        {
            _vector = new(stored.Width);
            Vector = _vector.Pointer;
        }

        int floats = stored.Rows.Stride + ItemSpace.SigmaLength(stored.Dimension);
        if (_query.Length < floats) { _query = new(floats); }
        Forget();
        Best.Begin(breadth);
        Scored = 0;
    }

    /// <summary>1 when the slot is visited for the first time, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Visit(int slot)
    {
        ulong word = _visited[slot >> 6];
        _visited[slot >> 6] = word | (1UL << slot);
        _lines[slot >> LineShift] = 1;
        return (int)(~word >> slot & 1);
    }

    /// <summary>Visits slots [0, <paramref name="count"/>).</summary>
    public void VisitFirst(int count)
    {
        for (int slot = 0; slot < count; slot += 64)
        {
            Visit(slot);
            _visited[slot >> 6] |= count - slot >= 64 ? ulong.MaxValue : (1UL << (count - slot)) - 1;
        }
    }

    public void Bar(int slot) => _barred.Pointer[slot >> 6] |= 1UL << (slot & 63);

    public void Unbar(int slot) => _barred.Pointer[slot >> 6] = 0;

    public ulong* Barred => _barred.Pointer;

    private void Forget()
    {
        Span<byte> lines = _lineBlock.Span;
        for (int line = lines.IndexOf((byte)1); line >= 0;)
        {
            _lines[line] = 0;
            new Span<ulong>(_visited + (line * 8L), 8).Clear();
            int further = lines[(line + 1)..].IndexOf((byte)1);
            line = further < 0 ? -1 : line + 1 + further;
        }
    }
}

/// <summary>Scratch memory handed from search to search without a lock and without allocating.</summary>
internal sealed class ScratchPool
{
    private readonly SearchScratch?[] _free = new SearchScratch?[Math.Max(8, 2 * Environment.ProcessorCount)];

    public SearchScratch Rent()
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (Volatile.Read(ref _free[i]) is not null && Interlocked.Exchange(ref _free[i], null) is { } scratch) { return scratch; }
        }

        return new SearchScratch();
    }

    public void Return(SearchScratch scratch)
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (Volatile.Read(ref _free[i]) is null && Interlocked.CompareExchange(ref _free[i], scratch, null) is null) { return; }
        }
    }
}
