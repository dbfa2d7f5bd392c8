using Facto.Models;

namespace Facto.Training;

/// <summary>How to learn. Immutable; change with <c>with</c>. A null value means the solver's own default for the task.</summary>
public sealed record TrainOptions
{
    /// <summary>What a score shall mean.</summary>
    public LearningTask Task { get; init; } = LearningTask.Regression;

    /// <summary>A name from <see cref="Solvers.All"/>.</summary>
    public string Solver { get; init; } = "adagrad";

    /// <summary>k ≥ 0; 0 learns linear or logistic regression.</summary>
    public int Factors { get; init; } = 16;

    /// <summary>Passes over the training examples (sweeps of a sampler), ≥ 1; with early stopping the most there may be.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Workers, ≥ 1. One worker and one seed give the same bytes every time.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Start of every random sequence.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Step size at the first pass, &gt; 0.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Standard deviation of the initial factors, ≥ 0.</summary>
    public float? InitStandardDeviation { get; init; }

    /// <summary>L2 on w₀, ≥ 0.</summary>
    public float? RegularizationBias { get; init; }

    /// <summary>L2 on w, ≥ 0; a field may override it.</summary>
    public float? RegularizationLinear { get; init; }

    /// <summary>L2 on V, ≥ 0; a field may override it.</summary>
    public float? RegularizationFactors { get; init; }

    /// <summary>Stop after so many passes without a better validation metric and return the best pass; 0 runs all passes.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>Options of particular solvers, by name; a solver refuses names that it does not know.</summary>
    public IReadOnlyDictionary<string, double> Extra { get; init; } = new Dictionary<string, double>();
}
