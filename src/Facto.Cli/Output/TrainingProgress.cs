using System.Globalization;
using Facto.Training;
using Facto.Training.Session;

namespace Facto.Cli.Output;

/// <summary>One line per epoch on standard error: loss, validation, rate, time left; and which phase begins.</summary>
internal sealed class TrainingProgress(Report report) : IProgress<SessionProgress>
{
    public void Report(SessionProgress value)
    {
        if (value.Epoch is { } epoch)
        {
            Epoch(epoch);
            return;
        }

        if (value.Phase == SessionPhase.ChoosingEpochs)
        {
            report.Note($"choosing the number of epochs on {value.Validation} of {value.Examples + value.Validation} training examples");
        }
        else if (value.IsChosen) { report.Note($"best epoch: {value.Epochs}; learning from all examples"); }
    }

    private void Epoch(EpochReport value)
    {
        if (!report.ShowsProgress) { return; }
        string loss = double.IsNaN(value.Loss) ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"  loss {value.Loss:0.00000}");
        string validation = value.Validation is { } v
            ? string.Create(CultureInfo.InvariantCulture, $"  {v.Name} {v.Value:0.00000}{(value.IsBest ? " *" : "  ")}")
            : string.Empty;
        string rate = $"{Output.Report.Count(value.ExamplesPerSecond)} examples/s";
        string left = value.Epoch == value.Epochs ? string.Empty : $"  {Duration(value.SecondsLeft)} left";
        report.Note($"epoch {value.Epoch}/{value.Epochs}{loss}{validation}  {rate}{left}");
    }

    public static string Duration(double seconds) => seconds switch
    {
        < 10 => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 120 => seconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        < 7200 => (seconds / 60).ToString("0", CultureInfo.InvariantCulture) + " min",
        _ => (seconds / 3600).ToString("0.0", CultureInfo.InvariantCulture) + " h",
    };
}
