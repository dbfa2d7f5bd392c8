using System.Text.Json.Serialization;
using Facto.Models;

namespace Facto.Training;

/// <summary>How the step size changes over the run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LearningRateSchedule>))]
public enum LearningRateSchedule
{
    /// <summary>η.</summary>
    Constant,

    /// <summary>η / (1 + decay·t), t in passes.</summary>
    InverseTime,

    /// <summary>η·½(1 + cos(π t / epochs)): near η for the first third, near 0 at the end.</summary>
    Cosine,
}

/// <summary>How to learn. Immutable; change with <c>with</c>. A null value means the solver's own default for the task.</summary>
public sealed record TrainOptions
{
    /// <summary>What a score shall mean.</summary>
    public LearningTask Task { get; init; } = LearningTask.Regression;

    /// <summary>A name from <see cref="Solvers.All"/>.</summary>
    public string Solver { get; init; } = "adagrad";

    /// <summary>Which features meet how; every member retrieves exactly. Other members than the FM are learnt by adagrad, sgd and adam.</summary>
    public ModelFamily Family { get; init; }

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

    /// <summary>How the step size changes; SGD family only.</summary>
    public LearningRateSchedule Schedule { get; init; }

    /// <summary>Of <see cref="LearningRateSchedule.InverseTime"/>, per pass, ≥ 0.</summary>
    public float Decay { get; init; } = 0.1f;

    /// <summary>Standard deviation of the initial factors, ≥ 0.</summary>
    public float? InitStandardDeviation { get; init; }

    /// <summary>L2 on w₀, ≥ 0.</summary>
    public float? RegularizationBias { get; init; }

    /// <summary>L2 on w, ≥ 0; a field may override it.</summary>
    public float? RegularizationLinear { get; init; }

    /// <summary>L2 on V, ≥ 0; a field may override it.</summary>
    public float? RegularizationFactors { get; init; }

    /// <summary>AdaGrad: what every sum of squared gradients starts with, &gt; 0; the larger, the gentler the first steps.</summary>
    public float? InitialAccumulator { get; init; }

    /// <summary>Stop after so many passes without a better validation metric and return the best pass; 0 runs all passes and returns the last.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>gibbs: sweeps before the first that counts, ≥ 0 and below <see cref="Epochs"/>; 10 when null.</summary>
    public int? BurnIn { get; init; }

    /// <summary>gibbs: draws that the model keeps, 1 to 1024, evenly spread over the sweeps after the burn-in; 16 when null.</summary>
    public int? Samples { get; init; }

    /// <summary>
    /// Into how many folds each user's bag of items is dealt when learning from positives (tasks ranking and binary), so that an example never sees its own item in
    /// the bag: 2 to 100; 0 leaves the bags whole, which lets the answer into the question.
    /// </summary>
    public int HistoryFolds { get; init; } = 5;

    /// <summary>Options of particular solvers, by name; a solver refuses names that it does not know.</summary>
    public IReadOnlyDictionary<string, double> Extra { get; init; } = new Dictionary<string, double>();

    /// <summary>Checks every value.</summary>
    /// <exception cref="FactoException">One is out of range; the sentence names it, its value and what is allowed.</exception>
    public void Validate()
    {
        Require(Factors is >= 0 and <= 1 << 16, "factors", Factors, "0 to 65536");
        Require(Epochs >= 1, "epochs", Epochs, "at least 1");
        Require(Threads is >= 1 and <= 1024, "threads", Threads, "1 to 1024");
        Require(Patience >= 0, "patience", Patience, "at least 0 (0 = never stop early)");
        Require(HistoryFolds is 0 or (>= 2 and <= 100), "history-folds", HistoryFolds, "2 to 100, or 0 to leave the bags whole");
        Require(BurnIn is null or >= 0, "burn-in", BurnIn, "at least 0");
        Require(Samples is null or (>= 1 and <= 1024), "samples", Samples, "1 to 1024");
        Require(LearningRate is null or (> 0 and < float.PositiveInfinity), "learning-rate", LearningRate, "above 0");
        Require(Decay is >= 0 and < float.PositiveInfinity, "decay", Decay, "at least 0");
        Require(InitialAccumulator is null or (> 0 and < float.PositiveInfinity), "initial-accumulator", InitialAccumulator, "above 0");
        RequireNotNegative(InitStandardDeviation, "init-stdev");
        RequireNotNegative(RegularizationBias, "reg-bias");
        RequireNotNegative(RegularizationLinear, "reg-linear");
        RequireNotNegative(RegularizationFactors, "reg-factors");
    }

    private static void RequireNotNegative(float? value, string name) =>
        Require(value is null or (>= 0 and < float.PositiveInfinity), name, value, "at least 0");

    private static void Require(bool holds, string name, object? value, string allowed)
    {
        if (!holds) { throw new FactoException(FormattableString.Invariant($"option {name} is {value}; it must be {allowed}")); }
    }
}
