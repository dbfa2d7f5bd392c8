using Facto.Models;
using Facto.Training.Bayesian;
using Facto.Training.Ranking;
using Facto.Training.Sgd;
using Facto.Training.WholeCatalogue;

namespace Facto.Training;

/// <summary>A solver that can be asked for by name.</summary>
/// <param name="Name">As in <c>--solver</c>.</param>
/// <param name="Summary">One line for <c>--help</c>.</param>
/// <param name="Tasks">The tasks that it can learn.</param>
/// <param name="Create">Starts a run.</param>
public sealed record SolverDescription(string Name, string Summary, IReadOnlyList<LearningTask> Tasks, Func<TrainingJob, ISolver> Create);

/// <summary>All solvers. To add one: write a file with an <see cref="ISolver"/>, add one line here.</summary>
public static class Solvers
{
    /// <summary>Every solver, in the order in which help lists them.</summary>
    public static IReadOnlyList<SolverDescription> All { get; } =
    [
        SgdSolvers.AdaGrad,
        SgdSolvers.Sgd,
        SgdSolvers.Adam,
        SgdSolvers.Sgda,
        new("icd", "whole-catalogue squared loss for ranking: block coordinate descent over all pairs (iALS, iALS++, iCD)", [LearningTask.Ranking], job => new IcdSolver(job)),
        RankingSolvers.Softmax,
        RankingSolvers.Bilateral,
        RankingSolvers.SoftmaxAtK,
        RankingSolvers.Bpr,
        RankingSolvers.Warp,
        BayesianSolvers.Als,
        BayesianSolvers.Gibbs,
    ];

    /// <summary>The solver called <paramref name="name"/>.</summary>
    /// <exception cref="FactoException">There is none.</exception>
    public static SolverDescription Find(string name) =>
        All.FirstOrDefault(s => s.Name == name)
        ?? throw new FactoException($"solver '{name}' is unknown; choose one of {string.Join(", ", All.Select(s => s.Name))}");
}
