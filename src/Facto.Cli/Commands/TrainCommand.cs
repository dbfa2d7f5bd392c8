using System.CommandLine;
using Facto.Cli.Flat;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Import;
using Facto.Models.Text;
using Facto.Training;

namespace Facto.Cli.Commands;

/// <summary>`facto train`: on a project, or on flat libFM files with no project.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var command = new VerbCommand("train", "Learn from the project's dataset and leave a bundle, or from flat libFM/libSVM/libFFM files",
            "facto train                                                      # the project in this folder",
            "facto train --project shop --solver adagrad --factors 32",
            "facto train --stage rank                                         # one stage of a project with stages (docs/stages.md)",
            "facto train --train a.libfm --test b.libfm --task regression --factors 16 --epochs 20",
            "facto train --train a.libfm --validation v.libfm --test b.libfm --task binary --solver adagrad --model ctr.facto",
            "facto train --train a.libfm --test b.libfm --holdout 0.1 --json   # passes chosen on a tenth of train, then all of it",
            "facto train --train a.ffm --validation v.ffm --task binary --family ffm -k 4 --text-model ffm.txt   # docs/coming-from-xlearn.md, -libffm.md",
            "facto train --train train.txt --test test.txt --task ranking --solver icd --factors 64 --epochs 8   # lists 'user item item …'",
            "facto train --train a.libfm --checkpoint run.ckpt                 # Ctrl-C, then the same with --resume",
            "facto train --initial-model out/bundles/v1/model.facto --initial-state v1.ckpt --checkpoint v2.ckpt   # go on with new data");
        var flat = new FlatOptions();
        var model = new Option<string?>("--model") { Description = "Where to write the model" };
        var textModel = new Option<string?>("--text-model") { Description = "Where to write the model as text too, for xLearn's or libFM's users (FM and FFM of numbered flat data)" };
        var textFormat = new Option<TextModelFormat>("--text-format") { Description = "Whose text: XLearn or LibFm" };
        var initial = new Option<string?>("--initial-model") { Description = "A model to start from, also a text of xLearn or libFM; new features are appended" };
        var state = new Option<string?>("--initial-state") { Description = "The checkpoint of the run that made --initial-model: its optimiser's sums go on too" };
        var predictions = new Option<string?>("--predictions") { Description = "Where to write one prediction per test line" };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "Where to keep the state of the run, so that it can be continued" };
        var resume = new Option<bool>("--resume") { Description = "Continue from --checkpoint" };
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        var version = new Option<string?>("--version") { Description = "Project: name of the bundle; the time when not given" };
        var stage = new Option<string?>("--stage") { Description = "Project with stages: learn this one and keep the others of the bundle in use; all when not given" };
        stage.AcceptOnlyFromAmong(StageTraining.Names);
        var project = new ProjectOptions();
        var flags = new TrainingFlags();
        flat.AddTo(command, withTest: true);
        foreach (Option option in (Option[])[model, textModel, textFormat, initial, state, predictions, checkpoint, resume]) { command.Options.Add(option); }
        project.AddTo(command);
        command.Options.Add(version);
        command.Options.Add(stage);
        flags.AddTo(command);
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.SetAction((parsed, cancellation) =>
        {
            Report report = parsed.Report(json, quiet);
            CheckpointOptions? checkpoints = Checkpoints(parsed.GetValue(checkpoint), parsed.GetValue(resume));
            WarmStart? warm = Warm(parsed.GetValue(initial), parsed.GetValue(state));
            if (!flat.IsGiven(parsed))
            {
                if (parsed.GetValue(textModel) is not null) { throw new UsageException("--text-model goes with --train: the texts of xLearn and libFM number the features of a flat file"); }
                ProjectFile file = project.Load(parsed);
                if (file.Stages is not null || parsed.GetValue(stage) is not null)
                {
                    if (checkpoints is not null || parsed.GetValue(initial) is not null) { throw new UsageException("--checkpoint and --initial-model go with one model, and this project has stages"); }
                    return Task.FromResult(new StageTraining(file, options => flags.Apply(parsed, options), report) { Stage = parsed.GetValue(stage), Version = parsed.GetValue(version) }.Run(cancellation));
                }

                var training = new ProjectTraining(file, flags.Apply(parsed, file.Training), report) { Version = parsed.GetValue(version), WarmStart = warm, Checkpoints = checkpoints };
                return Task.FromResult(training.Run(cancellation));
            }

            if (project.IsGiven(parsed)) { throw new UsageException("--project and --train are two ways to say what to learn from: give one of them"); }
            FlatJob job = flat.Job(parsed) with
            {
                Model = parsed.GetValue(model),
                TextModel = parsed.GetValue(textModel),
                TextFormat = parsed.GetValue(textFormat),
                WarmStart = warm,
                Predictions = parsed.GetValue(predictions),
                Checkpoints = checkpoints,
            };
            TrainOptions options = flags.Apply(parsed, new TrainOptions());
            return Task.FromResult(new FlatTraining(job, options, report).Run(cancellation));
        });
        return command;
    }

    private static CheckpointOptions? Checkpoints(string? path, bool resume)
    {
        if (resume && path is null) { throw new UsageException("--resume needs --checkpoint FILE to continue from"); }
        return path is null ? null : new CheckpointOptions(path, resume);
    }

    private static WarmStart? Warm(string? model, string? state)
    {
        if (model is null && state is not null)
        {
            throw new UsageException("--initial-state needs --initial-model FILE, the model that the sums belong to");
        }

        return model is null ? null : new WarmStart(model, state);
    }
}
