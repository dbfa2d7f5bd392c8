using System.Globalization;
using Facto.Cli.Output;
using Facto.Import.Life;
using Facto.Training.Tuning;

namespace Facto.Cli.Tuning;

/// <summary>
/// One line per finished trial on standard error: which, what it drew, what it reached, the best so far, and about how long the search
/// still takes.
/// </summary>
internal sealed class TuningProgress(Report report, TuneOptions options, int epochs, int alreadyDone) : IProgress<Trial>
{
    private readonly Lock _lock = new();
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly double _planned = Epochs(options, epochs);
    private Trial? _best;
    private int _finished;
    private double _epochs;

    public void Report(Trial value)
    {
        lock (_lock)
        {
            _finished++;
            _epochs += value.Epochs;
            bool best = _best is null || value.Rung > _best.Rung || value.IsBetterThan(_best);
            if (best) { _best = value; }
            double seconds = TimeProvider.System.GetElapsedTime(_start)
                .TotalSeconds, left = seconds / _epochs * Math.Max(0, _planned - _epochs);
            string reached = value.Failure is { } reason
                ? $"failed: {reason}"
                : string.Create(CultureInfo.InvariantCulture, $"{value.Metric} {value.Value:0.00000}{(best ? " *" : "  ")}");
            string about = alreadyDone == 0 && left >= 1 ? $"  at most {TrainingProgress.Duration(left)} left" : string.Empty;
            report.Note($"rung {value.Rung + 1}/{options.Rungs}  trial {value.Number}  {value.Epochs} epochs  {reached}  "
                + $"{Words(value)}{about}");
        }
    }

    public static string Words(Trial trial) =>
        string.Join(' ', trial.Values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key}={v.Value}")));

    // Epochs if no trial stops early.
    private static double Epochs(TuneOptions options, int epochs) =>
        Search.RungSizes(options).Select((n, rung) => n * Math.Max(
            1, Math.Round(epochs / Math.Pow(options.Reduction, options.Rungs - 1 - rung)))).Sum();
}
