using Facto.Numerics;

namespace Facto.Training.Tuning;

/// <summary>One option that a search may change, and the values that it may take.</summary>
/// <param name="Name">
/// "learning-rate", "factors", "init-stdev", "reg-bias", "reg-linear", "reg-factors", "decay", "initial-accumulator", or the name of one of the solver's own
/// options (<see cref="TrainOptions.Extra"/>).
/// </param>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value.</param>
/// <param name="IsLogarithmic">True draws the logarithm uniformly: for rates and penalties.</param>
/// <param name="IsInteger">True rounds to whole numbers.</param>
public sealed record SearchDimension(string Name, double Low, double High, bool IsLogarithmic = false, bool IsInteger = false)
{
    /// <summary>One value.</summary>
    internal double Draw(ref SeededRandom random)
    {
        double u = random.NextDouble();
        double value = IsLogarithmic ? Math.Exp(Math.Log(Low) + (u * (Math.Log(High) - Math.Log(Low)))) : Low + (u * (High - Low));
        // Whole numbers get equal shares: the two at the ends would have half of one by rounding alone.
        if (IsInteger) { value = IsLogarithmic ? Math.Round(value) : Math.Floor(Low + (u * (High - Low + 1))); }
        return Math.Clamp(value, Low, High);
    }

    internal void Validate()
    {
        if (!double.IsFinite(Low) || !double.IsFinite(High) || Low > High)
        {
            throw new FactoException(FormattableString.Invariant($"search dimension {Name} goes from {Low} to {High}; give two numbers, the lower one first"));
        }

        if (IsLogarithmic && Low <= 0) { throw new FactoException(FormattableString.Invariant($"search dimension {Name} is logarithmic and starts at {Low}; it must start above 0")); }
    }
}

/// <summary>What a search may change.</summary>
public sealed class SearchSpace
{
    private static readonly Dictionary<string, Func<TrainOptions, double, TrainOptions>> s_setters = new()
    {
        ["learning-rate"] = (o, v) => o with { LearningRate = (float)v },
        ["factors"] = (o, v) => o with { Factors = (int)v },
        ["init-stdev"] = (o, v) => o with { InitStandardDeviation = (float)v },
        ["reg-bias"] = (o, v) => o with { RegularizationBias = (float)v },
        ["reg-linear"] = (o, v) => o with { RegularizationLinear = (float)v },
        ["reg-factors"] = (o, v) => o with { RegularizationFactors = (float)v },
        ["decay"] = (o, v) => o with { Decay = (float)v },
        ["initial-accumulator"] = (o, v) => o with { InitialAccumulator = (float)v },
    };

    /// <summary>A space of these dimensions.</summary>
    /// <exception cref="FactoException">There is none, a range is empty, or a name occurs twice.</exception>
    public SearchSpace(params IReadOnlyList<SearchDimension> dimensions)
    {
        if (dimensions.Count == 0) { throw new FactoException("the search space is empty; name at least one option and its range"); }
        foreach (SearchDimension dimension in dimensions) { dimension.Validate(); }
        if (dimensions.GroupBy(d => d.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) { throw new FactoException($"search dimension {twice.Key} occurs twice; keep one range"); }
        Dimensions = dimensions;
    }

    /// <summary>The dimensions, in the order of the table's columns.</summary>
    public IReadOnlyList<SearchDimension> Dimensions { get; }

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
        var extra = new Dictionary<string, double>(options.Extra);
        foreach ((string name, double value) in values)
        {
            if (s_setters.TryGetValue(name, out Func<TrainOptions, double, TrainOptions>? set)) { options = set(options, value); }
            else { extra[name] = value; }
        }

        return options with { Extra = extra };
    }
}
