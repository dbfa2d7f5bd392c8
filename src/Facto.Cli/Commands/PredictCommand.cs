using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Data;
using Facto.Data.Text;
using Facto.Models;

namespace Facto.Cli.Commands;

/// <summary>`facto predict`: one prediction per line of a flat file.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var command = new VerbCommand("predict", "Predict the label of every line of a flat file",
            "facto predict --model ctr.facto --data today.libfm --out scores.txt",
            "facto predict --model ratings.facto --data test.libfm --json      # metrics, when the file has labels");
        var model = new Option<string>("--model") { Description = "A model written by train", Required = true };
        var data = new Option<string[]>("--data") { Description = "libFM, libSVM or libFFM files, also .gz", Required = true, AllowMultipleArgumentsPerToken = true };
        var output = new Option<string?>("--out") { Description = "Where to write the predictions; standard output when neither this nor --json is given" };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        foreach (Option option in (Option[])[model, data, output, threads, json, quiet]) { command.Options.Add(option); }
        command.SetAction((parsed, cancellation) =>
        {
            ISeparableModel opened = ModelFile.Open(parsed.GetRequiredValue(model));
            var reading = new SparseTextOptions { Schema = opened.Schema, PositiveFrom = opened.Task == LearningTask.Binary ? 0.5f : null };
            SparseTextData read = SparseTextReader.Read([parsed.GetRequiredValue(data)], reading, cancellation);
            Dataset rows = read.Parts[0];
            Report report = parsed.Report(json, quiet);
            if (read.UnknownFeatureCount > 0) { report.Note($"{read.UnknownFeatureCount} features are not in the model and contribute nothing"); }
            float[] scores = new float[rows.Count];
            ModelScorer.Score(opened, rows, scores, parsed.GetValue(threads));
            float[] predictions = Array.ConvertAll(scores, opened.Predict);
            Write(parsed.GetValue(output), parsed.GetValue(json), predictions);
            report.Json(new JsonObject
            {
                ["predictions"] = predictions.Length,
                ["metrics"] = PredictionTable.ToJson(PredictionTable.Measure(opened.Task, predictions, rows)),
            });
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static void Write(string? path, bool json, float[] predictions)
    {
        if (path is null && json) { return; }
        using TextWriter writer = path is null ? Console.Out : File.CreateText(path);
        foreach (float prediction in predictions) { writer.WriteLine(prediction.ToString("R", CultureInfo.InvariantCulture)); }
    }
}
