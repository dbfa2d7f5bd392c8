using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Retrieval.Hnsw;

/// <summary>A slot on the list of the best seen; <see cref="Slot"/> is negative (its complement) once its links were followed.</summary>
internal record struct Step(float Value, int Slot);

/// <summary>Memory of one search at a time: the best slots in descending order, visited slots, and room for one slot's links.</summary>
internal sealed unsafe class SearchScratch
{
    /// <summary>Slots scored in one go.</summary>
    public const int Batch = 1024;

    private NativeBlock<Step> _best = new(0);
    private NativeBlock<ulong> _visited = new(0);
    private NativeBlock<ulong> _barred = new(0);
    private NativeBlock<int> _touched = new(0);
    private readonly NativeBlock<int> _slots = new(Batch + 256);
    private readonly NativeBlock<int> _dots = new(Batch + 256);
    private NativeBlock<short> _vector = new(0);
    private NativeBlock<float> _query = new(0);
    private NativeBlock<float> _table = new(0);
    private int _breadth;
    private int _touchedCount;

    public Step* Best => _best.Pointer;

    /// <summary>Entries of <see cref="Best"/>.</summary>
    public int Count { get; private set; }

    public int* Slots => _slots.Pointer;

    public int* Dots => _dots.Pointer;

    /// <summary>The query or item whose codes are compared, int16.</summary>
    public short* Vector => _vector.Pointer;

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

    /// <summary>Values at or below it do not enter <see cref="Best"/>.</summary>
    public float Threshold => Count == _breadth ? Best[Count - 1].Value : float.NegativeInfinity;

    /// <summary>Slots scored since <see cref="Begin"/>.</summary>
    public long Scored { get; set; }

    /// <summary>Makes room and forgets the last search.</summary>
    public void Begin(HnswGraph graph, int breadth)
    {
        long words = (graph.Capacity + 63L) / 64;
        if (_visited.Length < words)
        {
            _visited = new(words);
            _barred = new(words);
            _touched = new((words / 2) + 64);
            _touchedCount = 0;
        }

        if (_best.Length < breadth + 2) { _best = new((breadth * 3 / 2) + 2); }
        if (_vector.Length < graph.Width) { _vector = new(graph.Width); }
        if (_query.Length < graph.Rows.Stride) { _query = new(graph.Rows.Stride + graph.Width); }
        Forget();
        _breadth = breadth;
        Count = 0;
        Scored = 0;
    }

    /// <summary>False when the slot was visited before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Visit(int slot)
    {
        ref ulong word = ref _visited.Pointer[slot >> 6];
        ulong bit = 1UL << (slot & 63);
        if ((word & bit) != 0) { return false; }
        word |= bit;
        if (_touchedCount < _touched.Length) { _touched.Pointer[_touchedCount++] = slot >> 6; }
        return true;
    }

    /// <summary>Visits slots [0, <paramref name="count"/>).</summary>
    public void VisitFirst(int count)
    {
        for (int slot = 0; slot < count; slot += 64)
        {
            Visit(slot);
            _visited.Pointer[slot >> 6] |= count - slot >= 64 ? ulong.MaxValue : (1UL << (count - slot)) - 1;
        }
    }

    public void Bar(int slot) => _barred.Pointer[slot >> 6] |= 1UL << (slot & 63);

    public void Unbar(int slot) => _barred.Pointer[slot >> 6] = 0;

    public ulong* Barred => _barred.Pointer;

    /// <summary>Enters a slot into its place and returns the place, or <see cref="int.MaxValue"/> when it is not among the best.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Enter(float value, int slot) => value > Threshold ? Insert(value, slot) : int.MaxValue;

    private int Insert(float value, int slot)
    {
        Step* best = Best;
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (best[middle].Value >= value) { low = middle + 1; }
            else { high = middle; }
        }

        if (Count < _breadth) { Count++; }
        int moved = Count - 1 - low;
        new Span<Step>(best + low, moved).CopyTo(new Span<Step>(best + low + 1, moved));
        best[low] = new Step(value, slot);
        return low;
    }

    private void Forget()
    {
        if (_touchedCount == _touched.Length)
        {
            _visited.Span.Clear();
        }
        else
        {
            for (int i = 0; i < _touchedCount; i++) { _visited.Pointer[_touched.Pointer[i]] = 0; }
        }

        _touchedCount = 0;
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
