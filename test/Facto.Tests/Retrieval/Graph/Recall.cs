using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;

namespace Facto.Tests.Retrieval.Graph;

/// <summary>Share of the exact best that an index returns.</summary>
internal static class Recall
{
    public static double Of(
        IItemIndex index, RowMatrix items, RowMatrix users, int n, ulong[]? allowed = null, IReadOnlySet<int>? gone = null)
    {
        var exact = new ExactIndex(items);
        ulong[] live = allowed is null ? Enumerable.Repeat(ulong.MaxValue, (items.RowCount + 63) / 64).ToArray() : [.. allowed];
        foreach (int row in gone ?? new HashSet<int>()) { live[row / 64] &= ~(1UL << (row % 64)); }
        Scored[] wanted = new Scored[n], got = new Scored[n];
        int hits = 0, possible = 0;
        for (int user = 0; user < users.RowCount; user++)
        {
            int best = exact.Search(users.Row(user), new ItemFilter { Allowed = live }, wanted);
            int found = index.Search(users.Row(user), new ItemFilter { Allowed = allowed }, got);
            Assert.Equal(best, found);
            var truth = wanted[..best].Select(s => s.Index).ToHashSet();
            hits += got[..found].Count(s => truth.Contains(s.Index));
            possible += best;
        }

        return (double)hits / possible;
    }
}
