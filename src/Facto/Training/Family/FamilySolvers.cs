using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>Makes the solver of a family member; solver and task as for the FM.</summary>
internal static class FamilySolvers
{
    /// <summary>Solvers that learn every member.</summary>
    public static readonly string[] Able = ["adagrad", "sgd", "adam"];

    /// <exception cref="FactoException">The solver learns FMs only.</exception>
    public static void Require(TrainOptions options)
    {
        if (options.Family == ModelFamily.Fm || Able.Contains(options.Solver)) { return; }
        throw new FactoException($"solver '{options.Solver}' learns FMs only; family '{FamilyModelFile.KindOf(options.Family)}' is "
            + $"learnt by {string.Join(", ", Able)}");
    }

    public static ISolver Create<TUpdate>(TrainingJob job)
        where TUpdate : struct, IUpdate => Create<TUpdate>(job, LaneWidth.Best);

    internal static ISolver Create<TUpdate>(TrainingJob job, int lanes)
        where TUpdate : struct, IUpdate
    {
        FamilyOptions family = FamilyOptions.Of(job.Options);
        return job.Options.Task == LearningTask.Binary
            ? new FamilySolver<LogisticLoss, TUpdate>(job, family, lanes)
            : new FamilySolver<SquaredLoss, TUpdate>(job, family, lanes);
    }
}
