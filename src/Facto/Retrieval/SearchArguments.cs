using System.Numerics;
using Facto.Numerics;

namespace Facto.Retrieval;

/// <summary>What every search checks before it touches memory, and every build before it trusts a vector.</summary>
internal static class SearchArguments
{
    public static void Check(IItemIndex index, ReadOnlySpan<float> query, ItemFilter filter)
    {
        CheckQuery(index.Dimension, query);
        CheckBitmap(index.Count, filter.Allowed.Length);
    }

    /// <exception cref="ArgumentException">The query has another length, or a coordinate that is no finite number.</exception>
    public static void CheckQuery(int dimension, ReadOnlySpan<float> query)
    {
        if (query.Length != dimension)
        {
            throw new ArgumentException($"the query has {query.Length} coordinates, the index {dimension}", nameof(query));
        }
        if (FirstNotFinite(query) is >= 0 and int column)
        {
            throw new ArgumentException(
                $"column {column} of the query is {query[column]}; every coordinate must be a finite number", nameof(query));
        }
    }

    public static void CheckBitmap(int count, int words)
    {
        if (words > 0 && words < (count + 63L) / 64)
        {
            throw new ArgumentException($"the bitmap of allowed items has {words} words, {count} items need {(count + 63L) / 64}");
        }
    }

    /// <param name="vectors">One per row.</param>
    /// <param name="what">What a row is, such as "item".</param>
    /// <exception cref="FactoException">A value is no finite number.</exception>
    public static void RequireFinite(RowMatrix vectors, string what)
    {
        for (int row = 0; row < vectors.RowCount; row++)
        {
            ReadOnlySpan<float> x = vectors.Row(row);
            if (FirstNotFinite(x) is >= 0 and int column)
            {
                throw new FactoException(
                    $"the {what} vector of row {row} has {x[column]} in column {column}: every coordinate must be a finite number; mend "
                        + $"or remove the row");
            }
        }

        GC.KeepAlive(vectors);
    }

    // x·0 is 0 for every finite number, and NaN else.
    private static int FirstNotFinite(ReadOnlySpan<float> x)
    {
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count) { sum += new Vector<float>(x[i..]) * Vector<float>.Zero; }
        float rest = Vector.Sum(sum);
        for (; i < x.Length; i++) { rest += x[i] * 0; }
        if (rest == 0) { return -1; }
        for (i = 0; float.IsFinite(x[i]); i++) { }
        return i;
    }
}
