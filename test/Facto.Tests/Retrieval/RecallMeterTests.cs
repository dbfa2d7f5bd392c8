using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Recall;

namespace Facto.Tests.Retrieval;

public class RecallMeterTests
{
    [Fact]
    public void An_exact_index_has_recall_one_with_and_without_the_popular_half()
    {
        using RowMatrix items = RandomVectors.Normal(300, 9, 1), users = RandomVectors.Normal(20, 9, 2);
        RecallCertificate certificate = Measure(BoundedIndex.Build(items, cancel: TestContext.Current.CancellationToken), items, users, 1);
        Assert.Equal(
            (1.0, 1.0, 1.0, 1.0, true),
            (certificate.Recall, certificate.WorstRecall, certificate.FilteredRecall, certificate.WorstFilteredRecall, certificate.Holds));
        certificate.Require();
    }

    [Fact]
    public void Recall_counts_the_share_of_the_exact_best_that_was_returned()
    {
        using RowMatrix items = RandomVectors.Normal(300, 9, 1), users = RandomVectors.Normal(20, 9, 2);
        var half = new Lossy(new ExactIndex(items));
        RecallCertificate certificate = Measure(half, items, users, 0.6);
        Assert.Equal(0.5, certificate.Recall, 1e-12);       // every second item is lost
        Assert.Equal(0.5, certificate.FilteredRecall, 1e-12);
        string message = Assert.Throws<FactoException>(certificate.Require).Message;
        Assert.Contains("recall@10 0.5000", message, StringComparison.Ordinal);
        Assert.Contains("floor 0.6", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_unpopular_half_leaves_the_items_below_the_median()
    {
        Assert.Equal([0b010101UL], RecallMeter.UnpopularHalf([1f, 5f, 2f, 6f, 3f, 7f]));
        Assert.Equal([0b1100UL], RecallMeter.UnpopularHalf([1f, 1f, 1f, 1f]));
    }

    [Fact]
    public void A_certificate_is_kept_in_the_index_file_and_one_below_its_floor_keeps_the_file_from_being_written()
    {
        using var folder = new TemporaryFolder();
        using RowMatrix items = RandomVectors.Normal(300, 9, 1), users = RandomVectors.Normal(20, 9, 2);
        GraphIndex graph = GraphIndex.Build(items, users, cancel: TestContext.Current.CancellationToken);
        RecallCertificate certificate = Measure(graph, items, users, 0.9);
        GraphFile.Save(graph, folder.File("good.facto"), certificate);
        Assert.Equal(certificate, GraphFile.Open(folder.File("good.facto")).Recall);
        Assert.Throws<FactoException>(() => GraphFile.Save(graph, folder.File("bad.facto"), certificate with { FilteredRecall = 0.8 }));
        Assert.False(File.Exists(folder.File("bad.facto")));
        GraphFile.Save(graph, folder.File("plain.facto"));
        Assert.Null(GraphFile.Open(folder.File("plain.facto")).Recall);
    }

    // Two hundred equal best items, of which an index may return any.
    [Fact]
    public void An_item_as_good_as_the_nth_best_is_a_hit()
    {
        using var items = new RowMatrix(400, 3);
        using RowMatrix users = RandomVectors.Normal(10, 3, 2);
        for (int item = 0; item < 400; item++) { items.SetRow(item, item % 2 == 0 ? [1, 0, 0] : [-1, 0.5f, 0]); }
        for (int user = 0; user < 10; user++) { users.SetRow(user, [1, 0, 0]); }
        RecallCertificate certificate = Measure(new Backwards(new ExactIndex(items)), items, users, 1);
        Assert.Equal((1.0, 1.0), (certificate.Recall, certificate.FilteredRecall));
    }

    private static RecallCertificate Measure(IItemIndex index, RowMatrix items, RowMatrix users, double floor)
    {
        float[] popularity = [.. Enumerable.Range(0, items.RowCount).Select(i => items.Row(i)[0])];
        return RecallMeter.Measure(index, new ExactIndex(items), users, popularity, 10, floor, TestContext.Current.CancellationToken);
    }

    // Of equal items it prefers the last.
    private sealed class Backwards(IItemIndex inner) : IItemIndex
    {
        public int Count => inner.Count;

        public int Dimension => inner.Dimension;

        public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
        {
            var all = new Scored[Count];
            int found = inner.Search(query, filter, all);
            Scored[] sorted = [.. all[..found].OrderByDescending(s => s.Score).ThenByDescending(s => s.Index).Take(best.Length)];
            sorted.CopyTo(best);
            return sorted.Length;
        }
    }

    private sealed class Lossy(IItemIndex inner) : IItemIndex
    {
        public int Count => inner.Count;

        public int Dimension => inner.Dimension;

        public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
        {
            var all = new Scored[best.Length];
            int found = inner.Search(query, filter, all);
            for (int i = 0; i < found; i += 2) { best[i / 2] = all[i]; }
            return found / 2;
        }
    }
}
