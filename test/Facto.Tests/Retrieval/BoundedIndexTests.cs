using CsCheck;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Exact;

namespace Facto.Tests.Retrieval;

public class BoundedIndexTests
{
    private static readonly Gen<(int Items, int Dimension, int Wanted, double Allowed, double Denied, int Kind, ulong Seed)> Cases =
        Gen.Select(
            Gen.Int[0, 700],
            Gen.Int[1, 70],
            Gen.Int[0, 150],
            Gen.OneOf(Gen.Const(0.0), Gen.Const(0.02), Gen.Const(0.5), Gen.Const(1.0)),
            Gen.OneOf(Gen.Const(0.0), Gen.Const(0.1), Gen.Const(0.9)),
            Gen.Int[0, 4],
            Gen.ULong);

    [Fact]
    public void Results_equal_the_exact_index_bit_for_bit_on_every_kind_of_vectors() => Cases.Sample(c =>
    {
        using RowMatrix items = Vectors(c.Kind, c.Items, c.Dimension, c.Seed);
        using RowMatrix queries = Vectors(c.Kind == 4 ? 0 : c.Kind, 3, c.Dimension, c.Seed + 1);
        var filter = new ItemFilter
        {
            Allowed = c.Allowed == 1 ? default : RandomVectors.Bitmap(c.Items, c.Allowed, c.Seed + 2),
            Denied = RandomVectors.Denied(c.Items, c.Denied, c.Seed + 3),
        };
        var exact = new ExactIndex(items);
        BoundedIndex bounded = BoundedIndex.Build(
            items, c.Seed % 2 == 0 ? queries : null, workers: 1 + (int)(c.Seed % 2), TestContext.Current.CancellationToken);
        Scored[] expected = new Scored[c.Wanted], actual = new Scored[c.Wanted];
        for (int q = 0; q < 3; q++)
        {
            int found = exact.Search(queries.Row(q), filter, expected);
            Assert.Equal(found, bounded.Search(queries.Row(q), filter, actual));
            Assert.Equal(expected[..found], actual[..found]);
        }
    }, iter: 200);

    [Fact]
    public void The_bound_closes_after_few_items_were_scored_again()
    {
        using RowMatrix items = Vectors(3, 5000, 65, 8), queries = Vectors(0, 5, 65, 9);
        BoundedIndex index = BoundedIndex.Build(items, cancel: TestContext.Current.CancellationToken);
        var best = new Scored[10];
        for (int q = 0; q < 5; q++)
        {
            Assert.Equal(10, index.Search(queries.Row(q), default, best, out ScanEffort effort));
            Assert.InRange(effort.Rows, 10, 400);   // of 5,000
        }
    }

    [Fact]
    public void Panels_of_hopeless_items_are_skipped()
    {
        using RowMatrix items = Vectors(3, 20_000, 33, 8), queries = RandomVectors.Normal(1, 33, 9);
        queries.Row(0)[0] = 1;
        foreach (ref float value in queries.Row(0)[1..]) { value *= 0.2f; }
        BoundedIndex index = BoundedIndex.Build(items, queries, cancel: TestContext.Current.CancellationToken);
        index.Search(queries.Row(0), default, new Scored[10], out ScanEffort effort);
        Assert.InRange(effort.Panels, 1, (20_000 / 64 / 2) - 1);
    }

    [Fact]
    public void Every_width_bounds_the_scores_alike()
    {
        Check<Codes1, Lanes1>();
        if (Codes4.IsSupported) { Check<Codes4, Lanes4>(); }
        if (Codes8.IsSupported) { Check<Codes8, Lanes8>(); }
        if (Codes16.IsSupported) { Check<Codes16, Lanes16>(); }
    }

    [Theory]
    [InlineData(1e30f)]
    [InlineData(-1e30f)]
    public void Queries_with_huge_values_give_what_the_exact_index_gives(float strange)
    {
        using RowMatrix items = RandomVectors.Normal(300, 9, 1);
        foreach (int place in new[] { 0, 5 })
        {
            float[] query = [1, 2, 3, 4, 5, 6, 7, 8, 9];
            query[place] = strange;
            Scored[] expected = new Scored[20], actual = new Scored[20];
            Assert.Equal(
                new ExactIndex(items).Search(query, default, expected),
                BoundedIndex.Build(items, cancel: TestContext.Current.CancellationToken).Search(query, default, actual));
            Assert.Equal(expected, actual);
        }
    }

    // 0 normal, 1 whole numbers with many ties, 2 tiny values, 3 norms and qualities that fall with the rank, 4 one item far larger than
    // all others.
    private static RowMatrix Vectors(int kind, int rows, int columns, ulong seed)
    {
        RowMatrix matrix = kind == 1 ? RandomVectors.Whole(rows, columns, seed) : RandomVectors.Normal(rows, columns, seed);
        var random = new SeededRandom(seed, 1);
        for (int row = 0; row < rows; row++)
        {
            double popularity = 1 / (random.NextDouble() + 0.001);
            foreach (ref float value in matrix.Row(row))
            {
                value *= kind switch { 2 => 1e-33f, 3 => (float)Math.Log(1 + popularity), 4 when row == 0 => 1e6f, _ => 1 };
            }

            if (kind == 3) { matrix.Row(row)[0] = (float)(2 * Math.Log(popularity)); }
        }

        return matrix;
    }

    private static unsafe void Check<TCodes, TLanes>()
        where TCodes : struct, ICodeLanes<TCodes>
        where TLanes : struct, ILanes<TLanes>
    {
        foreach (int dimension in new[] { 1, 2, 4, 65 })
        {
            using RowMatrix items = RandomVectors.Normal(64, dimension, 21), query = RandomVectors.Normal(1, dimension, 22);
            var rows = new NativeBlock<float>(64L * dimension);
            for (int i = 0; i < 64; i++) { items.Row(i).CopyTo(rows.Slice(i * dimension, dimension)); }
            CodePanels panels = CodePanels.Encode(rows, 64, dimension, 1);
            int[] pairs = new int[panels.PairCount + 1];
            var bounds = new QueryBounds(query.Row(0), pairs.AsSpan(0, panels.PairCount));
            float error = bounds.Error(panels.LargestError[0], panels.LargestCode[0]);
            float[] uppers = new float[64];
            fixed (int* p = pairs)
            fixed (float* u = uppers)
            {
                ulong all = CodeKernels.Bound<TCodes, TLanes>(
                    panels.Panel(0), p, panels.PairCount, bounds.Lead, bounds.Step, error, float.NegativeInfinity, u);
                Assert.Equal(ulong.MaxValue, all);
            }

            double norm = Math.Sqrt(Oracles.BruteForceSearch.Dot(query.Row(0)[1..], query.Row(0)[1..]));
            for (int i = 0; i < 64; i++)
            {
                double score = Oracles.BruteForceSearch.Dot(items.Row(i), query.Row(0));
                Assert.InRange(uppers[i], score - 1e-5, score + (0.1 * norm * panels.LargestNorm[0]) + 1e-5);
            }
        }
    }
}
