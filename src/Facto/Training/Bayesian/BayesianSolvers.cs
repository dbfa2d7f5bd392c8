using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training.Bayesian;

/// <summary>The registry's lines for the solvers of this folder.</summary>
internal static class BayesianSolvers
{
    public static SolverDescription Als { get; } = SolverDescription.Of(
        "als",
        "alternating least squares by whole vectors: no step size, regularisation per field",
        [LearningTask.Regression],
        OptionTable.Als,
        job => new AlsSolver(job));

    public static SolverDescription Gibbs { get; } = SolverDescription.Of(
        "gibbs",
        "Bayesian FM by Gibbs sampling: nothing to tune, best ratings, intervals",
        [LearningTask.Regression, LearningTask.Binary, LearningTask.Ordinal],
        OptionTable.Gibbs,
        job => new GibbsSolver(job));
}
