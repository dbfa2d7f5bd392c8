using System.Globalization;
using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Training.Tuning;

/// <summary>One option that a search may change, and the values that it may take.</summary>
/// <param name="Name">
/// The name of an option that the solver reads (<see cref="SolverDescription.Options"/>).
/// </param>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value.</param>
/// <param name="IsLogarithmic">True draws the logarithm uniformly: for rates and penalties.</param>
/// <param name="IsInteger">True rounds to whole numbers.</param>
internal sealed record SearchDimension(string Name, double Low, double High, bool IsLogarithmic = false, bool IsInteger = false)
{
    /// <summary>Where the option stands in a project's training section: "learningRate", "extra.temperature".</summary>
    public string Setting => HyperParameters.SettingOf(Name);

    /// <summary>A range as people write it: "0.001..0.3 log", "8..64 log int", "0..1".</summary>
    /// <param name="name">The option.</param>
    /// <param name="range">Two numbers around "..", then "log" (draw the logarithm uniformly) and "int" (whole numbers), in any order, or
    /// neither.</param>
    /// <exception cref="FactoException">The text is no such range.</exception>
    public static SearchDimension Parse(string name, string range)
    {
        string[] words = range.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        string[] ends = words.Length > 0 ? words[0].Split("..") : [];
        bool known = words.Skip(1).All(w => w is "log" or "int");
        if (ends.Length != 2 || !known || !Number(ends[0], out double low) || !Number(ends[1], out double high))
        {
            throw new FactoException(
                $"the range '{range}' of {name} is not of the form LOW..HIGH, followed by log and int as needed: 0.001..0.3 log");
        }

        var dimension = new SearchDimension(
            HyperParameters.NameOf(name), low, high, words.Contains("log"), words.Contains("int") || HyperParameters.IsWhole(name));
        dimension.Validate();
        return dimension;
    }

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>One value, of four significant digits: what a person would write into a configuration.</summary>
    internal double Draw(ref SeededRandom random)
    {
        double u = random.NextDouble();
        double value = IsLogarithmic ? Math.Exp(Math.Log(Low) + (u * (Math.Log(High) - Math.Log(Low)))) : Low + (u * (High - Low));
        // Whole numbers get equal shares: the two at the ends would have half of one by rounding alone.
        if (IsInteger) { value = IsLogarithmic ? Math.Round(value) : Math.Floor(Low + (u * (High - Low + 1))); }
        else { value = Rounded(value); }
        return Math.Clamp(value, Low, High);
    }

    private static double Rounded(double value) =>
        double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    internal void Validate()
    {
        if (!double.IsFinite(Low) || !double.IsFinite(High) || Low > High)
        {
            throw new FactoException(
                FormattableString.Invariant($"search dimension {Name} goes from {Low} to {High}; give two numbers, the lower one first"));
        }

        if (IsLogarithmic && Low <= 0)
        {
            throw new FactoException(
                FormattableString.Invariant($"search dimension {Name} is logarithmic and starts at {Low}; it must start above 0"));
        }
    }
}

/// <summary>What a search may change.</summary>
internal sealed class SearchSpace
{
    /// <summary>A space of these dimensions.</summary>
    /// <exception cref="FactoException">There is none, a range is empty, or a name occurs twice.</exception>
    public SearchSpace(params IReadOnlyList<SearchDimension> dimensions)
    {
        if (dimensions.Count == 0) { throw new FactoException("the search space is empty; name at least one option and its range"); }
        foreach (SearchDimension dimension in dimensions) { dimension.Validate(); }
        if (dimensions.GroupBy(d => d.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new FactoException($"search dimension {twice.Key} occurs twice; keep one range");
        }
        Dimensions = dimensions;
    }

    /// <summary>The dimensions, in the order of the table's columns.</summary>
    public IReadOnlyList<SearchDimension> Dimensions { get; }

    /// <summary>The options of a solver that matter most, in ranges around its defaults: where to look when nobody says.</summary>
    /// <param name="options">The solver and its task.</param>
    public static SearchSpace Default(TrainOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SearchSpace(
            [.. HyperParameters.DefaultRanges(Solvers.Find(SolverSettings.Of(options).Solver))
                .Select(r => SearchDimension.Parse(r.Name, r.Range))]);
    }

    /// <summary>The values of a trial; they depend on the seed and the trial's number alone.</summary>
    internal Dictionary<string, double> Draw(ulong seed, int trial)
    {
        var random = new SeededRandom(seed, (ulong)trial);
        var values = new Dictionary<string, double>();
        foreach (SearchDimension dimension in Dimensions) { values[dimension.Name] = dimension.Draw(ref random); }
        return values;
    }

    /// <summary>The options with a trial's values in them.</summary>
    internal static TrainOptions Apply(TrainOptions options, IReadOnlyDictionary<string, double> values)
    {
        foreach ((string name, double value) in values) { options = HyperParameters.Set(options, name, value); }
        return options;
    }
}
