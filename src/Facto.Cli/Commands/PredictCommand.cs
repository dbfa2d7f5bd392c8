using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Data;
using Facto.Data.Text;
using Facto.Import;
using Facto.Import.Life;
using Facto.Models;

namespace Facto.Cli.Commands;

/// <summary>`facto predict`: one prediction per line of a flat file.</summary>
internal static class PredictCommand
{
    private static VerbCommand Verb() => new(
        "predict", "Predict the label of every row of a table of users and items, or of every line of a "
        + "flat file",
        "facto predict --data pairs.csv --out predictions.csv                 # columns as in the project; unknown users by their "
            + "features",
        "facto predict --data pairs.txt --delimiter ';' --columns user,item  # laid out otherwise than the project's log",
        "facto predict --bundle out/bundles --data pairs.jsonl --out predictions.jsonl",
        "facto predict --model ctr.facto --data today.libfm --out scores.txt",
        "facto predict --model gibbs.facto --data test.libfm --interval 0.9 --out intervals.tsv",
        "facto predict --model ratings.facto --data test.libfm --json      # metrics, when the file has labels");

    public static Command Create()
    {
        VerbCommand command = Verb();
        var model = new Option<string?>("--model")
        {
            Description = "A model written by train, for a flat file; the project's bundle when not given",
        };
        var data = new Option<string[]>("--data")
        {
            Description = "A table (CSV, TSV, JSON lines, Parquet) with the project's user and item columns and any user or context "
                + "fields; with --model libFM, libSVM or libFFM files; also .gz",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var output = new Option<string?>("--out")
        {
            Description = "Where to write the predictions; standard output when neither this nor --json is given",
        };
        var interval = new Option<float?>("--interval")
        {
            Description = "Probability of an interval around each prediction, such as 0.9: lines end with low and high (tab-separated in "
                + "a flat file); needs a model of gibbs",
        };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        var bundle = new BundleOptions();
        var layout = new TableLayoutOptions();
        bundle.AddTo(command);
        foreach (Option option in (Option[])[model, data, output, interval, threads, json, quiet]) { command.Options.Add(option); }
        layout.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(interval) is { } wanted and not (> 0 and < 1))
            {
                throw new UsageException(FormattableString.Invariant($"--interval is {wanted}; it must be between 0 and 1, such as 0.9"));
            }

            Report report = parsed.Report(json, quiet);
            string? modelPath = parsed.GetValue(model);
            Project? flat = modelPath is null ? bundle.Flat(parsed, report) : null;
            if (modelPath is null && flat is null)
            {
                var prediction = new TablePrediction(
                    bundle.Open(parsed, report), parsed.GetValue(interval), new LifeReport(report), s => layout.Apply(parsed, s));
                TextWriter? console = parsed.GetValue(json) ? null : Console.Out;
                report.Json(prediction.Run(parsed.GetRequiredValue(data), parsed.GetValue(output), console, cancellation));
                return Task.FromResult(FactoProgram.Ok);
            }

            bool isText = flat is null || flat.File.Interactions.Format == TableFormat.Sparse;
            if (isText && layout.Given(parsed) is { } unread)
            {
                throw new UsageException($"{unread} is of tables, and libFM, libSVM and libFFM files have one layout: leave it out");
            }

            ISeparableModel opened = ModelFile.Open(modelPath ?? flat!.FlatModelPath);
            (Dataset rows, bool hasLabels) = isText
                ? Text(opened, parsed.GetRequiredValue(data), report, cancellation)
                : FlatImporter.ReadToPredict(
                    flat!.File, opened, parsed.GetRequiredValue(data), s => layout.Apply(parsed, s), cancellation);
            var target = (parsed.GetValue(output), parsed.GetValue(json));
            Answer(opened, rows, hasLabels, parsed.GetValue(interval), parsed.GetValue(threads), target, report);
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static void Answer(
        ISeparableModel model, Dataset rows, bool hasLabels, float? interval, int threads, (string? Path, bool Json) target, Report report)
    {
        PosteriorPrediction[]? whole = interval is { } level ? Intervals(model, rows, level, threads) : null;
        float[] predictions = whole is null ? Predictions.Of(model, rows, threads) : Array.ConvertAll(whole, p => p.Mean);
        Write(target.Path, target.Json, predictions, whole);
        report.Json(new JsonObject
        {
            ["predictions"] = predictions.Length,
            ["metrics"] = hasLabels ? Predictions.ToJson(Predictions.Measure(model.Task, predictions, rows)) : null,
            ["intervals"] = whole is null || !hasLabels ? null : Predictions.Intervals(model.Task, interval!.Value, whole, rows),
        });
    }

    private static (Dataset Rows, bool HasLabels) Text(
        ISeparableModel model, IReadOnlyList<string> paths, Report report, CancellationToken cancellation)
    {
        var reading = new SparseTextOptions
        {
            Schema = model.Schema,
            BinaryLabels = model.Task == LearningTask.Binary,
            LabelsOptional = true,
        };
        SparseTextData read = SparseTextReader.Read([paths], reading, cancellation);
        if (read.UnknownFeatureCount > 0)
        {
            report.Note($"{read.UnknownFeatureCount} features are not in the model and contribute nothing");
        }

        return (read.Parts[0], read.HasLabels);
    }

    private static PosteriorPrediction[] Intervals(ISeparableModel model, Dataset rows, float level, int threads)
    {
        return model is FmPosterior posterior
            ? PosteriorScorer.Predict(posterior, rows, level, threads)
            : throw new FactoException("--interval needs draws of a posterior, and this model has none: learn it with --solver gibbs");
    }

    private static void Write(string? path, bool json, float[] predictions, PosteriorPrediction[]? whole)
    {
        if (path is null && json) { return; }
        if (path is not null) { DurableFile.WriteText(path, writer => Write(writer, predictions, whole)); }
        else { Write(Console.Out, predictions, whole); }
    }

    private static void Write(TextWriter writer, float[] predictions, PosteriorPrediction[]? whole)
    {
        for (int t = 0; t < predictions.Length; t++)
        {
            string line = predictions[t].ToString("R", CultureInfo.InvariantCulture);
            writer.WriteLine(whole is null ? line : string.Create(
                CultureInfo.InvariantCulture, $"{line}\t{whole[t].Low:R}\t{whole[t].High:R}"));
        }
    }
}
