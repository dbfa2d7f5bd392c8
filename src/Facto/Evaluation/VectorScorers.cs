using Facto.Models;
using Facto.Numerics;

namespace Facto.Evaluation;

/// <summary>Makes a scorer of a model: every query's user vector (with its context) against every item's vector.</summary>
internal static class VectorScorers
{
    /// <summary>Projects both sides of a task.</summary>
    /// <param name="model">The model.</param>
    /// <param name="recipe">How it becomes vectors.</param>
    /// <param name="task">The queries.</param>
    /// <param name="test">The dataset whose user, item and context rows the task speaks of.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    public static InnerProductScorer Create(ISeparableModel model, VectorRecipe recipe, RankingTask task, Dataset test, int threads)
    {
        var queries = new RowMatrix(task.QueryCount, model.VectorDimension);
        Parallel.For(0, task.QueryCount, new ParallelOptions { MaxDegreeOfParallelism = threads }, q =>
        {
            int context = task.Context(q);
            VectorExporter.ProjectUser(
                model, recipe, test.Users![task.User(q)], context < 0 ? default : test.Contexts![context], queries.Row(q));
        });
        return new InnerProductScorer(queries, VectorExporter.Items(model, test, recipe, threads).Vectors);
    }
}
