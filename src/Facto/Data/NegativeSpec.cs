namespace Facto.Data;

/// <summary>Negatives for a log of positives.</summary>
internal sealed record NegativeSpec
{
    /// <summary>So many per positive, ≥ 1.</summary>
    public int PerPositive { get; init; } = 4;

    /// <summary>β: items are drawn with probability ∝ popularity^β; 0 is uniform.</summary>
    public double PopularityExponent { get; init; }

    /// <summary>Start of the random draws.</summary>
    public ulong Seed { get; init; } = 1;
}
