using System.Globalization;
using Facto.Models;

namespace Facto.Training.Options;

/// <summary>
/// The options of a run with every default filled in: what a solver reads, and what <c>model.Settings</c>, the train report and the bundle
/// show.
/// </summary>
public sealed class SolverSettings
{
    private readonly Dictionary<string, double> _values = [];
    private readonly Dictionary<string, string> _origins = [];
    private readonly SolverDescription _description;

    private SolverSettings(SolverDescription description, LearningTask task, ulong seed) =>
        (_description, Task, Seed) = (description, task, seed);

    /// <summary>What a score means.</summary>
    public LearningTask Task { get; }

    /// <summary>The solver's name.</summary>
    public string Solver => _description.Name;

    /// <summary>k.</summary>
    public int Factors => (int)_values["factors"];

    /// <summary>The most epochs that there may be.</summary>
    public int Epochs => (int)_values["epochs"];

    /// <summary>Workers.</summary>
    public int Threads => (int)_values["threads"];

    /// <summary>Start of every random sequence.</summary>
    public ulong Seed { get; }

    /// <summary>
    /// Each option: its name, its value in words, and where it came from ("given", "default", "from the data"), in the order of the
    /// solver's table.
    /// </summary>
    public IReadOnlyList<(string Name, string Value, string Origin)> Values => [.. _description.Options.Select(Describe)];

    /// <summary>The value of an option.</summary>
    /// <param name="name">As on the command line.</param>
    /// <exception cref="FactoException">The solver has no such option.</exception>
    public double this[string name] =>
        _values.TryGetValue(name, out double value) ? value : throw new FactoException($"solver '{Solver}' has no option '{name}'");

    internal int Patience => (int)_values.GetValueOrDefault("patience");

    internal int HistoryFolds => (int)_values.GetValueOrDefault("history-folds");

    internal LearningRateSchedule Schedule => (LearningRateSchedule)_values.GetValueOrDefault("schedule");

    internal string? Loss => _values.TryGetValue("loss", out double place) && !double.IsNaN(place) ? Losses.All[(int)place].Name : null;

    internal ModelFamily Family => (ModelFamily)_values.GetValueOrDefault("family");

    internal float Decay => (float)_values.GetValueOrDefault("decay");

    // Null where nothing is given and the solver looks at the data for a default.
    internal float? LearningRate => Find("learning-rate");

    internal float? InitStandardDeviation => Find("init-stdev");

    internal float? RegularizationBias => Find("reg-bias");

    internal float? RegularizationLinear => Find("reg-linear");

    internal float? RegularizationFactors => Find("reg-factors");

    internal float? InitialAccumulator => Find("initial-accumulator");

    /// <summary>False when the task was neither given nor taken from data: it may become another one.</summary>
    internal bool IsTaskCertain { get; private init; } = true;

    /// <summary>The options as they are to be: refused where something would not be read, defaults where nothing is given.</summary>
    /// <param name="options">As given.</param>
    /// <param name="data">Training examples, for the task when none is given.</param>
    /// <exception cref="FactoException">A value is out of range, or the solver would not read an option.</exception>
    internal static SolverSettings Of(TrainOptions options, Dataset? data = null) => Of(options, data, strict: true);

    /// <summary>The same for options that were accepted once: what the solver does not read is passed over.</summary>
    internal static SolverSettings OfSaved(TrainOptions options, LearningTask task) =>
        Of(options with { Task = options.Task ?? task }, null, strict: false);

    /// <summary>The value that was given or follows from others; null where the solver looks at the data.</summary>
    internal float? Find(string name) => _values.TryGetValue(name, out double value) && !double.IsNaN(value) ? (float)value : null;

    internal bool Has(string name) => _values.ContainsKey(name);

    /// <summary>True when the option was given, be it at its default.</summary>
    internal bool IsGiven(string name) => _origins.GetValueOrDefault(name) == "given";

    /// <summary>The same with the defaults that the solver took from the data.</summary>
    internal SolverSettings WithData(IReadOnlyDictionary<string, double> chosen)
    {
        var settings = new SolverSettings(_description, Task, Seed);
        foreach ((string name, double value) in _values) { (settings._values[name], settings._origins[name]) = (value, _origins[name]); }
        foreach ((string name, double value) in chosen)
        {
            if (_origins.GetValueOrDefault(name) == "from the data") { settings._values[name] = value; }
        }

        return settings;
    }

    /// <summary>
    /// The first option in which two runs differ, as "name there, name here"; null when they are the same run. How long and on how many
    /// threads may differ.
    /// </summary>
    internal (string Name, string There, string Here)? DifferenceTo(SolverSettings here)
    {
        if (Solver != here.Solver) { return ("solver", Solver, here.Solver); }
        if (Task != here.Task) { return ("task", Task.ToString(), here.Task.ToString()); }
        foreach (SolverOption option in _description.Options)
        {
            if (option.Name is "epochs" or "patience" or "threads") { continue; }
            ((_, string there, _), (_, string now, _)) = (Describe(option), here.Describe(option));
            if (there != now) { return (option.Name, there, now); }
        }

        return null;
    }

    private static SolverSettings Of(TrainOptions options, Dataset? data, bool strict)
    {
        LearningTask task = options.Task ?? TaskRule.Of(data, options.Solver);
        SolverDescription description = Solvers.Find(options.Solver ?? Solvers.DefaultFor(task, data));
        if (strict) { OptionRules.RefuseUnknown(options, description); }
        var settings =
            new SolverSettings(description, task, options.Seed ?? 1) { IsTaskCertain = options.Task is not null || data is not null };
        foreach (SolverOption option in description.Options)
        {
            double? given = option.Get(options);
            if (given is { } value && strict && option.Name != "seed") { option.Check(value); }
            double? standard = given is null ? option.Rule(settings) : null;
            settings._values[option.Name] = given ?? standard ?? double.NaN;
            settings._origins[option.Name] = given is not null ? "given" : standard is not null ? "default" : "from the data";
        }

        if (strict) { OptionRules.RefuseUnread(settings); }
        return settings;
    }

    private (string Name, string Value, string Origin) Describe(SolverOption option)
    {
        double value = _values[option.Name];
        string text = option.Name == "seed"
            ? Seed.ToString(CultureInfo.InvariantCulture)
            : double.IsNaN(value) ? "from the data" : option.Write(value);
        return (option.Name, text, _origins[option.Name]);
    }

    internal IEnumerable<(SolverOption Option, double Value)> GivenValues =>
        _description.Options.Where(o => _origins[o.Name] == "given").Select(o => (o, _values[o.Name]));
}
