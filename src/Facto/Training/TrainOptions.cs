using System.Text.Json.Serialization;
using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training;

/// <summary>How the step size changes over the run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LearningRateSchedule>))]
public enum LearningRateSchedule
{
    /// <summary>η.</summary>
    Constant,

    /// <summary>η / (1 + decay·t), t in epochs.</summary>
    InverseTime,

    /// <summary>η·½(1 + cos(π t / epochs)): near η for the first third, near 0 at the end.</summary>
    Cosine,
}

/// <summary>
/// The options of any solver in the one form that facto.json, the command line, the search and checkpoints share. Immutable; change with
/// <c>with</c>. A member that is null was not given. What each one means, its range and its default stand in <see cref="OptionTable"/>;
/// <see cref="SolverSettings"/> fills them in.
/// </summary>
internal sealed record TrainOptions
{
    /// <summary>What a score shall mean; null takes it from the labels and the solver.</summary>
    public LearningTask? Task { get; init; }

    /// <summary>A name from <see cref="Solvers.All"/>; null takes the task's.</summary>
    public string? Solver { get; init; }

    /// <summary>loss.</summary>
    public string? Loss { get; init; }

    /// <summary>family.</summary>
    public ModelFamily? Family { get; init; }

    /// <summary>factors.</summary>
    public int? Factors { get; init; }

    /// <summary>epochs.</summary>
    public int? Epochs { get; init; }

    /// <summary>threads.</summary>
    public int? Threads { get; init; }

    /// <summary>seed.</summary>
    public ulong? Seed { get; init; }

    /// <summary>learning-rate.</summary>
    public float? LearningRate { get; init; }

    /// <summary>schedule.</summary>
    public LearningRateSchedule? Schedule { get; init; }

    /// <summary>decay.</summary>
    public float? Decay { get; init; }

    /// <summary>init-stdev.</summary>
    public float? InitStandardDeviation { get; init; }

    /// <summary>reg-bias.</summary>
    public float? RegularizationBias { get; init; }

    /// <summary>reg-linear.</summary>
    public float? RegularizationLinear { get; init; }

    /// <summary>reg-factors.</summary>
    public float? RegularizationFactors { get; init; }

    /// <summary>initial-accumulator.</summary>
    public float? InitialAccumulator { get; init; }

    /// <summary>patience.</summary>
    public int? Patience { get; init; }

    /// <summary>burn-in.</summary>
    public int? BurnIn { get; init; }

    /// <summary>samples.</summary>
    public int? Samples { get; init; }

    /// <summary>history-folds.</summary>
    public int? HistoryFolds { get; init; }

    /// <summary>Options of particular solvers, by name.</summary>
    public IReadOnlyDictionary<string, double> Extra { get; init; } = new Dictionary<string, double>();

    /// <summary>Checks what can be checked without the data: every value's range, and that the solver would read it.</summary>
    /// <exception cref="FactoException">The sentence names the option, its value and what is allowed, or the solvers that read
    /// it.</exception>
    public void Validate() => SolverSettings.Of(this);
}
