using Facto.Training.Options;

namespace Facto.Training.WholeCatalogue;

/// <summary>The options of the whole-catalogue solver.</summary>
/// <param name="UnobservedWeight">α₀: weight of every (context, item) pair against an observed one.</param>
/// <param name="RegularizationFactors">λ of the factors before scaling by frequency.</param>
/// <param name="RegularizationLinear">λ of the linear weights before scaling by frequency; null leaves the linear weights out.</param>
/// <param name="FrequencyExponent">ν: λ_l = λ·(weight of the pairs that feature l takes part in)^ν.</param>
/// <param name="PopularityExponent">ρ: an unobserved item weighs q_t ∝ popularity^ρ, 1 on average.</param>
/// <param name="Block">Factors solved for together, a multiple of 16.</param>
/// <param name="InitialDeviation">σ of the first factors.</param>
internal sealed record CatalogueSettings(
    double UnobservedWeight,
    double RegularizationFactors,
    double? RegularizationLinear,
    double FrequencyExponent,
    double PopularityExponent,
    int Block,
    double InitialDeviation)
{
    /// <summary>Reads the options of a run.</summary>
    public static CatalogueSettings From(SolverSettings options) => new(
        options["unobserved-weight"],
        options["reg-factors"],
        options["linear"] == 1 ? options["reg-linear"] : null,
        options["reg-exponent"],
        options["popularity-exponent"],
        (int)options["block"],
        options["init-stdev"]);
}
