namespace Facto.Training.Options;

/// <summary>What the solvers over shared sampled negatives share.</summary>
public abstract class SampledSoftmaxOptions : GradientOptions
{
    private protected SampledSoftmaxOptions(string solver)
        : base(solver)
    {
    }

    /// <summary>Scores are divided by it before the exponential. Range: 0.001 to 1000.</summary>
    public double? Temperature
    {
        get => Real("temperature");
        init => Set("temperature", value);
    }

    /// <summary>Whether the sides are compared by their cosine and not by their inner product. Range: 0 or 1.</summary>
    public bool? Cosine
    {
        get => Flag("cosine");
        init => Set("cosine", value);
    }

    /// <summary>Whether the item's bias is learnt. Range: 0 or 1.</summary>
    public bool? ItemTerm
    {
        get => Flag("item-term");
        init => Set("item-term", value);
    }

    /// <summary>Items drawn per batch and shared by its queries. Range: 1 to 1048576.</summary>
    public int? Negatives
    {
        get => Whole("negatives");
        init => Set("negatives", value);
    }

    /// <summary>Queries per step. Range: 1 to 1048576.</summary>
    public int? Batch
    {
        get => Whole("batch");
        init => Set("batch", value);
    }

    /// <summary>Of a query in one step, at most; 0 takes all. Range: 0 to 1048576.</summary>
    public int? Positives
    {
        get => Whole("positives");
        init => Set("positives", value);
    }

    /// <summary>Whether the batch's own positives are the negatives. Range: 0 or 1.</summary>
    public bool? InBatch
    {
        get => Flag("in-batch");
        init => Set("in-batch", value);
    }

    /// <summary>Whether the log of a negative's expected count is taken from its score. Range: 0 or 1.</summary>
    public bool? LogQ
    {
        get => Flag("log-q");
        init => Set("log-q", value);
    }

    /// <summary>Negatives are drawn in proportion to (positives of the item) to this power. Range: 0 to 2.</summary>
    public double? Popularity
    {
        get => Real("popularity");
        init => Set("popularity", value);
    }
}

/// <summary>Sampled softmax over shared negatives (Jean et al. 2015; Yi et al. 2019).</summary>
/// <remarks>A value that is null follows the default rule that <c>facto help softmax</c> tells.</remarks>
public sealed class SoftmaxOptions : SampledSoftmaxOptions
{
    /// <summary>Options of the solver softmax, all at their defaults.</summary>
    public SoftmaxOptions()
        : base("softmax")
    {
    }
}

/// <summary>Bilateral softmax (Wu et al. 2024): robust to noisy positives.</summary>
/// <remarks>A value that is null follows the default rule that <c>facto help bsl</c> tells.</remarks>
public sealed class BilateralSoftmaxOptions : SampledSoftmaxOptions
{
    /// <summary>Options of the solver bsl, all at their defaults.</summary>
    public BilateralSoftmaxOptions()
        : base("bsl")
    {
    }

    /// <summary>τ₁/τ₂: the weight of the negatives' side. Range: 0 to 100.</summary>
    public double? Exponent
    {
        get => Real("exponent");
        init => Set("exponent", value);
    }
}

/// <summary>Softmax that weighs positives near the first K (Yang et al. 2025).</summary>
/// <remarks>A value that is null follows the default rule that <c>facto help slk</c> tells.</remarks>
public sealed class SoftmaxAtKOptions : SampledSoftmaxOptions
{
    /// <summary>Options of the solver slk, all at their defaults.</summary>
    public SoftmaxAtKOptions()
        : base("slk")
    {
    }

    /// <summary>K: positives near rank K weigh most. Range: 1 to 1000.</summary>
    public int? TopK
    {
        get => Whole("top-k");
        init => Set("top-k", value);
    }

    /// <summary>How softly the weight falls beyond rank K. Range: 0.001 to 1000.</summary>
    public double? TopKTemperature
    {
        get => Real("top-k-temperature");
        init => Set("top-k-temperature", value);
    }

    /// <summary>Epochs between two estimates of the users' K-th scores. Range: 1 to 1000000.</summary>
    public int? QuantileEvery
    {
        get => Whole("quantile-every");
        init => Set("quantile-every", value);
    }
}
