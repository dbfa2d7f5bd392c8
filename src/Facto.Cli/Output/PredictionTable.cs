using System.Text.Json.Nodes;

namespace Facto.Cli.Output;

/// <summary>Metrics of predictions, as every verb shows them.</summary>
internal static class PredictionTable
{
    /// <summary>One row per split (train, validation, test), one column per metric.</summary>
    public static void Print(Report report, JsonObject splits)
    {
        string[] names = [.. splits.SelectMany(p => p.Value!.AsObject().Select(m => m.Key)).Distinct()];
        report.Table(null, ["", .. names], splits.Select(p => (IReadOnlyList<string>)
            [p.Key, .. names.Select(n => p.Value![n] is { } v ? Report.Number(v.GetValue<double>(), "0.00000") : "–")]));
    }
}
