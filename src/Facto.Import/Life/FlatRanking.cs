using Facto.Evaluation;
using Facto.Models;

namespace Facto.Import.Life;

/// <summary>
/// How a model learnt from flat files ranks the whole catalogue for the users of a split, what they have in training left out.
/// </summary>
internal static class FlatRanking
{
    internal static readonly int[] Cutoffs = [10, 20];

    /// <summary>Ranking metrics of the model and of popularity.</summary>
    /// <param name="model">The model; its full score ranks.</param>
    /// <param name="train">What was learnt from; its positives are masked.</param>
    /// <param name="part">Held-out pairs over the same users and items.</param>
    /// <param name="threads">Workers.</param>
    /// <param name="cancellation">Stops between blocks of users.</param>
    /// <exception cref="FactoException">The data have no sides, or no user of the part has a new item.</exception>
    public static Dictionary<string, RankingReport> Measure(
        ISeparableModel model, Dataset train, Dataset part, int threads, CancellationToken cancellation)
    {
        var task = RankingTask.PerUser(train, part, model.Task.PositiveFrom());
        if (task.QueryCount == 0)
        {
            throw new FactoException("no user of the split to judge has a positive item that is not in training: its ranking cannot be "
                + "judged");
        }

        return new Dictionary<string, RankingReport>
        {
            ["model"] = RankingEvaluator.Evaluate(
                VectorScorers.Create(model, VectorRecipe.Match, task, part, threads), task, Cutoffs, threads: threads,
                cancellation: cancellation),
            ["popularity"] = RankingEvaluator.Evaluate(new PopularityScorer(), task, Cutoffs, threads: threads, cancellation: cancellation),
        };
    }
}
