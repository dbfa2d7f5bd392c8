using System.CommandLine;
using Facto.Cli.Flat;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Import.Life;
using Facto.Models.Text;
using Facto.Training;

namespace Facto.Cli.Commands;

/// <summary>`facto train`: on a project, on one of its stages, or on flat files with no project.</summary>
internal sealed class TrainCommand
{
    private readonly FlatOptions _flat = new();
    private readonly ProjectOptions _project = new();
    private readonly TrainingFlags _flags = new();
    private readonly Option<string?> _model = new("--model") { Description = "Where to write the model" };
    private readonly Option<string?> _initial = new("--initial-model") { Description = "A model to start from; new features are appended" };
    private readonly Option<string?> _state = new("--initial-state")
    {
        Description = "The checkpoint of the run that made --initial-model: its optimiser's sums go on too",
    };

    private readonly Option<string?> _textModel = new("--text-model")
    {
        Description = "Flat files: where to write the model as text too, for xLearn's or libFM's users (FM and FFM of numbered features)",
    };

    private readonly Option<TextModelFormat> _textFormat = new("--text-format") { Description = "Whose text: XLearn or LibFm" };
    private readonly Option<string?> _predictions = new("--predictions") { Description = "Where to write one prediction per test example" };
    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Where to keep the state of the run, so that it can be continued",
    };
    private readonly Option<bool> _resume = new("--resume") { Description = "Continue from --checkpoint" };
    private readonly Option<bool> _evaluate = new("--evaluate")
    {
        Description = "Project: judge on the test split too, beside popularity and item neighbours; 'facto evaluate' does it later",
    };

    private readonly Option<string?> _bundle = new("--bundle", "-b")
    {
        Description = "Flat files with two sides (lists, or --sides): a folder of bundles to leave one in, to serve from",
    };

    private readonly Option<string?> _version = new("--version") { Description = "Name of the bundle; the time when not given" };
    private readonly Option<string?> _stage = new("--stage")
    {
        Description = "Project with stages: learn this one and keep the others of the bundle in use; all when not given",
    };

    private readonly Option<bool> _json = CommonOptions.Json(), _quiet = CommonOptions.Quiet();

    /// <summary>The verb.</summary>
    public static Command Create() => new TrainCommand().Build();

    /// <summary>The verb over this object's options.</summary>
    public Command Build()
    {
        var command = new VerbCommand("train", "Learn from the project's dataset and leave a bundle, or from flat libFM/libSVM/libFFM "
            + "files",
            "facto train                                                      # the project in this folder; then facto evaluate",
            "facto train --project shop --solver adagrad --factors 32",
            "facto train --stage rank                                         # one stage of a project with stages (docs/stages.md)",
            "facto train --train a.libfm --test b.libfm --task regression --factors 16 --epochs 20",
            "facto train --train a.libfm --validation v.libfm --test b.libfm --task binary --solver adagrad --model ctr.facto",
            "facto train --train a.libfm --test b.libfm --holdout 0.1 --json   # epochs chosen on a tenth of train, then all of it",
            "facto train --train a.ffm --validation v.ffm --task binary --family ffm -k 4 --text-model ffm.txt   # docs/coming-from-*.md",
            "facto train --train train.txt --test test.txt --task ranking --solver icd --bundle bundles   # lists 'user item item …'",
            "facto train --train a.libfm --checkpoint run.ckpt                 # Ctrl-C, then the same with --resume",
            "facto train --initial-model out/bundles/v1/model.facto --initial-state v1.ckpt --checkpoint v2.ckpt   # go on with new data");
        _stage.AcceptOnlyFromAmong(StageTraining.Names);
        _flat.AddTo(command, withTest: true);
        Option[] own =
            [_model, _textModel, _textFormat, _initial, _state, _predictions, _checkpoint, _resume, _evaluate, _bundle];
        foreach (Option option in own)
        {
            command.Options.Add(option);
        }

        _project.AddTo(command);
        command.Options.Add(_version);
        command.Options.Add(_stage);
        _flags.AddTo(command);
        command.Options.Add(_json);
        command.Options.Add(_quiet);
        command.SetAction((parsed, cancellation) =>
        {
            Report report = parsed.Report(_json, _quiet);
            TrainTable.Print(report, Plan(new Arguments(parsed), new LifeReport(report))(cancellation));
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    /// <summary>
    /// What the command line asks for, ready to run: every option that was given has been read, or is refused here with its name.
    /// </summary>
    /// <exception cref="UsageException">Options do not go together, or the path that was chosen does not read one.</exception>
    internal Func<CancellationToken, TrainReport> Plan(Arguments arguments, IProgress<LifeEvent>? progress)
    {
        arguments.HasRead(_json, _quiet);
        if (_flat.IsGiven(arguments.Parsed))
        {
            if (_project.IsGiven(arguments.Parsed))
            {
                throw new UsageException("--project and --train are two ways to say what to learn from: give one of them");
            }

            FlatJob job = _flat.Job(arguments) with { Bundle = arguments.Get(_bundle) };
            TrainRequest flat = Request(arguments) with { Predictions = job.Test.Count > 0 ? arguments.Get(_predictions) : null };
            if (job.Test.Count == 0 && arguments.Has(_predictions))
            {
                throw new UsageException("--predictions are of test files: give --test too");
            }

            if (arguments.Get(_textModel) is { } text) { flat = flat with { TextModel = text, TextFormat = arguments.Get(_textFormat) }; }
            if (job.Bundle is not null) { flat = flat with { Version = arguments.Get(_version) }; }
            arguments.RefuseUnread(job.Bundle is null ? "training on flat files (a project, or --bundle, may read it)" : "training on "
                + "flat files (a project may read it)");
            return new FlatTraining(job, flat, progress, TimeProvider.System).Run;
        }

        Project project = _project.Open(arguments, progress);
        TrainRequest request = Request(arguments) with
        {
            Evaluate = arguments.Get(_evaluate),
            Predictions = arguments.Get(_predictions),
            Version = arguments.Get(_version),
        };
        if (project.File.Stages is null)
        {
            if (arguments.Has(_stage)) { throw new UsageException("--stage needs 'stages' in facto.json; docs/stages.md shows them"); }
            arguments.RefuseUnread("training a project of one model");
            return stop => project.Train(request, stop);
        }

        request = request with { Stage = arguments.Get(_stage) };
        string[] ofOne = [.. ((Option[])[_model, _initial, _state]).Where(arguments.Has).Select(o => o.Name)];
        if (request.Stage is null && ofOne.Length > 0)
        {
            throw new UsageException($"this project has stages: say with --stage which {string.Join(" and ", ofOne)} "
                + $"{(ofOne.Length == 1 ? "is" : "are")} of");
        }

        arguments.RefuseUnread("training a project with stages");
        return stop => project.Train(request, stop);
    }

    // What every path reads.
    private TrainRequest Request(Arguments arguments)
    {
        var request = new TrainRequest
        {
            Options = Options(arguments),
            InitialModel = arguments.Get(_initial),
            InitialState = arguments.Get(_state),
            Checkpoint = arguments.Get(_checkpoint),
            Resume = arguments.Get(_resume),
            Holdout = _flat.Share(arguments),
            Model = arguments.Get(_model),
        };
        if (request is { Resume: true, Checkpoint: null })
        {
            throw new UsageException("--resume needs --checkpoint FILE to continue from");
        }

        if (request is { InitialState: not null, InitialModel: null })
        {
            throw new UsageException("--initial-state needs --initial-model FILE, the model that the sums belong to");
        }

        return request;
    }

    // Checked here, so that a value out of range is a mistake in the command line and not of the work.
    private Func<TrainOptions, TrainOptions> Options(Arguments arguments)
    {
        _flags.Apply(arguments, new TrainOptions());
        return start => _flags.Apply(arguments, start);
    }
}
