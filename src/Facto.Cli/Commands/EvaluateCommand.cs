using System.CommandLine;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Serving;

namespace Facto.Cli.Commands;

/// <summary>`facto evaluate`: how well a bundle ranks and predicts on the test part.</summary>
internal static class EvaluateCommand
{
    private const float IntervalLevel = 0.9f;

    public static Command Create()
    {
        var command = new VerbCommand("evaluate", "Judge a bundle on the test part, beside popularity, item neighbours and chance",
            "facto evaluate",
            "facto evaluate --cutoffs 10 20 50 --threads 2 --json",
            "facto evaluate --version 20261123-101500 --part validation");
        var project = new ProjectOptions();
        var version = new Option<string?>("--version") { Description = "The bundle; the current one when not given" };
        var part = new Option<string>("--part") { Description = "Part of the dataset", DefaultValueFactory = _ => "test" };
        var cutoffs = new Option<int[]>("--cutoffs") { Description = "List lengths n", DefaultValueFactory = _ => [10, 20], AllowMultipleArgumentsPerToken = true };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        project.AddTo(command);
        foreach (Option option in (Option[])[version, part, cutoffs, threads, json, quiet]) { command.Options.Add(option); }
        command.SetAction((parsed, cancellation) =>
        {
            int[] lengths = parsed.GetValue(cutoffs)!;
            if (lengths.Length == 0 || lengths.Any(n => n < 1)) { throw new UsageException("--cutoffs must be numbers of at least 1"); }
            Report report = parsed.Report(json, quiet);
            ProjectPipeline pipeline = project.Pipeline(parsed, report);
            Run(pipeline, pipeline.OpenBundle(parsed.GetValue(version)), parsed.GetValue(part)!, lengths, parsed.GetValue(threads), report, cancellation);
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static void Run(ProjectPipeline pipeline, Bundle bundle, string part, int[] cutoffs, int threads, Report report, CancellationToken cancellation)
    {
        using DatasetFile data = pipeline.OpenDataset(cancellation);
        if (data.Fingerprint != bundle.Manifest.DataFingerprint)
        {
            report.Note($"note: bundle {bundle.Manifest.Version} learnt from other data than {data.Fingerprint}: what it is judged on may have been seen in training");
        }

        Dataset judged = data[part];
        var comparison = new RankingComparison(bundle.Model, data["train"], judged, bundle.Manifest.Recipe, cutoffs, threads, report) { Stages = bundle.Stages, History = data.Parts.GetValueOrDefault("history") };
        var slices = new JsonObject();
        Dictionary<string, RankingReport> all = comparison.Run(RankingSlice.All, allRecipes: true, cancellation);
        foreach (int n in cutoffs) { RankingComparison.Print(report, $"{part}: {all["model"].QueryCount} queries, whole catalogue", all, n); }
        foreach (RankingSlice slice in (RankingSlice[])[RankingSlice.ColdUsers, RankingSlice.ColdItems])
        {
            Dictionary<string, RankingReport> some = comparison.Run(slice, allRecipes: false, cancellation);
            if (some["model"].QueryCount == 0) { continue; }
            slices[slice.Name] = RankingComparison.ToJson(some);
            RankingComparison.Print(report, $"{slice.Name}: {some["model"].QueryCount} queries", some, cutoffs[0]);
        }

        JsonObject? predictions = null;
        if (bundle.Ranker.Model.Task != LearningTask.Ranking)
        {
            predictions = Predictions(bundle.Ranker.Model, judged, part, threads, report);
        }

        report.Json(new JsonObject
        {
            ["bundle"] = bundle.Manifest.Version,
            ["part"] = part,
            ["queries"] = all["model"].QueryCount,
            ["metrics"] = RankingComparison.ToJson(all),
            ["half_widths_95"] = RankingComparison.HalfWidths(all),
            ["slices"] = slices,
            ["predictions"] = predictions,
        });
    }

    private static JsonObject Predictions(ISeparableModel model, Dataset data, string part, int threads, Report report)
    {
        float[] predictions = PredictionTable.Predict(model, data, threads);
        JsonObject metrics = PredictionTable.ToJson(PredictionTable.Measure(model.Task, predictions, data));
        PredictionTable.Print(report, new JsonObject { [part] = metrics.DeepClone() });
        if (model is FmPosterior posterior && PredictionTable.Intervals(model.Task, IntervalLevel, PosteriorScorer.Predict(posterior, data, IntervalLevel, threads), data) is { } intervals)
        {
            report.Say(FormattableString.Invariant($"{intervals["coverage"]!.GetValue<double>():0.0%} of the labels lie in their {IntervalLevel:0%} intervals, which are {intervals["mean_width"]!.GetValue<double>():0.00} wide on average"));
            metrics["intervals"] = intervals;
        }

        if (model.Task == LearningTask.Binary)
        {
            Calibration calibration = Calibration.Measure(predictions, data.Interactions.Labels.Span, 10);
            report.Table("reliability", ["probability", "examples", "predicted", "observed"], calibration.Bins.Where(b => b.Count > 0).Select(b => (IReadOnlyList<string>)
                [$"{Report.Number(b.Low, "0.0")}–{Report.Number(b.High, "0.0")}", $"{b.Count}", Report.Number(b.MeanPredicted), Report.Number(b.ObservedRate)]));
            metrics["reliability"] = new JsonArray([.. calibration.Bins.Select(b => new JsonObject { ["low"] = b.Low, ["high"] = b.High, ["count"] = b.Count, ["predicted"] = b.MeanPredicted, ["observed"] = b.ObservedRate })]);
        }

        return metrics;
    }
}
