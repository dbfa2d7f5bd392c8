using System.Globalization;
using System.Text.Json.Serialization;

namespace Facto.Retrieval.Recall;

/// <summary>
/// What an index was measured to find, beside the exact one, with real user vectors as queries. It is kept in the index's file.
/// </summary>
/// <param name="At">n of recall@n.</param>
/// <param name="QueryCount">Users asked for.</param>
/// <param name="Recall">Mean share of the exact best n that the index returned, everything admissible.</param>
/// <param name="WorstRecall">The lowest such share of any user.</param>
/// <param name="FilteredRecall">The same mean with the more popular half of the items filtered out: the case in which graphs on raw inner
/// products fail.</param>
/// <param name="WorstFilteredRecall">The lowest such share of any user.</param>
/// <param name="Floor">The recall that was asked for.</param>
internal sealed record RecallCertificate(
    int At, int QueryCount, double Recall, double WorstRecall, double FilteredRecall, double WorstFilteredRecall, double Floor)
{
    /// <summary>
    /// True when the index itself stays below <see cref="Floor"/> with the popular half filtered out, so that requests with such filters go
    /// to the exact scan; the filtered figures are then the scan's, 1.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FilteredByScan { get; init; }

    /// <summary>Whether both means reach <see cref="Floor"/>.</summary>
    [JsonIgnore]
    public bool Holds => Recall >= Floor && FilteredRecall >= Floor;

    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"recall@{At} {Recall:F4} (worst user {WorstRecall:F2}), popular half filtered out {FilteredRecall:F4} "
            + $"({(FilteredByScan ? "by the exact scan" : $"worst {WorstFilteredRecall:F2}")}); {QueryCount} users, floor {Floor}");

    /// <summary>Throws when the floor is not reached.</summary>
    /// <exception cref="FactoException">Either mean is below <see cref="Floor"/>.</exception>
    public void Require()
    {
        if (!Holds)
        {
            throw new FactoException(
                $"the index does not reach the requested recall: {this}; search more broadly (a larger effort), build with more links, "
                    + $"or use the exact index");
        }
    }
}
