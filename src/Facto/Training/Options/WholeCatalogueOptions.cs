namespace Facto.Training.Options;

/// <summary>
/// Whole-catalogue squared loss by block coordinate descent (Bayer et al. 2017; Rendle et al. 2021): rankings, every pair counts.
/// </summary>
/// <remarks>A value that is null follows the default rule that <c>facto help icd</c> tells.</remarks>
public sealed class WholeCatalogueOptions : RegularizedOptions
{
    /// <summary>Options of the solver icd, all at their defaults.</summary>
    public WholeCatalogueOptions()
        : base("icd")
    {
    }

    /// <summary>α₀: weight of every pair of user and item against an observed one. Range: above 0 and at most 1000000.</summary>
    public double? UnobservedWeight
    {
        get => Real("unobserved-weight");
        init => Set("unobserved-weight", value);
    }

    /// <summary>ν: a feature's L2 grows with (weight of the pairs that it takes part in)^ν. Range: 0 to 2.</summary>
    public double? RegularizationExponent
    {
        get => Real("reg-exponent");
        init => Set("reg-exponent", value);
    }

    /// <summary>ρ: an unobserved item weighs in proportion to (its positives)^ρ. Range: 0 to 2.</summary>
    public double? PopularityExponent
    {
        get => Real("popularity-exponent");
        init => Set("popularity-exponent", value);
    }

    /// <summary>Whether linear weights are learnt. Range: 0 or 1.</summary>
    public bool? Linear
    {
        get => Flag("linear");
        init => Set("linear", value);
    }

    /// <summary>Factors solved for together; 0 goes by their number. Range: 0, or a multiple of 16 up to 1024.</summary>
    public int? Block
    {
        get => Whole("block");
        init => Set("block", value);
    }

    /// <summary>
    /// Folds of each user's bag of items, so that no example sees its own item there; 0 leaves bags whole. Range: 0, or 2 to 100.
    /// </summary>
    public int? HistoryFolds
    {
        get => Whole("history-folds");
        init => Set("history-folds", value);
    }
}
