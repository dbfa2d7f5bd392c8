using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training.WholeCatalogue;

/// <summary>The registry's line for the solver of this folder.</summary>
internal static class CatalogueSolvers
{
    public static SolverDescription Icd { get; } = SolverDescription.Of(
        "icd",
        "whole-catalogue squared loss for ranking: block coordinate descent over all pairs (iALS, iALS++, iCD); the default for rankings",
        [LearningTask.Ranking],
        OptionTable.WholeCatalogue,
        job => new IcdSolver(job));
}
