using CsCheck;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;
using Facto.Tests.Oracles;

namespace Facto.Tests.Retrieval;

public class ExactIndexTests
{
    private static readonly Gen<(int Items, int Dimension, int Wanted, double Allowed, double Denied, ulong Seed)> Cases =
        Gen.Select(
            Gen.Int[0, 400], Gen.Int[1, 70], Gen.Int[0, 150], Gen.OneOf(Gen.Const(0.0), Gen.Const(0.02), Gen.Const(0.5), Gen.Const(1.0)),
            Gen.OneOf(Gen.Const(0.0), Gen.Const(0.1), Gen.Const(0.9)), Gen.ULong);

    [Fact]
    public void Search_returns_what_sorting_all_admissible_items_returns() => Cases.Sample(c =>
    {
        RowMatrix items = RandomVectors.Whole(c.Items, c.Dimension, c.Seed);
        float[] query = RandomVectors.Whole(1, c.Dimension, c.Seed + 1).Row(0).ToArray();
        var filter = new ItemFilter
        {
            Allowed = c.Allowed == 1 ? default : RandomVectors.Bitmap(c.Items, c.Allowed, c.Seed + 2),
            Denied = RandomVectors.Denied(c.Items, c.Denied, c.Seed + 3),
        };
        var best = new Scored[c.Wanted];
        int found = new ExactIndex(items).Search(query, filter, best);
        Assert.Equal(BruteForceSearch.Search(items, query, filter, c.Wanted), best[..found]);
    }, iter: 300);

    [Fact]
    public void A_batch_returns_what_single_searches_return_bit_for_bit_on_any_number_of_threads() => Cases.Sample(c =>
    {
        using RowMatrix items = RandomVectors.Normal(c.Items, c.Dimension, c.Seed),
            queries = RandomVectors.Normal(1 + (int)(c.Seed % 40), c.Dimension, c.Seed + 1);
        ulong[] allowed = c.Allowed == 1 ? [] : RandomVectors.Bitmap(c.Items, c.Allowed, c.Seed + 2);
        int[][] denied =
            [.. Enumerable.Range(0, queries.RowCount).Select(q => RandomVectors.Denied(c.Items, c.Denied, c.Seed + 3 + (ulong)q))];
        long[] offsets = [0, .. denied.Select((_, q) => denied[..(q + 1)].Sum(d => (long)d.Length))];
        var index = new ExactIndex(items);
        ScoredLists batch = index.SearchBatch(
            queries, c.Wanted, new ItemLists(offsets, denied.SelectMany(d => d).ToArray()), allowed, workers: 1 + (int)(c.Seed % 3),
            cancel: TestContext.Current.CancellationToken);
        var best = new Scored[c.Wanted];
        for (int q = 0; q < queries.RowCount; q++)
        {
            int found = index.Search(queries.Row(q), new ItemFilter { Allowed = allowed, Denied = denied[q] }, best);
            Assert.Equal(best[..found], batch[q].ToArray());
        }
    }, iter: 100);

    [Fact]
    public void Scores_are_the_inner_products_within_rounding()
    {
        using RowMatrix items = RandomVectors.Normal(500, 65, 1), query = RandomVectors.Normal(1, 65, 2);
        var best = new Scored[500];
        Assert.Equal(500, new ExactIndex(items).Search(query.Row(0), default, best));
        foreach (Scored s in best) { Assert.Equal(BruteForceSearch.Dot(items.Row(s.Index), query.Row(0)), s.Score, 1e-4); }
    }

    [Fact]
    public void Equal_scores_go_to_the_lower_row()
    {
        using var items = new RowMatrix(1000, 3);
        for (int item = 0; item < 1000; item++) { items.Row(item).Fill(1); }
        var best = new Scored[10];
        Assert.Equal(10, new ExactIndex(items).Search([1, 1, 1], new ItemFilter { Denied = [0, 4] }, best));
        Assert.Equal([1, 2, 3, 5, 6, 7, 8, 9, 10, 11], best.Select(s => s.Index));
    }

    [Fact]
    public void A_query_or_bitmap_of_the_wrong_length_is_refused_with_both_lengths()
    {
        using RowMatrix items = RandomVectors.Normal(100, 8, 3);
        var index = new ExactIndex(items);
        Assert.Contains(
            "7 coordinates, the index 8",
            Assert.Throws<ArgumentException>(() => index.Search(new float[7], default, new Scored[1])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "has 1 words, 100 items need 2",
            Assert.Throws<ArgumentException>(() => index.Search(new float[8], new ItemFilter { Allowed = [1] }, new Scored[1])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "1 queries and 2 lists",
            Assert.Throws<ArgumentException>(
                () =>
                index.SearchBatch(
                    new RowMatrix(1, 8), 1, new ItemLists(new long[] { 0, 0, 0 }, default),
                    cancel: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_batch_stops()
    {
        using RowMatrix items = RandomVectors.Normal(100, 8, 3);
        Assert.ThrowsAny<OperationCanceledException>(
            () => new ExactIndex(items).SearchBatch(new RowMatrix(9, 8), 1, cancel: new CancellationToken(true)));
    }
}
