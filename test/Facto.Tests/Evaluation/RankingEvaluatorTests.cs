using CsCheck;
using Facto.Data;
using Facto.Evaluation;
using Facto.Numerics;

namespace Facto.Tests.Evaluation;

public class RankingEvaluatorTests
{
    private static readonly Gen<(int User, int Item)[]> Log = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 19]).Array[1, 80];

    [Fact]
    public void Every_metric_equals_a_plain_second_implementation() =>
        Gen.Select(Log, Log, Gen.Int[1, 12], Gen.ULong).Sample((train, test, n, seed) =>
    {
        RankingTask task = RankingTask.PerUser(TwoSided(train), TwoSided(test));
        if (task.QueryCount == 0) { return; }
        var scorer = new RandomScorer(seed);
        RankingReport report = RankingEvaluator.Evaluate(scorer, task, [n], threads: 2);
        var expected = new List<Dictionary<string, double>>();
        for (int q = 0; q < task.QueryCount; q++) { expected.Add(Naive(scorer, task, q, n, train, test)); }
        Assert.Equal(test.Except(train).Select(t => t.User).Distinct().Count(), report.QueryCount);
        foreach (string name in expected[0].Keys) { Assert.Equal(expected.Average(e => e[name]), report[$"{name}@{n}"], 1e-9); }
    });

    [Fact]
    public void The_result_does_not_depend_on_the_number_of_workers()
    {
        var random = new SeededRandom(1);
        (int, int)[] log = new (int, int)[4000];
        for (int i = 0; i < log.Length; i++) { log[i] = (random.NextInt(300), random.NextInt(200)); }
        RankingTask task = RankingTask.PerUser(TwoSided(log[..3000], 300, 200), TwoSided(log[3000..], 300, 200));
        RankingReport one = RankingEvaluator.Evaluate(new RandomScorer(1), task, [5, 20], threads: 1);
        RankingReport three = RankingEvaluator.Evaluate(new RandomScorer(1), task, [5, 20], threads: 3);
        Assert.Equal(one.Metrics, three.Metrics);
    }

    [Fact]
    public void Vectors_rank_like_their_inner_products_one_by_one() => Gen.Select(Gen.Int[1, 70], Gen.ULong).Sample((dimension, seed) =>
    {
        (int, int)[] log = [.. Enumerable.Range(0, 40).Select(u => (u, u % 19))];
        RankingTask task = RankingTask.PerUser(TwoSided([(0, 0)], 40, 19), TwoSided(log, 40, 19));
        RowMatrix queries = Random(task.QueryCount, dimension, seed), items = Random(19, dimension, seed + 1);
        float[] scores = new float[task.QueryCount * task.ScoreStride];
        new InnerProductScorer(queries, items).Score(task, 0, task.QueryCount, scores);
        for (int q = 0; q < task.QueryCount; q++)
        {
            for (int i = 0; i < 19; i++)
            {
                Assert.Equal(VectorOps.Dot(queries.Row(q), items.Row(i)), scores[(q * task.ScoreStride) + i], 1e-3);
            }
        }
    }, iter: 20);

    [Fact]
    public void The_fast_ways_give_the_lists_of_a_heap_over_all_scores() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 200], Gen.Int[1, 30], Gen.Bool, Gen.ULong)
        .Sample((dimension, itemCount, n, ties, seed) =>
    {
        (int, int)[] test = [.. Enumerable.Range(0, 45).Select(u => (u, (7 * u) % itemCount))];
        (int, int)[] train = [.. Enumerable.Range(0, 300).Select(j => (j % 45, (j * j) % itemCount))];
        RankingTask task = RankingTask.PerUser(TwoSided(train, 45, itemCount), TwoSided(test, 45, itemCount));
        RowMatrix queries = Random(task.QueryCount, dimension, seed), items = Random(itemCount, dimension, seed + 1);
        if (ties) { for (int i = 0; i < itemCount; i++) { items.Row(i / 2 * 2).CopyTo(items.Row(i)); } }
        foreach (ICatalogueScorer scorer in new ICatalogueScorer[] { new InnerProductScorer(queries, items), new PopularityScorer(),
            new RandomScorer(seed) })
        {
            float[] scores = new float[task.QueryCount * task.ScoreStride];
            scorer.Score(task, 0, task.QueryCount, scores);
            Scored[][]? fast = scorer.Best(task, n, 2, CancellationToken.None);
            for (int q = 0; q < task.QueryCount; q++)
            {
                float[] row = scores[(q * task.ScoreStride)..((q * task.ScoreStride) + itemCount)];
                Scored[] expected = OneByOne(row, task.Masked(q), n);
                Assert.Equal(expected, RankingEvaluator.Rank(row, task.Masked(q), n));
                if (fast is not null) { Assert.Equal(expected, fast[q]); }
            }
        }
    }, iter: 30);

    // What evaluation did before: every score is offered to a heap.
    private static Scored[] OneByOne(float[] scores, ReadOnlySpan<int> masked, int n)
    {
        float[] own = [.. scores];
        foreach (int item in masked) { own[item] = float.NaN; }
        var storage = new Scored[Math.Min(n, own.Length)];
        var top = new TopK(storage);
        for (int i = 0; i < own.Length; i++) { top.Add(i, own[i]); }
        return storage[..top.Finish()];
    }

    [Fact]
    public void Item_neighbours_score_sums_of_cosines() => Log.Sample(log =>
    {
        Dataset train = TwoSided(log);
        (int, int)[] everything = [.. from u in Enumerable.Range(0, 8) from i in Enumerable.Range(0, 20) select (u, i)];
        RankingTask task = RankingTask.PerUser(train, TwoSided(everything));
        float[] scores = new float[task.QueryCount * task.ScoreStride];
        new ItemKnnScorer(train, 20, float.NegativeInfinity, 1, CancellationToken.None).Score(task, 0, task.QueryCount, scores);
        ILookup<int, int> users = log.Distinct().ToLookup(l => l.Item, l => l.User), items = log.Distinct()
            .ToLookup(l => l.User, l => l.Item);
        for (int q = 0; q < task.QueryCount; q++)
        {
            for (int i = 0; i < 20; i++)
            {
                double expected = items[task.User(q)].Where(j => j != i)
                    .Sum(j => users[i].Intersect(users[j]).Count() / Math.Sqrt(Math.Max(1, users[i].Count()) * users[j].Count()));
                Assert.Equal(expected, scores[(q * task.ScoreStride) + i], 1e-4);
            }
        }
    }, iter: 30);

    [Fact]
    public void Cold_slices_keep_only_cold_users_and_cold_items()
    {
        // Item 0 and user 0 are warm (8 interactions each), the rest is cold.
        (int, int)[] train = [.. Enumerable.Range(0, 8).Select(u => (u, 0)), .. Enumerable.Range(1, 8).Select(i => (0, i))];
        (int, int)[] test = [(0, 10), (1, 1), (2, 12)];
        RankingTask task = RankingTask.PerUser(TwoSided(train), TwoSided(test));
        Assert.Equal(3, RankingEvaluator.Evaluate(new PopularityScorer(), task, [5]).QueryCount);
        Assert.Equal(2, RankingEvaluator.Evaluate(new PopularityScorer(), task, [5], RankingSlice.ColdUsers).QueryCount);
        Assert.Equal(3, RankingEvaluator.Evaluate(new PopularityScorer(), task, [5], RankingSlice.ColdItems).QueryCount);
        Assert.Equal(1, RankingEvaluator.Evaluate(new PopularityScorer(), task, [1])["hr@1"] * 3, 1e-9);
    }

    internal static Dataset TwoSided((int User, int Item)[] log, int users = 8, int items = 20)
    {
        SparseRows userRows = Identity(users, 0), itemRows = Identity(items, users);
        FeatureSchema schema = new(
        [
            new Field { Spec = new FieldSpec { Name = "user", Side = FieldSide.User }, Count = users },
            new Field { Spec = new FieldSpec { Name = "item", Side = FieldSide.Item }, Count = items },
        ]);
        return new Dataset(schema, new Interactions
        {
            Users = new NativeBlock<int>(log.Select(l => l.User).ToArray()),
            Items = new NativeBlock<int>(log.Select(l => l.Item).ToArray()),
            Labels = new NativeBlock<float>(Enumerable.Repeat(1f, log.Length).ToArray()),
        }, userRows, itemRows);

        static SparseRows Identity(int count, int offset)
        {
            var builder = new SparseRowsBuilder();
            for (int i = 0; i < count; i++)
            {
                builder.Add(offset + i);
                builder.EndRow();
            }

            return builder.Build();
        }
    }

    private static Dictionary<string, double> Naive(
        RandomScorer scorer, RankingTask task, int query, int n, (int User, int Item)[] train, (int User, int Item)[] test)
    {
        float[] scores = new float[task.ScoreStride];
        scorer.Score(task, query, 1, scores);
        int user = task.User(query);
        HashSet<int> seen = [.. train.Where(t => t.User == user).Select(t => t.Item)];
        HashSet<int> relevant = [.. test.Where(t => t.User == user && !seen.Contains(t.Item)).Select(t => t.Item)];
        int[] list = [.. Enumerable.Range(0, task.ItemCount).Where(i => !seen.Contains(i)).OrderByDescending(i => scores[i]).Take(n)];
        int[] ranks = [.. Enumerable.Range(0, list.Length).Where(r => relevant.Contains(list[r]))];
        int ideal = Math.Min(n, relevant.Count);
        return new()
        {
            ["hr"] = ranks.Length > 0 ? 1 : 0,
            ["recall"] = (double)ranks.Length / relevant.Count,
            ["recall_min"] = (double)ranks.Length / ideal,
            ["precision"] = (double)ranks.Length / n,
            ["ndcg"] = ranks.Sum(r => 1 / Math.Log2(r + 2)) / Enumerable.Range(0, ideal).Sum(r => 1 / Math.Log2(r + 2)),
            ["map"] = ranks.Select((r, i) => (i + 1.0) / (r + 1)).Sum() / ideal,
            ["mrr"] = ranks.Length > 0 ? 1.0 / (ranks[0] + 1) : 0,
        };
    }

    private static RowMatrix Random(int rows, int columns, ulong seed)
    {
        var random = new SeededRandom(seed);
        var matrix = new RowMatrix(rows, columns);
        for (int r = 0; r < rows; r++)
        {
            foreach (ref float v in matrix.Row(r)) { v = (float)random.NextNormal(); }
        }

        return matrix;
    }
}
