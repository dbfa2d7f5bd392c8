namespace Facto.Retrieval;

/// <summary>
/// One ascending list of items per query of a batch, compressed: query q has items[offsets[q]] … items[offsets[q+1]−1], such as the items
/// that each user has seen. <c>default</c> is an empty list for every query.
/// </summary>
/// <param name="offsets">Ascending positions in <paramref name="items"/>, one more than there are queries.</param>
/// <param name="items">Item rows, ascending within each query.</param>
internal readonly struct ItemLists(ReadOnlyMemory<long> offsets, ReadOnlyMemory<int> items)
{
    /// <summary>Number of lists; 0 for <c>default</c>, which serves any number of queries.</summary>
    public int Count => Math.Max(0, offsets.Length - 1);

    /// <summary>The items of a query.</summary>
    public ReadOnlySpan<int> this[int query]
    {
        get
        {
            if (offsets.IsEmpty) { return []; }
            ReadOnlySpan<long> starts = offsets.Span;
            return items.Span[(int)starts[query]..(int)starts[query + 1]];
        }
    }

    /// <summary>Throws unless there is a list for each of <paramref name="queryCount"/> queries, or none at all.</summary>
    /// <exception cref="ArgumentException">The numbers differ.</exception>
    internal void RequireCount(int queryCount)
    {
        if (!offsets.IsEmpty && Count != queryCount)
        {
            throw new ArgumentException($"{queryCount} queries and {Count} lists of denied items do not go together");
        }
    }
}
