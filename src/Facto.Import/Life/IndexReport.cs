using System.Text.Json.Nodes;
using Facto.Retrieval;
using Facto.Retrieval.Recall;

namespace Facto.Import.Life;

/// <summary>An index's kind and recall as JSON.</summary>
internal static class IndexReport
{
    public static JsonObject ToJson(IndexKind kind, RecallCertificate? recall) => new()
    {
        ["kind"] = kind.ToString().ToLowerInvariant(),
        ["recall"] = recall is null ? null : new JsonObject
        {
            ["at"] = recall.At,
            ["queries"] = recall.QueryCount,
            ["recall"] = recall.Recall,
            ["worst_recall"] = recall.WorstRecall,
            ["filtered_recall"] = recall.FilteredRecall,
            ["worst_filtered_recall"] = recall.WorstFilteredRecall,
            ["filtered_by_scan"] = recall.FilteredByScan,
            ["floor"] = recall.Floor,
        },
    };
}
