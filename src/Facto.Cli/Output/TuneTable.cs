using System.Globalization;
using Facto.Cli.Tuning;
using Facto.Import;
using Facto.Import.Life;
using Facto.Training.Tuning;

namespace Facto.Cli.Output;

/// <summary>What a search found, as people read it.</summary>
internal static class TuneTable
{
    public static void Print(Report report, SearchOutcome found)
    {
        report.Json(found.ToJson());
        (TuneResult result, Trial best) = (found.Result, found.Result.Best);
        string[] names = [.. found.Request.Space.Dimensions.Select(d => d.Name)];
        string[] columns = ["trial", "rung", "epochs", .. names, best.Metric ?? "metric", "best epoch", "seconds"];
        report.Table("trials, the best of each rung first", columns,
            result.Trials.OrderByDescending(t => t.Rung).Select(t => (IReadOnlyList<string>)
            [
                $"{t.Number}", $"{t.Rung + 1}", $"{t.Epochs}", .. names.Select(n => t.Values[n].ToString(CultureInfo.InvariantCulture)),
                t.Failure is null ? Report.Number(t.Value, "0.00000") : "failed", $"{t.BestEpoch}", Report.Number(t.Seconds, "0.0"),
            ]));
        foreach (IGrouping<string, Trial> failed in result.Trials.Where(t => t.Failure is not null).GroupBy(t => t.Failure!))
        {
            report.Say($"{failed.Count()} failed: {failed.Key}");
        }

        report.Say($"best: {TuningProgress.Words(best)}: validation {best.Metric} {Report.Number(best.Value, "0.00000")} after epoch "
            + $"{best.BestEpoch}");
        foreach (ProjectChange change in found.Written) { report.Say($"  {change.Setting}: {change.Value}"); }
        if (found.Request.WriteTo is { } target)
        {
            report.Say(
                found.Written.Count > 0 ? $"written into {target.Path}: 'facto train' uses it" : $"{target.Path} has these values already");
        }
        else { report.Say("to train with it: " + string.Join(' ', best.Values.Select(Flag))); }
    }

    private static string Flag(KeyValuePair<string, double> value) =>
        new SearchDimension(value.Key, 0, 0).Setting.StartsWith("extra.", StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"--solver-option {value.Key}={value.Value}")
            : string.Create(CultureInfo.InvariantCulture, $"--{value.Key} {value.Value}");
}
