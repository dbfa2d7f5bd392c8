using Facto.Evaluation;

namespace Facto.Cli.Output;

/// <summary>Recommenders beside one another, as every verb shows them.</summary>
internal static class RankingTable
{
    /// <summary>One row per recommender; ± is the half-width of the 95 % interval.</summary>
    public static void Print(Report report, string title, IReadOnlyDictionary<string, RankingReport> reports, int cutoff)
    {
        string[] metrics = [.. ((string[])["hr", "recall", "ndcg", "map", "mrr", "coverage", "novelty"]).Select(m => $"{m}@{cutoff}")];
        report.Table(title, ["", .. metrics], reports.Select(r => (IReadOnlyList<string>)
            [r.Key, .. metrics.Select(m => r.Value.Metrics[m] is { HalfWidth: > 0 } v ? $"{Report.Number(v.Value)} "
                + $"±{Report.Number(v.HalfWidth, "0.000")}" : Report.Number(r.Value.Metrics[m].Value))]));
    }
}
