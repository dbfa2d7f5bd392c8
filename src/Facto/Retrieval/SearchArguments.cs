namespace Facto.Retrieval;

/// <summary>What every search checks before it touches memory.</summary>
internal static class SearchArguments
{
    public static void Check(IItemIndex index, ReadOnlySpan<float> query, ItemFilter filter)
    {
        if (query.Length != index.Dimension)
        {
            throw new ArgumentException($"the query has {query.Length} coordinates, the index {index.Dimension}", nameof(query));
        }

        CheckBitmap(index.Count, filter.Allowed.Length);
    }

    public static void CheckBitmap(int count, int words)
    {
        if (words > 0 && words < (count + 63L) / 64)
        {
            throw new ArgumentException($"the bitmap of allowed items has {words} words, {count} items need {(count + 63L) / 64}");
        }
    }
}
