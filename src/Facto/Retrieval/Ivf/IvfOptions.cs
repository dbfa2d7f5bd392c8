namespace Facto.Retrieval.Ivf;

/// <summary>How an inverted file is built and searched.</summary>
public sealed record IvfOptions
{
    /// <summary>Lists, or 0 for 2·√(items).</summary>
    public int Lists { get; init; }

    /// <summary>Passes of k-means, 1 to 100.</summary>
    public int Iterations { get; init; } = 8;

    /// <summary>Lists that a search reads, ≥ 1, until <see cref="IvfIndex.Probes"/> is set.</summary>
    public int Probes { get; init; } = 32;

    /// <summary>Seed of the sample that the clusters are trained on.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The largest value of <see cref="Probes"/>.</summary>
    internal const int MostProbes = 1024;

    internal void Validate()
    {
        if (Lists is < 0 or > 1 << 20) { throw new FactoException($"Lists is {Lists}; choose 1 to {1 << 20}, or 0 for 2·√(items)"); }
        if (Iterations is < 1 or > 100) { throw new FactoException($"Iterations is {Iterations}; choose 1 to 100"); }
        RequireProbes(Probes);
    }

    internal static void RequireProbes(int probes)
    {
        if (probes is < 1 or > MostProbes) { throw new FactoException($"Probes is {probes}; choose 1 to {MostProbes} lists"); }
    }
}
