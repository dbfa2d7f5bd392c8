namespace Facto.Training.Options;

/// <summary>What the solvers over one positive and one negative share.</summary>
public abstract class PairwiseOptions : GradientOptions
{
    private protected PairwiseOptions(string solver)
        : base(solver)
    {
    }

    /// <summary>What every sum of squared gradients starts with; the larger, the gentler the first steps. Range: above 0.</summary>
    public float? InitialAccumulator
    {
        get => Number("initial-accumulator");
        init => Set("initial-accumulator", value);
    }

    /// <summary>Negatives are drawn in proportion to (positives of the item) to this power. Range: 0 to 2.</summary>
    public double? Popularity
    {
        get => Real("popularity");
        init => Set("popularity", value);
    }

    /// <summary>Negatives looked at for one positive. Range: 1 to 65536.</summary>
    public int? Candidates
    {
        get => Whole("candidates");
        init => Set("candidates", value);
    }
}

/// <summary>A positive above a sampled negative (Rendle et al. 2009).</summary>
/// <remarks>A value that is null follows the default rule that <c>facto help bpr</c> tells.</remarks>
public sealed class BprOptions : PairwiseOptions
{
    /// <summary>Options of the solver bpr, all at their defaults.</summary>
    public BprOptions()
        : base("bpr")
    {
    }
}

/// <summary>Draws until a negative violates the margin and weighs by the rank (Weston, Bengio and Usunier 2011).</summary>
/// <remarks>A value that is null follows the default rule that <c>facto help warp</c> tells.</remarks>
public sealed class WarpOptions : PairwiseOptions
{
    /// <summary>Options of the solver warp, all at their defaults.</summary>
    public WarpOptions()
        : base("warp")
    {
    }
}
