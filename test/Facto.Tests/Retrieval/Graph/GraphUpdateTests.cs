using System.Collections.Concurrent;
using Facto.Numerics;
using Facto.Retrieval.Graph;

namespace Facto.Tests.Retrieval.Graph;

public class GraphUpdateTests
{
    private static readonly GraphOptions Options = new() { M = 12, EfConstruction = 80, Effort = new SearchEffort(140, 256) };

    [Fact]
    public async Task After_a_storm_of_puts_and_deletes_recall_equals_a_fresh_builds_and_nothing_deleted_was_returned()
    {
        var catalogue = new FmCatalogue(4000, 200);
        RowMatrix items = catalogue.Items;
        var index = GraphIndex.Build(Part(items, 2500), catalogue.Users, Options);
        var gone = new ConcurrentDictionary<int, bool>();
        using var stop = new CancellationTokenSource();
        Task<int> reader =
            Task.Run(() => SearchUntilStopped(index, catalogue.Users, gone, stop.Token), TestContext.Current.CancellationToken);
        var random = new SeededRandom(5);
        for (int step = 0; step < 6000; step++)
        {
            int row = random.NextInt(items.RowCount);
            if (random.NextInt(3) == 0)
            {
                index.Delete(row);
                gone[row] = true;
            }
            else if (!gone.ContainsKey(row))
            {
                index.Put(row, items.Row(row));
            }
        }

        await stop.CancelAsync();
        Assert.True(await reader > 0);
        for (int row = 0; row < items.RowCount; row++)
        {
            if (!gone.ContainsKey(row)) { index.Put(row, items.Row(row)); }
        }

        Assert.Equal(items.RowCount - gone.Count, index.Count);
        int[] live = [.. Enumerable.Range(0, items.RowCount).Where(r => !gone.ContainsKey(r))];
        var fresh = new RowMatrix(live.Length, items.ColumnCount);
        for (int i = 0; i < live.Length; i++) { items.Row(live[i]).CopyTo(fresh.Row(i)); }
        double stormed = Recall.Of(index, items, catalogue.Users, 50, null, gone.Keys.ToHashSet());
        double built = Recall.Of(GraphIndex.Build(fresh, catalogue.Users, Options), fresh, catalogue.Users, 50);
        index.Compact(TestContext.Current.CancellationToken);
        double compacted = Recall.Of(index, items, catalogue.Users, 50, null, gone.Keys.ToHashSet());
        Assert.True(
            stormed > built - 0.01
            && compacted > built - 0.01, $"recall: after the storm {stormed:F4}, compacted {compacted:F4}, built afresh {built:F4}");
    }

    [Fact]
    public void A_replaced_vector_counts_at_once_and_the_old_one_never_again()
    {
        using RowMatrix items = RandomVectors.Normal(2000, 9, 1);
        var index = GraphIndex.Build(items, null, Options);
        float[] query = [1, 0, 0, 0, 0, 0, 0, 0, 0];
        var best = new Scored[2000];
        for (int round = 1; round <= 50; round++)
        {
            float[] vector = [100 + round, 0, 0, 0, 0, 0, 0, 0, 0];
            index.Put(round, vector);
            index.Search(query, default, best.AsSpan(0, 1));
            Assert.Equal(new Scored(round, 100 + round), best[0]);
            Assert.True(index.Delete(round));
            Assert.False(index.Delete(round));
        }

        Assert.Equal(1950, index.Count);
        Assert.Equal(1950, index.Search(query, default, best));
        Assert.DoesNotContain(best[..1950], s => s.Index is >= 1 and <= 50);
    }

    [Fact]
    public void An_index_grows_from_nothing()
    {
        using RowMatrix items = RandomVectors.Normal(3000, 9, 1), queries = RandomVectors.Normal(40, 9, 2);
        var index = GraphIndex.Build(new RowMatrix(0, 9), null, Options);
        for (int row = 0; row < items.RowCount; row++) { index.Put(row, items.Row(row)); }
        Assert.Equal(3000, index.Count);
        double recall = Recall.Of(index, items, queries, 50);
        Assert.True(recall > 0.97, $"recall {recall:F4}");
    }

    [Fact]
    public void Deleting_everything_leaves_an_empty_index_that_can_be_filled_again()
    {
        using RowMatrix items = RandomVectors.Normal(300, 9, 1);
        var index = GraphIndex.Build(items, null, Options);
        for (int row = 0; row < 300; row++) { Assert.True(index.Delete(row)); }
        Assert.Equal(0, index.Search(items.Row(0), default, new Scored[10]));
        index.Compact(TestContext.Current.CancellationToken);
        Assert.Equal(0, index.Search(items.Row(0), default, new Scored[10]));
        index.Put(5, items.Row(5));
        var best = new Scored[10];
        Assert.Equal(1, index.Search(items.Row(0), default, best));
        Assert.Equal(5, best[0].Index);
    }

    [Fact]
    public void A_put_of_what_is_no_vector_is_refused()
    {
        var index = GraphIndex.Build(RandomVectors.Normal(10, 3, 1));
        Assert.Contains(
            "2 coordinates, the index 3", Assert.Throws<ArgumentException>(() => index.Put(1, [1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "finite", Assert.Throws<ArgumentException>(() => index.Put(1, [1, 2, float.PositiveInfinity])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Put(-1, [1, 2, 3]));
    }

    // What was gone before a search began must not be in its results.
    private static int SearchUntilStopped(GraphIndex index, RowMatrix users, ConcurrentDictionary<int, bool> gone, CancellationToken stop)
    {
        var best = new Scored[50];
        int searches = 0;
        while (!stop.IsCancellationRequested || searches == 0)
        {
            var before = gone.Keys.ToHashSet();
            int found = index.Search(users.Row(searches % users.RowCount), default, best);
            Assert.Equal(50, found);
            Assert.DoesNotContain(best[..found], s => before.Contains(s.Index));
            Assert.Equal(found, best[..found].Select(s => s.Index).Distinct().Count());
            searches++;
        }

        return searches;
    }

    private static RowMatrix Part(RowMatrix rows, int count) => rows.Resized(count);
}
