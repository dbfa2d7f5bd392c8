using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Recall;

namespace Facto.Tests.Retrieval;

public class EffortLadderTests
{
    [Fact]
    public void Rungs_rise_in_cost_and_score_no_larger_head_than_there_are_items()
    {
        SearchEffort[] rungs = [.. EffortLadder.Rungs(10_000, null)];
        Assert.Equal(new SearchEffort(16, 32), rungs[0]);
        Assert.Equal(rungs.OrderBy(EffortLadder.Cost), rungs);
        Assert.DoesNotContain(rungs, e => e.Head > 10_000);
        Assert.Contains(new SearchEffort(3200, 8192), rungs);
        Assert.Single(EffortLadder.Rungs(5, null).Select(e => e.Head).Distinct());
    }

    [Fact]
    public void An_effort_that_was_given_comes_first_and_only_larger_ones_follow()
    {
        var given = new SearchEffort(120, 256);
        SearchEffort[] rungs = [.. EffortLadder.Rungs(1_000_000, given)];
        Assert.Equal(given, rungs[0]);
        Assert.All(rungs[1..], e => Assert.True(e.EfSearch >= 120 && e.Head >= 256));
    }

    // Random directions of one length: no item promises more than another, so the head is lost time.
    [Fact]
    public void Even_norms_are_searched_with_a_small_head()
    {
        RowMatrix items = RandomVectors.Normal(4000, 17, 1), users = RandomVectors.Normal(200, 17, 2);
        for (int i = 0; i < items.RowCount; i++)
        {
            Span<float> row = items.Row(i);
            row[0] = 0;
            float norm = MathF.Sqrt(VectorOps.SumOfSquares(row));
            foreach (ref float value in row) { value /= norm; }
        }

        IndexSet set = Build(items, users, new IndexOptions { Kind = IndexKind.Graph, At = 20, Queries = 100, Floor = 0.9 });
        SearchEffort effort = Assert.IsType<GraphIndex>(set.Approximate).Effort;
        Assert.True(effort.Head == 32 && set.Recall!.Recall >= 0.9, $"{set}: {set.Recall}");
    }

    private static IndexSet Build(RowMatrix items, RowMatrix? users, IndexOptions options, float[]? popularity = null) =>
        IndexSet.Build(new IndexSource(items, users, options, null, TestContext.Current.CancellationToken), popularity);
}
