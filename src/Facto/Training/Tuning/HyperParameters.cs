using Facto.Training.Options;

namespace Facto.Training.Tuning;

/// <summary>
/// The options that a search can change: every number of the solvers' tables, by its name on the command line or in facto.json.
/// </summary>
internal static class HyperParameters
{
    private const string Extra = "extra.";

    /// <summary>The name on the command line; a setting of facto.json is understood too.</summary>
    public static string NameOf(string name) => Find(name)?.Name
        ?? (name.StartsWith(Extra, StringComparison.Ordinal) ? name[Extra.Length..] : name);

    public static string SettingOf(string name) => Find(name)?.Setting ?? Extra + name;

    public static bool IsWhole(string name) => Find(name) is { IsWhole: true };

    /// <summary>The options with one value changed; a name that no table has is left to the solver to refuse.</summary>
    public static TrainOptions Set(TrainOptions options, string name, double value) =>
        Find(name) is { } option ? option.Put(options, value) : new SolverOption(name).Put(options, value);

    /// <summary>Where to look when nobody says: ranges around the defaults of a solver.</summary>
    public static IReadOnlyList<(string Name, string Range)> DefaultRanges(SolverDescription solver) =>
        [.. solver.Options.Where(o => o.Search is not null).Select(o => (o.Name, o.Search!))];

    private static SolverOption? Find(string name) => Solvers.AllOptions.FirstOrDefault(o => o.Name == name || o.Setting == name);
}
