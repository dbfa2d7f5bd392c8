using Facto.Models;

namespace Facto.Training.Bayesian;

/// <summary>The registry's lines for the solvers of this folder.</summary>
internal static class BayesianSolvers
{
    public static SolverDescription Als { get; } = new(
        "als", "alternating least squares by whole vectors: no step size, regularisation per field", [LearningTask.Regression], job => new AlsSolver(job));

    public static SolverDescription Gibbs { get; } = new(
        "gibbs", "Bayesian FM by Gibbs sampling: nothing to tune, best ratings, intervals", [LearningTask.Regression, LearningTask.Binary, LearningTask.Ordinal], job => new GibbsSolver(job));
}
