using System.Numerics;
using Facto.Numerics;

namespace Facto.Evaluation;

/// <summary>How far an evaluation has come.</summary>
/// <param name="Done">Queries ranked.</param>
/// <param name="Total">Queries in all.</param>
internal readonly record struct EvaluationProgress(int Done, int Total);

/// <summary>
/// Ranks the whole catalogue for every query and averages. Queries are scored in blocks (one matrix product each) on all workers; the
/// result does not depend on the number of workers.
/// </summary>
internal static class RankingEvaluator
{
    private const int BlockSize = 32;

    /// <summary>Evaluates one recommender.</summary>
    /// <param name="scorer">What scores the items.</param>
    /// <param name="task">Queries, relevant and masked items.</param>
    /// <param name="cutoffs">List lengths n, each ≥ 1; the metrics come as "recall@n" and so on.</param>
    /// <param name="slice">Which queries and relevant items count.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    /// <param name="progress">Told after every block.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    public static RankingReport Evaluate(
        ICatalogueScorer scorer, RankingTask task, IReadOnlyList<int> cutoffs, RankingSlice? slice = null, int threads = 1,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        Scored[][] lists = scorer.Best(task, cutoffs.Max(), threads, cancellation)
            ?? ByBlocks(scorer, task, cutoffs.Max(), threads, progress, cancellation);
        progress?.Report(new EvaluationProgress(task.QueryCount, task.QueryCount));
        return Summarise(task, lists, cutoffs, slice ?? RankingSlice.All);
    }

    private static Scored[][] ByBlocks(
        ICatalogueScorer scorer, RankingTask task, int deepest, int threads, IProgress<EvaluationProgress>? progress,
            CancellationToken cancellation)
    {
        int blocks = (task.QueryCount + BlockSize - 1) / BlockSize, done = 0;
        var lists = new Scored[task.QueryCount][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, blocks, options, () => new float[BlockSize * task.ScoreStride], (block, _, scores) =>
        {
            int first = block * BlockSize, count = Math.Min(BlockSize, task.QueryCount - first);
            scorer.Score(task, first, count, scores.AsSpan(0, count * task.ScoreStride));
            for (int q = 0; q < count; q++)
            {
                lists[first + q] = Rank(scores.AsSpan(q * task.ScoreStride, task.ItemCount), task.Masked(first + q), deepest);
            }

            int soFar = Interlocked.Add(ref done, count);
            if (soFar < task.QueryCount) { progress?.Report(new EvaluationProgress(soFar, task.QueryCount)); }
            return scores;
        }, _ => { });
        return lists;
    }

    /// <summary>The best n items, best first; masked ones, and those whose score is NaN, never.</summary>
    // Whole vectors are compared with the worst score that is kept; only where one reaches it are its elements offered.
    internal static Scored[] Rank(Span<float> scores, ReadOnlySpan<int> masked, int n)
    {
        foreach (int item in masked) { scores[item] = float.NaN; }   // NaN never enters a TopK
        var storage = new Scored[Math.Min(n, scores.Length)];
        var top = new TopK(storage);
        int i = 0;
        for (; i + Vector<float>.Count <= scores.Length; i += Vector<float>.Count)
        {
            if (!Vector.GreaterThanOrEqualAny(new Vector<float>(scores[i..]), new Vector<float>(top.Threshold))) { continue; }
            for (int j = i; j < i + Vector<float>.Count; j++) { top.Add(j, scores[j]); }
        }

        for (; i < scores.Length; i++) { top.Add(i, scores[i]); }
        int count = top.Finish();
        return count == storage.Length ? storage : storage[..count];
    }

    private static RankingReport Summarise(RankingTask task, Scored[][] lists, IReadOnlyList<int> cutoffs, RankingSlice slice)
    {
        var queries = new List<(Scored[] List, int[] Relevant)>();
        for (int q = 0; q < lists.Length; q++)
        {
            if (task.UserActivity[task.User(q)] > slice.MaxUserActivity) { continue; }
            int[] relevant = [.. task.Relevant(q).ToArray().Where(i => task.ItemPopularity[i] <= slice.MaxItemPopularity)];
            if (relevant.Length > 0) { queries.Add((lists[q], relevant)); }
        }

        var metrics = new Dictionary<string, MetricValue>();
        foreach (int n in cutoffs)
        {
            foreach (RankingMetric metric in RankingMetric.All)
            {
                double[] values = [.. queries.Select(q => metric.Of(q.List.AsSpan(0, Math.Min(n, q.List.Length)), q.Relevant, n))];
                metrics[$"{metric.Name}@{n}"] = MetricValue.OfMean(values);
            }

            metrics[$"coverage@{n}"] = new(Coverage(queries.Select(q => q.List), n, task.ItemCount), 0);
            metrics[$"novelty@{n}"] = MetricValue.OfMean([.. queries.Select(q => Novelty(q.List, n, task))]);
        }

        return new RankingReport(queries.Count, metrics);
    }

    // Share of the catalogue that appears in somebody's list.
    private static double Coverage(IEnumerable<Scored[]> lists, int n, int itemCount) =>
        itemCount == 0 ? 0 : (double)lists.SelectMany(l => l.Take(n)).Select(s => s.Index).Distinct().Count() / itemCount;

    // Mean self-information −log₂(share of users who have the item) of the list, add-one smoothed (Vargas and Castells 2011).
    private static double Novelty(Scored[] list, int n, RankingTask task)
    {
        int count = Math.Min(n, list.Length);
        double bits = 0;
        for (int i = 0; i < count; i++) { bits -= Math.Log2((task.ItemPopularity[list[i].Index] + 1.0) / (task.UserActivity.Count + 1.0)); }
        return count == 0 ? 0 : bits / count;
    }
}
