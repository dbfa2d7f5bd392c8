using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>A scored row of a table.</summary>
/// <param name="index">0-based row.</param>
/// <param name="score">Its score; higher is better.</param>
public readonly struct Scored(int index, float score) : IEquatable<Scored>
{
    /// <summary>0-based row.</summary>
    public int Index { get; } = index;

    /// <summary>Its score; higher is better.</summary>
    public float Score { get; } = score;

    /// <summary>The same row with the same score.</summary>
    public static bool operator ==(Scored left, Scored right) => left.Equals(right);

    /// <summary>Another row or another score.</summary>
    public static bool operator !=(Scored left, Scored right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Scored other) => Index == other.Index && Score.Equals(other.Score);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Scored other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Index, Score);

    /// <inheritdoc/>
    public override string ToString() => System.FormattableString.Invariant($"{Index}: {Score}");
}

/// <summary>
/// Keeps the best rows seen so far in a span that the caller owns. Better means a higher score, or the lower index when scores tie,
/// so the result depends on the set of candidates and not on their order. NaN is worse than everything and never kept.
/// </summary>
internal ref struct TopK
{
    private readonly Span<Scored> _heap;   // worst kept row at [0] once full

    /// <summary>Starts empty; at most <paramref name="storage"/>.Length rows are kept.</summary>
    public TopK(Span<Scored> storage)
    {
        _heap = storage;
        Count = 0;
        Threshold = storage.Length == 0 ? float.PositiveInfinity : float.NegativeInfinity;
    }

    /// <summary>
    /// Goes on with a heap that an earlier instance left in <paramref name="storage"/> with <paramref name="count"/> rows kept.
    /// </summary>
    internal TopK(Span<Scored> storage, int count)
        : this(storage)
    {
        Count = count;
        if (count == storage.Length && count > 0) { Threshold = storage[0].Score; }
    }

    /// <summary>Rows kept so far.</summary>
    public int Count { get; private set; }

    /// <summary>A row with a score below this cannot enter; −∞ until the storage is full.</summary>
    public float Threshold { get; private set; }

    /// <summary>Offers a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int index, float score)
    {
        if (score >= Threshold) { Insert(new Scored(index, score)); }
    }

    /// <summary>Sorts the kept rows best first and returns how many there are. The heap is spent afterwards.</summary>
    public readonly int Finish()
    {
        _heap[..Count].Sort(static (a, b) => Worse(a, b) ? 1 : Worse(b, a) ? -1 : 0);
        return Count;
    }

    /// <summary>True when <paramref name="a"/> ranks after <paramref name="b"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Worse(Scored a, Scored b) => a.Score < b.Score || (a.Score == b.Score && a.Index > b.Index);

    // Optimised from the first call: a process that answers one batch would otherwise spend most of it in unoptimised heap code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Insert(Scored candidate)
    {
        Span<Scored> heap = _heap;
        if (Count < heap.Length)
        {
            int child = Count++;
            while (child > 0)
            {
                int parent = (child - 1) / 2;
                if (!Worse(candidate, heap[parent])) { break; }
                heap[child] = heap[parent];
                child = parent;
            }

            heap[child] = candidate;
        }
        else if (Worse(heap[0], candidate))
        {
            SiftDown(heap, candidate);
        }

        if (Count == heap.Length) { Threshold = heap[0].Score; }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SiftDown(Span<Scored> heap, Scored candidate)
    {
        int parent = 0;
        while (true)
        {
            int child = (2 * parent) + 1;
            if (child >= heap.Length) { break; }
            if (child + 1 < heap.Length && Worse(heap[child + 1], heap[child])) { child++; }
            if (!Worse(heap[child], candidate)) { break; }
            heap[parent] = heap[child];
            parent = child;
        }

        heap[parent] = candidate;
    }
}
