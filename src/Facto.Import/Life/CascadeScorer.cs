using Facto.Evaluation;
using Facto.Serving;

namespace Facto.Import.Life;

/// <summary>
/// A cascade as one scorer of the whole catalogue, so that it is judged like any other: an item's score is its place when the stages have
/// had their say. What a stage drops comes after all that it lets through, in the order of that stage.
/// </summary>
internal sealed class CascadeScorer : ICatalogueScorer
{
    private readonly IReadOnlyList<(ICatalogueScorer Scorer, int Count)> _stages;

    public CascadeScorer(IReadOnlyList<BundleStage> stages, RankingTask task, Dataset test, int threads) =>
        _stages = [.. stages.Select(s => ((ICatalogueScorer)VectorScorers.Create(s.Model, s.Recipe, task, test, threads), s.Count))];

    public void Score(RankingTask task, int firstQuery, int queryCount, Span<float> scores)
    {
        float[] stageScores = new float[scores.Length];
        int[][] order = new int[queryCount][];
        int[] alive = new int[queryCount];
        for (int s = 0; s < _stages.Count; s++)
        {
            _stages[s].Scorer.Score(task, firstQuery, queryCount, stageScores);
            for (int q = 0; q < queryCount; q++)
            {
                float[] row = stageScores.AsSpan(q * task.ScoreStride, task.ItemCount).ToArray();
                if (s == 0) { (order[q], alive[q]) = Admissible(task, firstQuery + q); }
                Array.Sort(
                    order[q], 0, alive[q], Comparer<int>.Create((a, b) => row[a] != row[b] ? row[b].CompareTo(row[a]) : a.CompareTo(b)));
                if (_stages[s].Count > 0) { alive[q] = Math.Min(alive[q], _stages[s].Count); }
            }
        }

        for (int q = 0; q < queryCount; q++)
        {
            for (int place = 0; place < order[q].Length; place++) { scores[(q * task.ScoreStride) + order[q][place]] = -place; }
        }
    }

    // Items that the query may return first: what the user has takes no place among a stage's candidates.
    private static (int[] Order, int Alive) Admissible(RankingTask task, int query)
    {
        ReadOnlySpan<int> masked = task.Masked(query);
        int[] order = new int[task.ItemCount];
        int first = 0, last = order.Length;
        for (int i = 0; i < order.Length; i++)
        {
            if (masked.BinarySearch(i) < 0) { order[first++] = i; }
            else { order[--last] = i; }
        }

        return (order, first);
    }
}
