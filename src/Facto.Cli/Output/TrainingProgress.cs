using System.Globalization;
using Facto.Training;

namespace Facto.Cli.Output;

/// <summary>One line per pass on standard error: loss, validation, rate, time left.</summary>
internal sealed class TrainingProgress(Report report) : IProgress<EpochReport>
{
    public void Report(EpochReport value)
    {
        if (!report.ShowsProgress) { return; }
        string loss = double.IsNaN(value.Loss) ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"  loss {value.Loss:0.00000}");
        string validation = value.Validation is { } v ? string.Create(CultureInfo.InvariantCulture, $"  {v.Name} {v.Value:0.00000}{(value.IsBest ? " *" : "  ")}") : string.Empty;
        string rate = $"{Output.Report.Count(value.ExamplesPerSecond)} examples/s";
        string left = value.Epoch == value.Epochs ? string.Empty : $"  {Duration(value.SecondsLeft)} left";
        report.Note($"pass {value.Epoch}/{value.Epochs}{loss}{validation}  {rate}{left}");
    }

    public static string Duration(double seconds) => seconds switch
    {
        < 10 => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 120 => seconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        < 7200 => (seconds / 60).ToString("0", CultureInfo.InvariantCulture) + " min",
        _ => (seconds / 3600).ToString("0.0", CultureInfo.InvariantCulture) + " h",
    };
}
