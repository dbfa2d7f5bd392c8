using System.Globalization;

namespace Facto.Training.Options;

/// <summary>
/// One option of a solver, described once: ranges, refusals, the typed options, the search of 'facto tune', facto.json, its schema and
/// every help text come from here.
/// </summary>
public sealed class SolverOption
{
    /// <summary>
    /// An option of a solver from outside the library, a number that is read by <see cref="SolverSettings.this[string]"/>.
    /// </summary>
    /// <param name="name">Lower-case words with hyphens between them.</param>
    /// <param name="low">Smallest value that is allowed.</param>
    /// <param name="high">Largest value that is allowed; +∞ for no limit.</param>
    /// <param name="standard">The value when none is given.</param>
    /// <param name="summary">What it does, in one sentence.</param>
    public SolverOption(string name, double low, double high, double standard, string summary)
        : this(name)
    {
        (Low, High, Summary) = (low, high, summary);
        (Default, Rule) = (Text(standard), _ => standard);
    }

    internal SolverOption(string name)
    {
        RegistryNames.Check("option", name);
        (Name, Setting) = (name, $"extra.{name}");
        Get = options => options.Extra.TryGetValue(name, out double value) ? value : null;
        Put = (options, value) => options with { Extra = new Dictionary<string, double>(options.Extra) { [name] = value } };
    }

    private SolverOption(SolverOption other)
    {
        (Name, Setting, Default, Summary, Source, WhenToChange) =
            (other.Name, other.Setting, other.Default, other.Summary, other.Source, other.WhenToChange);
        (Kind, Low, LowIsOpen, High, Choices) = (other.Kind, other.Low, other.LowIsOpen, other.High, other.Choices);
        (RangeWords, Allows, Rule, Unread) = (other.RangeWords, other.Allows, other.Rule, other.Unread);
        (Search, Get, Put) = (other.Search, other.Get, other.Put);
    }

    /// <summary>Its name on the command line.</summary>
    public string Name { get; }

    /// <summary>Where it stands in the training section of facto.json: "learningRate", "extra.temperature".</summary>
    public string Setting { get; internal init; }

    /// <summary>What is allowed, in words: "above 0", "0 to 2".</summary>
    public string Range => RangeWords ?? (Kind, High) switch
    {
        (OptionKind.Flag, _) => "0 or 1",
        (OptionKind.Choice, _) => string.Join(", ", Choices()),
        (_, double.PositiveInfinity) => LowIsOpen ? $"above {Text(Low)}" : $"at least {Text(Low)}",
        _ => LowIsOpen ? $"above {Text(Low)} and at most {Text(High)}" : $"{Text(Low)} to {Text(High)}",
    };

    /// <summary>The value when none is given, or the rule that it follows.</summary>
    public string Default { get; internal init; } = string.Empty;

    /// <summary>What it does.</summary>
    public string Summary { get; internal init; } = string.Empty;

    /// <summary>Where it comes from: a paper and its equation, or our own experiment.</summary>
    public string Source { get; init; } = string.Empty;

    /// <summary>When to change it, and which way.</summary>
    public string WhenToChange { get; init; } = string.Empty;

    internal OptionKind Kind { get; init; } = OptionKind.Number;

    internal double Low { get; init; }

    internal double High { get; init; } = double.PositiveInfinity;

    internal bool LowIsOpen { get; init; }

    /// <summary>For ranges that two ends cannot say, with <see cref="Allows"/>.</summary>
    internal string? RangeWords { get; init; }

    internal Func<double, bool>? Allows { get; init; }

    /// <summary>Names of the values 0, 1, 2 … of a choice.</summary>
    internal Func<IReadOnlyList<string>> Choices { get; init; } = () => [];

    /// <summary>
    /// The default from what is settled already (options before this one in the table); null leaves it to the solver, which looks at the
    /// data.
    /// </summary>
    internal Func<SolverSettings, double?> Rule { get; init; } = _ => null;

    /// <summary>Null when the option is read whatever the others are; otherwise says what has to hold and is not, or null.</summary>
    internal Func<SolverSettings, string?>? Unread { get; init; }

    /// <summary>Where 'facto tune' looks when nobody says: "0.001..0.3 log"; null leaves the option alone.</summary>
    internal string? Search { get; init; }

    internal Func<TrainOptions, double?> Get { get; init; }

    internal Func<TrainOptions, double, TrainOptions> Put { get; init; }

    internal bool IsWhole => Kind != OptionKind.Number;

    internal bool IsOwn => Setting.StartsWith("extra.", StringComparison.Ordinal);

    /// <summary>Refuses a value out of range.</summary>
    /// <exception cref="FactoException">It is; the sentence names the option, the value and what is allowed.</exception>
    internal void Check(double value)
    {
        bool inside = double.IsFinite(value) && (LowIsOpen ? value > Low : value >= Low) && value <= High;
        if (inside && (!IsWhole || value == Math.Floor(value)) && Allows?.Invoke(value) != false) { return; }
        throw new FactoException(
            $"option {Name} is {Text(value)}; it must be {Range}"
                + (IsWhole && inside && Allows is null ? ", a whole number" : string.Empty));
    }

    /// <summary>The options with this one as a person wrote it.</summary>
    /// <exception cref="FactoException">The text is no value of this option.</exception>
    internal TrainOptions Read(TrainOptions options, string text)
    {
        string word = text.Replace("-", string.Empty, StringComparison.Ordinal);
        int choice = Choices().ToList().FindIndex(c => string.Equals(c, word, StringComparison.OrdinalIgnoreCase));
        if (Kind == OptionKind.Choice && choice >= 0) { return Put(options, choice); }
        if (Name == "seed" && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
        {
            return options with { Seed = seed };
        }
        if (Kind == OptionKind.Choice || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
        {
            throw new FactoException($"option {Name} is '{text}'; it must be {Range}");
        }

        Check(value);
        return Put(options, value);
    }

    /// <summary>A value as a person writes it.</summary>
    internal string Write(double value) => Kind == OptionKind.Choice && Choices() is { } names && value >= 0 && value < names.Count
        ? names[(int)value]
        : Text(value);

    /// <summary>The same option in another solver, which has its own default and its own place to search.</summary>
    internal SolverOption With(double standard, string? search = null) => With(Text(standard), _ => standard, search);

    /// <summary>
    /// The same option in another solver, with a default that follows from others; without a rule the solver looks at the data.
    /// </summary>
    internal SolverOption With(string words, Func<SolverSettings, double?>? rule = null, string? search = null) =>
        new(this) { Default = words, Rule = rule ?? (_ => null), Search = search ?? Search };

    /// <summary>The same option in a solver that takes only values from <paramref name="low"/> on.</summary>
    internal SolverOption From(double low, bool open = false) => new(this) { Low = low, LowIsOpen = open };

    /// <summary>The same option, searched in this range when nobody says otherwise.</summary>
    internal SolverOption Searched(string range) => new(this) { Search = range };

    /// <summary>The same option, left alone by a search when nobody says otherwise.</summary>
    internal SolverOption Quiet() => new(this) { Search = null };

    /// <summary>The same option in a solver that reads it only when something holds.</summary>
    internal SolverOption ReadWhen(Func<SolverSettings, string?> reason) => new(this) { Unread = reason };

    // A float's own digits, not those of the double that it was widened to.
    internal static string Text(double value) =>
        value == (float)value ? ((float)value).ToString(CultureInfo.InvariantCulture) : value.ToString("G7", CultureInfo.InvariantCulture);
}

/// <summary>What the values of an option are.</summary>
internal enum OptionKind
{
    /// <summary>Any number in the range.</summary>
    Number,

    /// <summary>Whole numbers.</summary>
    Whole,

    /// <summary>0 or 1.</summary>
    Flag,

    /// <summary>One of a few names.</summary>
    Choice,
}
