using Facto.Numerics;

namespace Facto.Retrieval;

/// <summary>The best items of every query of a batch.</summary>
internal sealed class ScoredLists
{
    private readonly Scored[] _best;
    private readonly int[] _found;

    internal ScoredLists(int count, int capacity)
    {
        Capacity = capacity;
        _best = new Scored[(long)count * capacity];
        _found = new int[count];
    }

    /// <summary>Number of queries.</summary>
    public int Count => _found.Length;

    /// <summary>Most items per query.</summary>
    public int Capacity { get; }

    /// <summary>The items of a query, best first; shorter than <see cref="Capacity"/> when there are not enough admissible items.</summary>
    public ReadOnlySpan<Scored> this[int query] => new(_best, query * Capacity, _found[query]);

    internal Span<Scored> Storage(int query) => new(_best, query * Capacity, Capacity);

    internal ref int Found(int query) => ref _found[query];
}
