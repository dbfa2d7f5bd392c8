using Facto.Retrieval.Bounded;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Ivf;

namespace Facto.Retrieval;

/// <summary>What to build and what it must reach.</summary>
public sealed record IndexOptions
{
    private const int ExactBelow = 20_000, BoundedBelow = 200_000;

    /// <summary>The kind.</summary>
    public IndexKind Kind { get; init; }

    /// <summary>
    /// Recall that a graph or an inverted file must reach, unfiltered and with the popular half of the items filtered out, 0 to 1.
    /// </summary>
    public double Floor { get; init; } = 0.98;

    /// <summary>n of the recall@n that is measured, 1 to 10,000; at most the number of items is used.</summary>
    public int At { get; init; } = 100;

    /// <summary>User vectors that recall is measured with, ≥ 1, spread evenly over all.</summary>
    public int Queries { get; init; } = 500;

    /// <summary>How a graph is built; an effort given here is where the search for the recall begins.</summary>
    internal GraphOptions Graph { get; init; } = new();

    /// <summary>How an inverted file is built; its nprobe is where the search for the recall begins.</summary>
    internal IvfOptions Ivf { get; init; } = new();

    /// <summary>The kind that is built for so many items of so many coordinates.</summary>
    internal IndexKind Resolve(int items, int dimension)
    {
        if (Kind != IndexKind.Auto) { return Kind; }
        if (items < ExactBelow || dimension > BoundedIndex.MaxDimension) { return IndexKind.Exact; }
        return items < BoundedBelow ? IndexKind.Bounded : IndexKind.Graph;
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="FactoException">One is out of its range.</exception>
    internal void Validate()
    {
        if (!IndexKinds.IsKnown(Kind)) { throw IndexKinds.Unknown(Kind); }
        if (Floor is not (>= 0 and <= 1)) { throw new FactoException($"the recall floor is {Floor}; choose 0 to 1, such as 0.98"); }
        if (At is < 1 or > 10_000) { throw new FactoException($"recall is to be measured at {At}; choose 1 to 10000 items"); }
        if (Queries < 1) { throw new FactoException($"recall is to be measured with {Queries} users; choose at least 1"); }
        Graph.Validate();
        Ivf.Validate();
    }
}
