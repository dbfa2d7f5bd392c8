using Facto.Numerics;
using Facto.Retrieval;

namespace Facto.Tests.Oracles;

/// <summary>Retrieval by definition: every admissible item scored in double, sorted by score, then by row.</summary>
internal static class BruteForceSearch
{
    public static Scored[] Search(RowMatrix items, ReadOnlySpan<float> query, ItemFilter filter, int count)
    {
        var all = new List<(int Item, double Score)>();
        for (int item = 0; item < items.RowCount; item++)
        {
            if (filter.Admits(item)) { all.Add((item, Dot(items.Row(item), query))); }
        }

        return [.. all.OrderByDescending(x => x.Score).ThenBy(x => x.Item).Take(count).Select(x => new Scored(x.Item, (float)x.Score))];
    }

    public static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int d = 0; d < a.Length; d++) { sum += (double)a[d] * b[d]; }
        return sum;
    }
}
