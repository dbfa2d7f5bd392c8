using Facto.Retrieval.Recall;

namespace Facto.Retrieval;

/// <summary>
/// An index that is built once for a catalogue, measured, saved and opened: what a kind of <see cref="IndexKinds"/> makes.
/// </summary>
public interface IApproximateIndex : IItemIndex
{
    /// <summary>What it was measured to find when it was saved; null when it was not measured, or finds everything.</summary>
    internal RecallCertificate? Recall => null;

    /// <summary>Sets what a search may spend: level 0 is the least, and the recall grows from level to level.</summary>
    /// <returns>False when there is no such level; then nothing changed.</returns>
    bool TrySetEffort(int level);

    /// <summary>
    /// About what a search costs, in vectors read out of order; a scan of N items costs about N/30. By this a request is sent here or to
    /// the scan.
    /// </summary>
    /// <param name="wanted">Items wanted, ≥ 1.</param>
    /// <param name="admitted">Share of the items that the filter leaves, above 0 to 1.</param>
    double SearchCost(int wanted, double admitted);

    /// <summary>Writes the index to one file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    void Save(string path);

    /// <summary>The same, and what it was measured to find with it; an index from outside the library has no place for that.</summary>
    internal void Save(string path, RecallCertificate? recall) => Save(path);
}
