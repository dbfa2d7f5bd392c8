using System.CommandLine;
using Facto.Cli.Flat;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Data;
using Facto.Import;
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
            "facto train --train a.libfm --test b.libfm --task regression --factors 16 --epochs 20",
            "facto train --train a.libfm --validation v.libfm --test b.libfm --task binary --solver adagrad --model ctr.facto",
            "facto train --train a.libfm --test b.libfm --holdout 0.1 --json   # passes chosen on a tenth of train, then all of it",
            "facto train --train a.libfm --checkpoint run.ckpt                 # Ctrl-C, then the same with --resume");
        var train = new Option<string[]>("--train") { Description = "Training files (libFM, libSVM or libFFM text, also .gz)", AllowMultipleArgumentsPerToken = true };
        var validation = new Option<string[]>("--validation") { Description = "Files for early stopping", AllowMultipleArgumentsPerToken = true };
        var test = new Option<string[]>("--test") { Description = "Files to judge the model on", AllowMultipleArgumentsPerToken = true };
        var groups = new Option<string?>("--groups") { Description = "libFM's group file: line i is the field of feature i" };
        var sides = new Option<string?>("--sides") { Description = "Side of each field, as user,item,context: splits a flat file in two sides" };
        var holdout = new Option<double>("--holdout") { Description = "Choose the number of passes on this share of train, then learn from all of it" };
        var badLines = new Option<long>("--max-bad-lines") { Description = "Leave out at most so many bad lines instead of failing" };
        var model = new Option<string?>("--model") { Description = "Where to write the model" };
        var initial = new Option<string?>("--initial-model") { Description = "A model to start from; new features are appended" };
        var predictions = new Option<string?>("--predictions") { Description = "Where to write one prediction per test line" };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "Where to keep the state of the run, so that it can be continued" };
        var resume = new Option<bool>("--resume") { Description = "Continue from --checkpoint" };
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        var version = new Option<string?>("--version") { Description = "Project: name of the bundle; the time when not given" };
        var project = new ProjectOptions();
        var flags = new TrainingFlags();
        foreach (Option option in (Option[])[train, validation, test, groups, sides, holdout, badLines, model, initial, predictions, checkpoint, resume]) { command.Options.Add(option); }
        project.AddTo(command);
        command.Options.Add(version);
        flags.AddTo(command);
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.SetAction((parsed, cancellation) =>
        {
            Report report = parsed.Report(json, quiet);
            CheckpointOptions? checkpoints = parsed.GetValue(checkpoint) is { } kept ? new CheckpointOptions(kept, parsed.GetValue(resume)) : null;
            if (parsed.GetValue(resume) && checkpoints is null) { throw new UsageException("--resume needs --checkpoint FILE to continue from"); }
            if (parsed.GetValue(train) is not { Length: > 0 } files)
            {
                ProjectFile file = project.Load(parsed);
                var training = new ProjectTraining(file, flags.Apply(parsed, file.Training), report) { Version = parsed.GetValue(version), WarmStart = parsed.GetValue(initial), Checkpoints = checkpoints };
                return Task.FromResult(training.Run(cancellation));
            }

            if (project.IsGiven(parsed)) { throw new UsageException("--project and --train are two ways to say what to learn from: give one of them"); }
            double share = parsed.GetValue(holdout);
            if (share is < 0 or >= 1) { throw new UsageException($"--holdout is {share}; it must be at least 0 and below 1"); }
            if (share > 0 && parsed.GetValue(validation) is { Length: > 0 }) { throw new UsageException("--holdout and --validation both choose the number of passes: give one of them"); }
            var job = new FlatJob
            {
                Train = files,
                Validation = parsed.GetValue(validation) ?? [],
                Test = parsed.GetValue(test) ?? [],
                Groups = parsed.GetValue(groups),
                Sides = ParseSides(parsed.GetValue(sides)),
                Holdout = share,
                MaxBadLines = parsed.GetValue(badLines),
                Model = parsed.GetValue(model),
                WarmStart = parsed.GetValue(initial),
                Predictions = parsed.GetValue(predictions),
                Checkpoints = checkpoints,
            };
            TrainOptions options = flags.Apply(parsed, new TrainOptions());
            return Task.FromResult(new FlatTraining(job, options, report).Run(cancellation));
        });
        return command;
    }

    private static FieldSide[]? ParseSides(string? text) => text is null ? null : [.. text.Split(',').Select(side =>
        Enum.TryParse(side.Trim(), ignoreCase: true, out FieldSide parsed) && Enum.IsDefined(parsed)
            ? parsed
            : throw new UsageException($"--sides has '{side}'; each must be user, item or context"))];
}
