namespace Facto.Training.Tuning;

/// <summary>The options that a search can change: their names on the command line, in facto.json, and how to set them. Any other name is one of a solver's own.</summary>
internal static class HyperParameters
{
    private static readonly HyperParameter[] s_all =
    [
        new("learning-rate", "learningRate", false, (o, v) => o with { LearningRate = (float)v }),
        new("factors", "factors", true, (o, v) => o with { Factors = (int)v }),
        new("init-stdev", "initStandardDeviation", false, (o, v) => o with { InitStandardDeviation = (float)v }),
        new("reg-bias", "regularizationBias", false, (o, v) => o with { RegularizationBias = (float)v }),
        new("reg-linear", "regularizationLinear", false, (o, v) => o with { RegularizationLinear = (float)v }),
        new("reg-factors", "regularizationFactors", false, (o, v) => o with { RegularizationFactors = (float)v }),
        new("decay", "decay", false, (o, v) => o with { Decay = (float)v }),
        new("initial-accumulator", "initialAccumulator", false, (o, v) => o with { InitialAccumulator = (float)v }),
    ];

    /// <summary>The name on the command line; a setting of facto.json is understood too.</summary>
    public static string NameOf(string name) => Find(name)?.Name ?? (name.StartsWith("extra.", StringComparison.Ordinal) ? name["extra.".Length..] : name);

    public static string SettingOf(string name) => Find(name)?.Setting ?? $"extra.{name}";

    public static bool IsWhole(string name) => Find(name) is { IsWhole: true };

    /// <summary>Null for a solver's own option.</summary>
    public static Func<TrainOptions, double, TrainOptions>? Setter(string name) => Find(name)?.Set;

    /// <summary>Ranges around the defaults of a solver.</summary>
    public static IReadOnlyList<(string Name, string Range)> DefaultRanges(TrainOptions options) => options.Solver switch
    {
        "icd" => [("reg-factors", "0.0003..0.1 log"), ("unobserved-weight", "0.005..1 log"), ("reg-exponent", "0..1.2")],
        "softmax" => [("learning-rate", "0.001..0.05 log"), ("temperature", "0.03..1 log"), ("reg-factors", "1e-8..1e-4 log")],
        "bsl" or "slk" => [("learning-rate", "0.001..0.05 log"), ("temperature", "0.05..0.5 log"), ("reg-factors", "1e-8..1e-4 log")],
        "bpr" or "warp" => [("learning-rate", "0.005..0.3 log"), ("reg-factors", "1e-6..0.01 log"), ("init-stdev", "0.01..0.3 log")],
        "als" => [("reg-factors", "1..100 log"), ("reg-linear", "0.1..10 log"), ("init-stdev", "0.01..0.3 log")],
        "gibbs" => [("init-stdev", "0.01..0.3 log")],
        "adam" => [("learning-rate", "0.0003..0.02 log"), ("reg-factors", "1e-5..0.1 log"), ("init-stdev", "0.005..0.2 log")],
        _ => [("learning-rate", "0.005..0.4 log"), ("reg-factors", "1e-4..0.1 log"), ("init-stdev", "0.005..0.2 log")],
    };

    private static HyperParameter? Find(string name) => Array.Find(s_all, h => h.Name == name || h.Setting == name);

    private sealed record HyperParameter(string Name, string Setting, bool IsWhole, Func<TrainOptions, double, TrainOptions> Set);
}
