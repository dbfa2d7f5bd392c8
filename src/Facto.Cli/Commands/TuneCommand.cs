using System.CommandLine;
using Facto.Cli.Flat;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Cli.Tuning;
using Facto.Data;
using Facto.Import;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Tuning;

namespace Facto.Cli.Commands;

/// <summary>`facto tune`: searches the options of `facto train` on the validation part.</summary>
internal static class TuneCommand
{
    private const double FlatHoldout = 0.1;

    public static Command Create()
    {
        var command = new VerbCommand("tune", "Search training options on the validation part (never on test) and write the best into facto.json",
            "facto tune                                                       # the project's 'tuning' section, or ranges around the solver's defaults",
            "facto tune --range 'learning-rate=0.001..0.3 log' --range 'factors=8..64 int' --trials 54",
            "facto tune --resume                                              # after Ctrl-C: finished trials are not run again",
            "facto tune --train a.libfm --task regression --range 'reg-factors=0.001..0.1 log' --workers 2");
        var flat = new FlatOptions();
        var search = new SearchOptions();
        var project = new ProjectOptions();
        var flags = new TrainingFlags();
        var stage = new Option<string?>("--stage") { Description = "Project with stages: the one to tune" };
        stage.AcceptOnlyFromAmong(StageTraining.Recall, StageTraining.Rank);
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        search.AddTo(command);
        project.AddTo(command);
        command.Options.Add(stage);
        flat.AddTo(command, withTest: false);
        flags.AddTo(command);
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.SetAction((parsed, cancellation) =>
        {
            Report report = parsed.Report(json, quiet);
            if (!flat.IsGiven(parsed)) { return Task.FromResult(Project(project, parsed.GetValue(stage), flags, search, parsed, report, cancellation)); }
            if (project.IsGiven(parsed)) { throw new UsageException("--project and --train are two ways to say what to learn from: give one of them"); }
            FlatJob job = flat.Job(parsed);
            TrainOptions options = flags.Apply(parsed, new TrainOptions());
            SolverSettings settings = SolverSettings.Of(options);
            options = options with { Task = settings.Task };
            FlatParts parts = FlatParts.Read(job, settings.Task, report, cancellation);
            if (parts.Validation is null) { parts = parts.HoldOut(job.Holdout > 0 ? job.Holdout : FlatHoldout, settings.Seed); }
            var training = new TrainingJob(parts.Train, options, parts.Validation);
            return Task.FromResult(new TuningRun(training, search.Space(parsed, new TuningSpec(), options), search.Options(parsed, new TuningSpec(), options, "trials.jsonl"), report) { Resume = search.Resume(parsed) }.Run(cancellation));
        });
        return command;
    }

    private static int Project(ProjectOptions project, string? stage, TrainingFlags flags, SearchOptions search, ParseResult parsed, Report report, CancellationToken cancellation)
    {
        ProjectFile file = project.Load(parsed);
        if (stage is null != file.Stages is null) { throw new UsageException(stage is null ? "this project has stages: say which to tune with --stage recall or --stage rank" : "--stage needs 'stages' in facto.json; docs/stages.md shows them"); }
        TrainOptions options = flags.Apply(parsed, Section(file, stage));
        TuneOptions how = search.Options(parsed, file.Tuning, options, Path.Combine(file.OutputFolder, stage is null ? "trials.jsonl" : $"trials-{stage}.jsonl"));
        SearchSpace space = search.Space(parsed, file.Tuning, options);
        using DatasetFile data = new ProjectPipeline(file, report).OpenDataset(cancellation);
        Dataset? validation = data.Parts.GetValueOrDefault("validation");
        // The file without --set: what is written back is what differs from it.
        TrainOptions before = Section(ProjectFile.Load(file.FilePath, null, "."), stage);
        return new TuningRun(new TrainingJob(data["train"], options, validation), space, how, report)
        {
            Resume = search.Resume(parsed),
            WriteTo = search.Writes(parsed) ? (file.FilePath, stage is null ? "training" : $"stages.{stage}.training", before) : null,
        }.Run(cancellation);
    }

    private static TrainOptions Section(ProjectFile file, string? stage) => stage is null ? file.Training : StageTraining.OptionsOf(file.Stages!, stage);
}

/// <summary>The options of a search.</summary>
internal sealed class SearchOptions
{
    private readonly Option<string[]> _range = new("--range") { Description = "option=LOW..HIGH [log] [int] (repeatable), instead of the project's tuning.space; any other name is one of the solver's own options" };
    private readonly Option<int?> _trials = new("--trials") { Description = "Random points of the space [default: 27]" };
    private readonly Option<int?> _rungs = new("--rungs") { Description = "Rungs of successive halving; 1 gives every trial all passes [default: 3]" };
    private readonly Option<int?> _reduction = new("--reduction") { Description = "Each rung keeps one trial in so many and gives it so many times the passes [default: 3]" };
    private readonly Option<ulong?> _seed = new("--search-seed") { Description = "Where the points come from [default: 1]" };
    private readonly Option<int?> _workers = new("--workers") { Description = "Trials at the same time, each with --threads workers of its own [default: as the cores allow]" };
    private readonly Option<string?> _log = new("--log") { Description = "File of finished trials [default: trials.jsonl in the project's output folder, or in this folder]" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Continue the search in --log" };
    private readonly Option<bool> _dry = new("--no-write") { Description = "Leave facto.json as it is" };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_range, _trials, _rungs, _reduction, _seed, _workers, _log, _resume, _dry]) { command.Options.Add(option); }
    }

    public bool Resume(ParseResult parsed) => parsed.GetValue(_resume);

    public bool Writes(ParseResult parsed) => !parsed.GetValue(_dry);

    public TuneOptions Options(ParseResult parsed, TuningSpec spec, TrainOptions training, string log) => new()
    {
        Trials = parsed.GetValue(_trials) ?? spec.Trials,
        Rungs = parsed.GetValue(_rungs) ?? spec.Rungs,
        Reduction = parsed.GetValue(_reduction) ?? spec.Reduction,
        Seed = parsed.GetValue(_seed) ?? spec.Seed,
        Workers = parsed.GetValue(_workers) ?? Math.Max(1, Environment.ProcessorCount / SolverSettings.Of(training).Threads),
        TrialsFile = parsed.GetValue(_log) ?? log,
    };

    public SearchSpace Space(ParseResult parsed, TuningSpec spec, TrainOptions training)
    {
        string[] ranges = parsed.GetValue(_range) ?? [];
        if (ranges.Length == 0) { return spec.Space.Count > 0 ? new SearchSpace([.. spec.Space.Select(s => SearchDimension.Parse(s.Key, s.Value))]) : SearchSpace.Default(training); }
        return new SearchSpace([.. ranges.Select(range =>
        {
            int equals = range.IndexOf('=', StringComparison.Ordinal);
            return equals > 0 ? SearchDimension.Parse(range[..equals].Trim(), range[(equals + 1)..]) : throw new UsageException($"--range '{range}' is not of the form option=LOW..HIGH, as in 'learning-rate=0.001..0.3 log'");
        })]);
    }
}
