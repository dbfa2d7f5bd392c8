using System.Text.Json.Nodes;
using Facto.Data;
using Facto.Training;
using Facto.Training.Tuning;

namespace Facto.Import.Life;

/// <summary>A search for training options on a training and a validation split; it never sees the test split.</summary>
internal sealed record SearchRequest
{
    /// <summary>Training and validation examples, and the options that every trial starts from.</summary>
    public required TrainingJob Job { get; init; }

    /// <summary>What may change.</summary>
    public required SearchSpace Space { get; init; }

    /// <summary>How to search; its trials are kept in a file.</summary>
    public required TuneOptions Options { get; init; }

    /// <summary>Continue the file's search; otherwise a file that is there is put aside.</summary>
    public bool Resume { get; init; }

    /// <summary>
    /// The project to write the best values into, the section of its training options, and these as the file has them; null writes nothing.
    /// </summary>
    public (string Path, string Section, TrainOptions Before)? WriteTo { get; init; }
}

/// <summary>What a search found and wrote.</summary>
internal sealed record SearchOutcome(SearchRequest Request, TuneResult Result, IReadOnlyList<ProjectChange> Written)
{
    /// <summary>As --json prints it.</summary>
    public JsonObject ToJson() => new()
    {
        ["metric"] = Result.Best.Metric,
        ["value"] = Result.Best.Value,
        ["best"] = Values(Result.Best),
        ["best_epoch"] = Result.Best.BestEpoch,
        ["validation_examples"] = Request.Job.Validation!.Count,
        ["trials"] = new JsonArray([.. Result.Trials.Select(ToJson)]),
        ["log"] = Request.Options.TrialsFile,
        ["written"] = new JsonArray([.. Written.Select(w => new JsonObject
        {
            ["setting"] = w.Setting,
            ["value"] = JsonNode.Parse(w.Value),
        })]),
    };

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
        ["epochs"] = trial.Epochs,
        ["values"] = Values(trial),
        ["value"] = double.IsNaN(trial.Value) ? null : trial.Value,
        ["best_epoch"] = trial.BestEpoch,
        ["seconds"] = trial.Seconds,
        ["failure"] = trial.Failure,
    };
}

/// <summary>Runs a search and leaves the best options where training finds them.</summary>
internal static class Search
{
    /// <summary>Where the trials of a project, or of one of its stages, are kept.</summary>
    public static string TrialsFile(ProjectFile file, string? stage) =>
        Path.Combine(file.OutputFolder, stage is null ? "trials.jsonl" : $"trials-{stage}.jsonl");

    /// <summary>Training runs of a search in each rung.</summary>
    public static IEnumerable<int> RungSizes(TuneOptions options)
    {
        for (int rung = 0, n = options.Trials; rung < options.Rungs; rung++, n = Math.Max(1, n / options.Reduction)) { yield return n; }
    }

    /// <summary>Trials that are done.</summary>
    public static int FinishedTrials(string log) => File.Exists(log) ? Math.Max(0, File.ReadLines(log).Count() - 1) : 0;

    /// <summary>Searches.</summary>
    /// <exception cref="FactoException">There is nothing to resume, no validation split, or every trial failed.</exception>
    public static SearchOutcome Run(
        SearchRequest request, IProgress<LifeEvent>? progress, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        string log = request.Options.TrialsFile!;
        PrepareLog(log, request.Resume, progress);
        TrainingJob job = request.Job;
        progress.Note($"{string.Join(" + ", RungSizes(request.Options))} runs of {job.Options.Solver} on {job.Train.Count} examples, "
            + "judged on "
            + $"{job.Validation?.Count ?? 0} validation examples, {request.Options.Workers} at a time; trials are kept in {log}");
        try
        {
            TuneResult result = Tuner.Run(
                job, request.Space, request.Options, progress.Of<Trial>(t => new LifeEvent.TrialEnded(t)), time, cancellation);
            IReadOnlyList<ProjectChange> written = request.WriteTo is { } target
                ? ProjectEditor.WriteTraining(target.Path, target.Section, target.Before, result.Options)
                : [];
            return new SearchOutcome(request, result, written);
        }
        catch (OperationCanceledException)
        {
            progress.Note($"{FinishedTrials(log)} finished trials are kept in {log}: the same command with --resume goes on from there");
            throw;
        }
    }

    private static void PrepareLog(string log, bool resume, IProgress<LifeEvent>? progress)
    {
        OutputChecks.File(log);
        if (!File.Exists(log))
        {
            if (resume) { throw new FactoException($"{log}: there is no search to resume; run without --resume"); }
            return;
        }

        if (resume) { return; }
        File.Move(log, log + ".previous", overwrite: true);
        progress.Note($"an earlier search's trials are now in {log}.previous");
    }
}

/// <summary>Tuning.</summary>
internal sealed partial class Project
{
    /// <summary>The project's training options, or those of a stage.</summary>
    /// <exception cref="OptionException">A stage is named and there are none, or there are and none is named.</exception>
    public TrainOptions TrainingOf(string? stage)
    {
        if (stage is null != file.Stages is null)
        {
            throw new OptionException(stage is null
                ? "this project has stages: say which to tune with --stage recall or --stage rank"
                : "--stage needs 'stages' in facto.json; docs/stages.md shows them");
        }

        return stage is null ? file.Training : StageTraining.OptionsOf(file.Stages!, stage);
    }

    /// <summary>Searches the options of <see cref="Train"/> on the validation split.</summary>
    /// <param name="training">The options that every trial starts from.</param>
    /// <param name="stage">The stage, or null.</param>
    /// <param name="space">What may change.</param>
    /// <param name="how">How to search.</param>
    /// <param name="resume">Continue the search in the file of trials.</param>
    /// <param name="writes">Write the best values into facto.json.</param>
    /// <param name="cancellation">Ends the search; finished trials stay in the file.</param>
    public SearchOutcome Tune(
        TrainOptions training,
        string? stage,
        SearchSpace space,
        TuneOptions how,
        bool resume,
        bool writes,
        CancellationToken cancellation = default)
    {
        using DatasetFile data = OpenDataset(cancellation);
        // The file without overrides: what is written back is what differs from it.
        TrainOptions before = new Project(ProjectFile.Load(file.FilePath, null, ".")).TrainingOf(stage);
        var request = new SearchRequest
        {
            Job = new TrainingJob(data["train"], training, data.Parts.GetValueOrDefault("validation")),
            Space = space,
            Options = how,
            Resume = resume,
            WriteTo = writes ? (file.FilePath, stage is null ? "training" : $"stages.{stage}.training", before) : null,
        };
        return Search.Run(request, progress, _time, cancellation);
    }
}
