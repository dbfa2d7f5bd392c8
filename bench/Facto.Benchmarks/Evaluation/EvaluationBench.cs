using System.Diagnostics;
using System.Globalization;
using Facto.Data;
using Facto.Evaluation;
using Facto.Numerics;

namespace Facto.Benchmarks.Evaluation;

/// <summary>
/// facto-bench evaluation [ITEMS USERS FACTORS THREADS]: a full-catalogue evaluation, beside the heap over every score that it replaces, in
/// one run.
/// </summary>
internal static class EvaluationBench
{
    private const int Cutoff = 20, BlockSize = 32, PerUser = 20;

    public static int Run(string[] arguments)
    {
        int[] given = [.. arguments.Select(a => int.Parse(a, CultureInfo.InvariantCulture))];
        (int items, int users, int factors, int threads) = given.Length == 4
            ? (given[0], given[1], given[2], given[3])
            : (200_000, 4_000, 64, 2);
        var random = new SeededRandom(1);
        RankingTask task = RankingTask.PerUser(Log(users, items, ref random), Log(users, items, ref random));
        RowMatrix queries = Vectors(task.QueryCount, factors + 1, ref random), catalogue = Vectors(items, factors + 1, ref random);
        var scorer = new InnerProductScorer(queries, catalogue);
        Console.WriteLine($"{items} items × {task.QueryCount} users × {factors + 1} coordinates, {threads} threads, best of 3");
        Scored[][] before = [], after = [];
        double heap = Best(() => before = Heap(scorer, task, threads));
        double product = Best(() => Products(scorer, task, threads));
        double fast = Best(() => after = scorer.Best(task, Cutoff, threads, CancellationToken.None));
        double whole = Best(() => RankingEvaluator.Evaluate(scorer, task, [Cutoff], threads: threads));
        double popular = Best(() => new PopularityScorer().Best(task, Cutoff, threads, CancellationToken.None));
        bool same = before.Zip(after).All(p => p.First.AsSpan().SequenceEqual(p.Second));
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"heap over all scores {heap:F2} s (its products alone {product:F2} s)"));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"panels and thresholds {fast:F2} s, {heap / fast:F1}×, lists {(same ? "identical" : "DIFFERENT")}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"with its metrics {whole:F2} s; popularity {popular:F2} s"));
        return same ? 0 : 1;
    }

    // What evaluation did before: products of a block of users with the whole catalogue, then every score offered to a heap.
    private static Scored[][] Heap(InnerProductScorer scorer, RankingTask task, int threads) =>
        Blocks(scorer, task, threads, (scores, masked) =>
    {
        foreach (int item in masked) { scores[item] = float.NaN; }
        var storage = new Scored[Cutoff];
        var top = new TopK(storage);
        for (int i = 0; i < scores.Length; i++) { top.Add(i, scores[i]); }
        return storage[..top.Finish()];
    });

    private static void Products(InnerProductScorer scorer, RankingTask task, int threads) => Blocks(scorer, task, threads, (_, _) => []);

    private delegate Scored[] Choice(Span<float> scores, ReadOnlySpan<int> masked);

    private static Scored[][] Blocks(InnerProductScorer scorer, RankingTask task, int threads, Choice choose)
    {
        var lists = new Scored[task.QueryCount][];
        int blocks = (task.QueryCount + BlockSize - 1) / BlockSize;
        Parallel.For(
            0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, () =>
            new float[BlockSize * task.ScoreStride], (block, _, scores) =>
        {
            int first = block * BlockSize, count = Math.Min(BlockSize, task.QueryCount - first);
            scorer.Score(task, first, count, scores.AsSpan(0, count * task.ScoreStride));
            for (int q = 0; q < count; q++)
            {
                lists[first + q] = choose(scores.AsSpan(q * task.ScoreStride, task.ItemCount), task.Masked(first + q));
            }
            return scores;
        }, _ => { });
        return lists;
    }

    private static double Best(Action work)
    {
        double best = double.MaxValue;
        for (int run = 0; run < 3; run++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static RowMatrix Vectors(int rows, int columns, ref SeededRandom random)
    {
        var matrix = new RowMatrix(rows, columns);
        for (int r = 0; r < rows; r++)
        {
            foreach (ref float value in matrix.Row(r)) { value = random.NextFloat() - 0.5f; }
        }

        return matrix;
    }

    private static Dataset Log(int users, int items, ref SeededRandom random)
    {
        var log = new (int User, int Item)[users * PerUser];
        for (int i = 0; i < log.Length; i++) { log[i] = (i / PerUser, random.NextInt(items)); }
        var everybody = new SparseRows(users, null, new NativeBlock<int>(0L), null);
        var catalogue = new SparseRows(items, null, new NativeBlock<int>(0L), null);
        var labels = new NativeBlock<float>((long)log.Length);
        labels.Span.Fill(1);
        var interactions = new Interactions
        {
            Users = new NativeBlock<int>([.. log.Select(l => l.User)]),
            Items = new NativeBlock<int>([.. log.Select(l => l.Item)]),
            Labels = labels,
        };
        return new Dataset(new FeatureSchema([]), interactions, everybody, catalogue);
    }
}
