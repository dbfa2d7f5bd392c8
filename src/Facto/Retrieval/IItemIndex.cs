using Facto.Numerics;

namespace Facto.Retrieval;

/// <summary>Finds the items with the largest inner product with a query. Safe for any number of concurrent searches.</summary>
public interface IItemIndex
{
    /// <summary>Number of items.</summary>
    int Count { get; }

    /// <summary>Length of item vectors and queries.</summary>
    int Dimension { get; }

    /// <summary>Writes the best admissible items, best first, and returns how many there are; no allocation.</summary>
    /// <param name="query"><see cref="Dimension"/> floats.</param>
    /// <param name="filter">Which items are admissible.</param>
    /// <param name="best">As many as wanted; filled as far as admissible items exist.</param>
    int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best);
}
