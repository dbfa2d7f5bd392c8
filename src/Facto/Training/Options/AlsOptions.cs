namespace Facto.Training.Options;

/// <summary>Alternating least squares by whole vectors (Rendle et al. 2011): ratings, nothing drawn, no step size.</summary>
/// <remarks>A value that is null follows the default rule that <c>facto help als</c> tells.</remarks>
public sealed class AlsOptions : RegularizedOptions
{
    /// <summary>Options of the solver als, all at their defaults.</summary>
    public AlsOptions()
        : base("als")
    {
    }

    /// <summary>L2 on the global bias w₀. Range: at least 0.</summary>
    public float? RegularizationBias
    {
        get => Number("reg-bias");
        init => Set("reg-bias", value);
    }

    /// <summary>ν: a feature's L2 grows with (its examples / the field's mean)^ν (Zhou et al. 2008 for 1). Range: 0 to 2.</summary>
    public double? RegularizationExponent
    {
        get => Real("reg-exponent");
        init => Set("reg-exponent", value);
    }
}
