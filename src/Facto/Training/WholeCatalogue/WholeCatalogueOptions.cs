namespace Facto.Training.WholeCatalogue;

/// <summary>The options of the whole-catalogue solver, read from <see cref="TrainOptions"/> and checked.</summary>
/// <param name="UnobservedWeight">α₀: weight of every (context, item) pair against an observed one.</param>
/// <param name="RegularizationFactors">λ of the factors before scaling by frequency.</param>
/// <param name="RegularizationLinear">λ of the linear weights before scaling by frequency; null leaves the linear weights out.</param>
/// <param name="FrequencyExponent">ν: λ_l = λ·(weight of the pairs that feature l takes part in)^ν.</param>
/// <param name="PopularityExponent">ρ: an unobserved item weighs q_t ∝ popularity^ρ, 1 on average.</param>
/// <param name="Block">Factors solved for together, a multiple of 16.</param>
/// <param name="InitialDeviation">σ of the first factors.</param>
internal sealed record WholeCatalogueOptions(
    double UnobservedWeight,
    double RegularizationFactors,
    double? RegularizationLinear,
    double FrequencyExponent,
    double PopularityExponent,
    int Block,
    double InitialDeviation)
{
    private static readonly string[] Names = ["unobserved-weight", "reg-exponent", "popularity-exponent", "block", "linear"];

    /// <summary>Reads the options of a run.</summary>
    /// <exception cref="FactoException">An option is unknown or out of range.</exception>
    public static WholeCatalogueOptions From(TrainOptions options)
    {
        foreach (string name in options.Extra.Keys)
        {
            if (!Names.Contains(name)) { throw new FactoException($"solver 'icd' has no option '{name}'; it knows {string.Join(", ", Names)}"); }
        }

        double alpha = Get(options, "unobserved-weight", 0.1), exponent = Get(options, "reg-exponent", 1), popularity = Get(options, "popularity-exponent", 0);
        double block = Get(options, "block", 0), linear = Get(options, "linear", 1);
        double lambda = options.RegularizationFactors ?? 0.003;
        Require(options.Factors >= 1, "factors", options.Factors, "at least 1 for solver 'icd'");
        Require(alpha is > 0 and < 1e6, "unobserved-weight", alpha, "above 0 (0.01 to 1 is usual)");
        Require(lambda is > 0 and < 1e9, "reg-factors", lambda, "above 0 for solver 'icd' (0.001 to 0.1 is usual)");
        Require(exponent is >= 0 and <= 2, "reg-exponent", exponent, "0 to 2 (1 scales the regularisation with the feature's frequency)");
        Require(popularity is >= 0 and <= 2, "popularity-exponent", popularity, "0 to 2 (0 weighs all items alike)");
        Require(block is >= 0 and <= 1024 && block % 16 == 0, "block", block, "0 (chosen by the factors) or a multiple of 16 up to 1024");
        Require(linear is 0 or 1, "linear", linear, "0 (no linear weights) or 1");
        return new WholeCatalogueOptions(
            alpha, lambda, linear == 1 ? options.RegularizationLinear ?? lambda : null, exponent, popularity, (int)block,
            options.InitStandardDeviation ?? (0.1 / Math.Sqrt(options.Factors)));
    }

    private static double Get(TrainOptions options, string name, double standard) => options.Extra.TryGetValue(name, out double value) ? value : standard;

    private static void Require(bool holds, string name, double value, string allowed)
    {
        if (!holds) { throw new FactoException(FormattableString.Invariant($"option {name} is {value}; it must be {allowed}")); }
    }
}
