using System.Globalization;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Import;
using Facto.Training;
using Facto.Training.Tuning;

namespace Facto.Cli.Tuning;

/// <summary>`facto tune`: runs the search over a training and a validation part, shows its trials, and leaves the best configuration where training finds it.</summary>
internal sealed class TuningRun(TrainingJob job, SearchSpace space, TuneOptions options, Report report)
{
    /// <summary>Continue the log's search; otherwise a log that is there is put aside.</summary>
    public bool Resume { get; init; }

    /// <summary>The project to write the best values into, the section of its training options, and these as the file has them; null writes nothing.</summary>
    public (string Path, string Section, TrainOptions Before)? WriteTo { get; init; }

    public int Run(CancellationToken cancellation)
    {
        int done = PrepareLog();
        report.Note($"{string.Join(" + ", TuningProgress.RungSizes(options))} runs of {job.Options.Solver} on {job.Train.Count} examples, judged on {job.Validation?.Count ?? 0} validation examples, {options.Workers} at a time; trials are kept in {options.TrialsFile}");
        TuneResult result;
        try
        {
            result = Tuner.Run(job, space, options, new TuningProgress(report, options, job.Options.Epochs, done), TimeProvider.System, cancellation);
        }
        catch (OperationCanceledException)
        {
            report.Note($"{FinishedTrials()} finished trials are kept in {options.TrialsFile}: the same command with --resume goes on from there");
            throw;
        }

        IReadOnlyList<ProjectChange> written = WriteTo is { } target ? ProjectEditor.WriteTraining(target.Path, target.Section, target.Before, result.Options) : [];
        Print(result, written);
        return FactoProgram.Ok;
    }

    private int PrepareLog()
    {
        string log = options.TrialsFile!;
        if (Path.GetDirectoryName(Path.GetFullPath(log)) is { } folder) { Directory.CreateDirectory(folder); }
        if (!File.Exists(log)) { return Resume ? throw new FactoException($"{log}: there is no search to resume; run without --resume") : 0; }
        if (Resume) { return FinishedTrials(); }
        File.Move(log, log + ".previous", overwrite: true);
        report.Note($"an earlier search's trials are now in {log}.previous");
        return 0;
    }

    private int FinishedTrials() => File.Exists(options.TrialsFile) ? Math.Max(0, File.ReadLines(options.TrialsFile).Count() - 1) : 0;

    private void Print(TuneResult result, IReadOnlyList<ProjectChange> written)
    {
        Trial best = result.Best;
        string[] names = [.. space.Dimensions.Select(d => d.Name)];
        report.Json(new JsonObject
        {
            ["metric"] = best.Metric,
            ["value"] = best.Value,
            ["best"] = Values(best),
            ["best_pass"] = best.BestEpoch,
            ["validation_examples"] = job.Validation!.Count,
            ["trials"] = new JsonArray([.. result.Trials.Select(ToJson)]),
            ["log"] = options.TrialsFile,
            ["written"] = new JsonArray([.. written.Select(w => new JsonObject { ["setting"] = w.Setting, ["value"] = JsonNode.Parse(w.Value) })]),
        });
        report.Table("trials, the best of each rung first", ["trial", "rung", "passes", .. names, best.Metric ?? "metric", "best pass", "seconds"],
            result.Trials.OrderByDescending(t => t.Rung).Select(t => (IReadOnlyList<string>)
            [
                $"{t.Number}", $"{t.Rung + 1}", $"{t.Epochs}", .. names.Select(n => t.Values[n].ToString(CultureInfo.InvariantCulture)),
                t.Failure is null ? Report.Number(t.Value, "0.00000") : "failed", $"{t.BestEpoch}", Report.Number(t.Seconds, "0.0"),
            ]));
        foreach (IGrouping<string, Trial> failed in result.Trials.Where(t => t.Failure is not null).GroupBy(t => t.Failure!)) { report.Say($"{failed.Count()} failed: {failed.Key}"); }
        report.Say($"best: {TuningProgress.Words(best)}: validation {best.Metric} {Report.Number(best.Value, "0.00000")} after pass {best.BestEpoch}");
        foreach (ProjectChange change in written) { report.Say($"  {change.Setting}: {change.Value}"); }
        if (WriteTo is { } target) { report.Say(written.Count > 0 ? $"written into {target.Path}: 'facto train' uses it" : $"{target.Path} has these values already"); }
        else { report.Say("to train with it: " + string.Join(' ', best.Values.Select(Flag))); }
    }

    private static string Flag(KeyValuePair<string, double> value) => new SearchDimension(value.Key, 0, 0).Setting.StartsWith("extra.", StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"--solver-option {value.Key}={value.Value}")
        : string.Create(CultureInfo.InvariantCulture, $"--{value.Key} {value.Value}");

    private static JsonObject Values(Trial trial)
    {
        var values = new JsonObject();
        foreach ((string name, double value) in trial.Values) { values[name] = value; }
        return values;
    }

    private static JsonNode ToJson(Trial trial) => new JsonObject
    {
        ["trial"] = trial.Number,
        ["rung"] = trial.Rung,
        ["passes"] = trial.Epochs,
        ["values"] = Values(trial),
        ["value"] = double.IsNaN(trial.Value) ? null : trial.Value,
        ["best_pass"] = trial.BestEpoch,
        ["seconds"] = trial.Seconds,
        ["failure"] = trial.Failure,
    };
}
