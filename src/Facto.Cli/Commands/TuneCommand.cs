using System.CommandLine;
using Facto.Cli.Flat;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Cli.Tuning;
using Facto.Import;
using Facto.Import.Life;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Session;
using Facto.Training.Tuning;

namespace Facto.Cli.Commands;

/// <summary>`facto tune`: searches the options of `facto train` on the validation split.</summary>
internal static class TuneCommand
{
    private const double FlatHoldout = 0.1;

    public static Command Create()
    {
        var command = new VerbCommand("tune", "Search training options on the validation split (never on test) and write the best into "
            + "facto.json",
            "facto tune                                                       # the project's 'tuning' section, or ranges around the "
                + "solver's defaults",
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
            var arguments = new Arguments(parsed);
            arguments.HasRead(json, quiet);
            TuneTable.Print(report, Plan(arguments, report)(cancellation));
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;

        Func<CancellationToken, SearchOutcome> Plan(Arguments arguments, Report report)
        {
            if (!flat.IsGiven(arguments.Parsed)) { return OfProject(arguments, report); }
            if (project.IsGiven(arguments.Parsed))
            {
                throw new UsageException("--project and --train are two ways to say what to learn from: give one of them");
            }

            FlatJob job = flat.Job(arguments);
            double share = flat.Share(arguments);
            TrainOptions options = flags.Apply(arguments, new TrainOptions());
            SearchSpace space = search.Space(arguments, new TuningSpec(), options);
            TuneOptions how = search.Options(arguments, new TuningSpec(), options, "trials.jsonl");
            bool resume = search.Resume(arguments);
            arguments.RefuseUnread("tuning on flat files (a project may read it)");
            return stop => FlatSearch(
                job, share > 0 ? share : FlatHoldout, options, space, how, resume, Shown(report, how, options, resume), stop);
        }

        Func<CancellationToken, SearchOutcome> OfProject(Arguments arguments, Report report)
        {
            string? which = arguments.Get(stage);
            Project opened = project.Open(arguments, null);
            TrainOptions options = flags.Apply(arguments, opened.TrainingOf(which));
            TuneOptions how = search.Options(arguments, opened.File.Tuning, options, Search.TrialsFile(opened.File, which));
            SearchSpace space = search.Space(arguments, opened.File.Tuning, options);
            (bool resume, bool writes) = (search.Resume(arguments), search.Writes(arguments));
            arguments.RefuseUnread("tuning a project, whose validation split judges");
            var tuned = new Project(opened.File, Shown(report, how, options, resume), TimeProvider.System);
            return stop => tuned.Tune(options, which, space, how, resume, writes, stop);
        }
    }

    private static LifeReport Shown(Report report, TuneOptions how, TrainOptions options, bool resume) => new(report)
    {
        Trials = new TuningProgress(report, how, SolverSettings.Of(options).Epochs, resume ? Search.FinishedTrials(how.TrialsFile!) : 0),
    };

    private static SearchOutcome FlatSearch(
        FlatJob job,
        double share,
        TrainOptions options,
        SearchSpace space,
        TuneOptions how,
        bool resume,
        LifeReport progress,
        CancellationToken cancellation)
    {
        SolverSettings settings = SolverSettings.Of(options);
        options = options with { Task = settings.Task };
        FlatSplits splits = FlatSplits.Read(job, settings.Task, null, progress, cancellation);
        (Dataset train, Dataset validation) = splits.Validation is { } given
            ? (splits.Train, given)
            : HoldOut.Split(splits.Train, share, settings.Seed);
        var request = new SearchRequest
        {
            Job = new TrainingJob(train, options, validation),
            Space = space,
            Options = how,
            Resume = resume,
        };
        return Search.Run(request, progress, TimeProvider.System, cancellation);
    }
}

/// <summary>The options of a search.</summary>
internal sealed class SearchOptions
{
    private readonly Option<string[]> _range = new("--range")
    {
        Description = "option=LOW..HIGH [log] [int] (repeatable), instead of the project's tuning.space; any other name is one of the "
            + "solver's own options",
    };
    private readonly Option<int?> _trials = new("--trials") { Description = "Random points of the space [default: 27]" };
    private readonly Option<int?> _rungs = new("--rungs")
    {
        Description = "Rungs of successive halving; 1 gives every trial all epochs [default: 3]",
    };
    private readonly Option<int?> _reduction = new("--reduction")
    {
        Description = "Each rung keeps one trial in so many and gives it so many times the epochs [default: 3]",
    };
    private readonly Option<ulong?> _seed = new("--search-seed") { Description = "Where the points come from [default: 1]" };
    private readonly Option<int?> _workers = new("--workers")
    {
        Description = "Trials at the same time, each with --threads workers of its own [default: as the cores allow]",
    };
    private readonly Option<string?> _log = new("--log")
    {
        Description = "File of finished trials [default: trials.jsonl in the project's output folder, or in this folder]",
    };
    private readonly Option<bool> _resume = new("--resume") { Description = "Continue the search in --log" };
    private readonly Option<bool> _dry = new("--no-write") { Description = "Leave facto.json as it is" };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_range, _trials, _rungs, _reduction, _seed, _workers, _log, _resume, _dry])
        {
            command.Options.Add(option);
        }
    }

    public bool Resume(Arguments arguments) => arguments.Get(_resume);

    public bool Writes(Arguments arguments) => !arguments.Get(_dry);

    public TuneOptions Options(Arguments arguments, TuningSpec spec, TrainOptions training, string log) => new()
    {
        Trials = arguments.Get(_trials) ?? spec.Trials,
        Rungs = arguments.Get(_rungs) ?? spec.Rungs,
        Reduction = arguments.Get(_reduction) ?? spec.Reduction,
        Seed = arguments.Get(_seed) ?? spec.Seed,
        Workers = arguments.Get(_workers) ?? Math.Max(1, Environment.ProcessorCount / SolverSettings.Of(training).Threads),
        TrialsFile = arguments.Get(_log) ?? log,
    };

    public SearchSpace Space(Arguments arguments, TuningSpec spec, TrainOptions training)
    {
        string[] ranges = arguments.Get(_range) ?? [];
        if (ranges.Length == 0)
        {
            return spec.Space.Count > 0
                ? new SearchSpace([.. spec.Space.Select(s => SearchDimension.Parse(s.Key, s.Value))])
                : SearchSpace.Default(training);
        }

        return new SearchSpace([.. ranges.Select(range =>
        {
            int equals = range.IndexOf('=', StringComparison.Ordinal);
            return equals > 0
                ? SearchDimension.Parse(range[..equals].Trim(), range[(equals + 1)..])
                : throw new UsageException($"--range '{range}' is not of the form option=LOW..HIGH, as in 'learning-rate=0.001..0.3 log'");
        })]);
    }
}
