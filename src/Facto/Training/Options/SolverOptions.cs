using Facto.Models;

namespace Facto.Training.Options;

/// <summary>
/// How to learn: one class per solver, each with the options that its solver reads and no others. Immutable; what is null follows the
/// solver's default rule, and <c>model.Settings</c> shows what it came to. Ranges are checked when training begins.
/// </summary>
public abstract class SolverOptions
{
    private readonly Dictionary<string, double> _values = [];
    private readonly ulong? _seed;

    private protected SolverOptions(string solver) => Solver = solver;

    /// <summary>The solver's name.</summary>
    public string Solver { get; }

    /// <summary>What a score shall mean; null takes it from the labels and from what the solver can learn.</summary>
    public LearningTask? Task { get; init; }

    /// <summary>k, factors per feature; 0 learns linear or logistic regression, which ranking solvers refuse. Range: 0 to 65536.</summary>
    public int? Factors
    {
        get => Whole("factors");
        init => Set("factors", value);
    }

    /// <summary>
    /// Epochs over the training examples (sweeps of a sampler); with validation the most there may be. Range: at least 1.
    /// </summary>
    public int? Epochs
    {
        get => Whole("epochs");
        init => Set("epochs", value);
    }

    /// <summary>Workers; one worker and one seed give the same bytes every time. Range: 1 to 1024.</summary>
    public int? Threads
    {
        get => Whole("threads");
        init => Set("threads", value);
    }

    /// <summary>Start of every random sequence. Range: 0 to 18446744073709551615.</summary>
    public ulong? Seed
    {
        get => _seed;
        init
        {
            _seed = value;
            Set("seed", value);
        }
    }

    /// <summary>Standard deviation of the first factors. Range: at least 0.</summary>
    public float? InitStandardDeviation
    {
        get => Number("init-stdev");
        init => Set("init-stdev", value);
    }

    /// <summary>What was given, by the options' names.</summary>
    internal IReadOnlyDictionary<string, double> Values => _values;

    /// <summary>The form that facto.json, the command line, the search and checkpoints share.</summary>
    /// <exception cref="FactoException">The solver is not registered, or has no option of a given name.</exception>
    internal TrainOptions ToTrainOptions()
    {
        SolverDescription solver = Solvers.Find(Solver);
        var options = new TrainOptions { Solver = Solver, Task = Task };
        foreach ((string name, double value) in _values)
        {
            SolverOption option = solver.Option(name)
                ?? throw new FactoException($"solver '{Solver}' has no option '{name}'; it has {solver.OptionNames}");
            option.Check(value);
            options = option.Put(options, value);
        }

        return options with { Seed = _seed };
    }

    private protected int? Whole(string name) => (int?)Real(name);

    private protected float? Number(string name) => (float?)Real(name);

    private protected bool? Flag(string name) => Real(name) is { } value ? value == 1 : null;

    private protected double? Real(string name) => _values.TryGetValue(name, out double value) ? value : null;

    private protected void Set(string name, double? value)
    {
        if (value is { } given) { _values[name] = given; }
        else { _values.Remove(name); }
    }

    private protected void Set(string name, bool? value) => Set(name, value is { } given ? given ? 1 : 0 : (double?)null);
}

/// <summary>
/// Options of a solver that was registered from outside the library: <c>new RegisteredSolverOptions("mean") { ["strength"] = 3 }</c>.
/// </summary>
public sealed class RegisteredSolverOptions : SolverOptions
{
    /// <summary>Options of the solver called <paramref name="solver"/>, all at their defaults.</summary>
    public RegisteredSolverOptions(string solver)
        : base(solver)
    {
    }

    /// <summary>An option by its name on the command line.</summary>
    /// <param name="name">As in the solver's description.</param>
    public double? this[string name]
    {
        get => Real(name);
        init => Set(name, value);
    }
}
