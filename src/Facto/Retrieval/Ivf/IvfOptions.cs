namespace Facto.Retrieval.Ivf;

/// <summary>How an inverted file is built and searched.</summary>
internal sealed record IvfOptions
{
    /// <summary>Nlist, or 0 for 2·√(items).</summary>
    public int Nlist { get; init; }

    /// <summary>Passes of k-means, 1 to 100.</summary>
    public int Iterations { get; init; } = 8;

    /// <summary>Nlist that a search reads, ≥ 1, until <see cref="IvfIndex.Nprobe"/> is set.</summary>
    public int Nprobe { get; init; } = 32;

    /// <summary>
    /// Bytes of an item's product code, 1 to 64, or 0 for an int8 code with a byte for every coordinate. Fewer bytes keep more items in
    /// memory and have more candidates scored again.
    /// </summary>
    public int CodeBytes { get; init; }

    /// <summary>
    /// Product codes only: a search for n items scores this many times n + 16 candidates again in float32, 1 to 64, until
    /// <see cref="IvfIndex.Rescored"/> is set.
    /// </summary>
    public int Rescored { get; init; } = 4;

    /// <summary>Seed of the sample that the clusters are trained on.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The largest value of <see cref="Nprobe"/>.</summary>
    internal const int MostNprobe = 1024;

    /// <summary>The largest value of <see cref="Rescored"/>.</summary>
    internal const int MostRescored = 64;

    /// <summary>
    /// The largest value of <see cref="CodeBytes"/>: a query's table of 256 floats a byte then still fits the second-level cache many
    /// times.
    /// </summary>
    internal const int MostCodeBytes = 64;

    internal void Validate()
    {
        if (Nlist is < 0 or > 1 << 20) { throw new FactoException($"Nlist is {Nlist}; choose 1 to {1 << 20}, or 0 for 2·√(items)"); }
        if (Iterations is < 1 or > 100) { throw new FactoException($"Iterations is {Iterations}; choose 1 to 100"); }
        if (CodeBytes is < 0 or > MostCodeBytes)
        {
            throw new FactoException(
                $"CodeBytes is {CodeBytes}; choose 1 to {MostCodeBytes} bytes an item, or 0 for a byte per coordinate");
        }
        RequireNprobe(Nprobe);
        RequireRescored(Rescored);
    }

    internal static void RequireNprobe(int probes)
    {
        if (probes is < 1 or > MostNprobe) { throw new FactoException($"Nprobe is {probes}; choose 1 to {MostNprobe} lists"); }
    }

    internal static void RequireRescored(int rescored)
    {
        if (rescored is < 1 or > MostRescored)
        {
            throw new FactoException($"Rescored is {rescored}; choose 1 to {MostRescored} times the items wanted");
        }
    }
}
