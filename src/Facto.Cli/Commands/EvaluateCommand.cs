using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Evaluation;
using Facto.Import.Life;

namespace Facto.Cli.Commands;

/// <summary>`facto evaluate`: how well a bundle ranks and predicts on the test split.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var command = new VerbCommand("evaluate", "Judge a bundle on the test split, beside popularity, item neighbours and chance",
            "facto evaluate",
            "facto evaluate --cutoffs 10 20 50 --threads 2 --json",
            "facto evaluate --version 20261123-101500 --split validation");
        var project = new ProjectOptions();
        var version = new Option<string?>("--version") { Description = "The bundle; the current one when not given" };
        var split = new Option<string>("--split")
        {
            Description = "Split of the dataset: train, validation or test",
            DefaultValueFactory = _ => "test",
        };
        var cutoffs = new Option<int[]>("--cutoffs")
        {
            Description = "List lengths n",
            DefaultValueFactory = _ => [10, 20],
            AllowMultipleArgumentsPerToken = true,
        };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        project.AddTo(command);
        foreach (Option option in (Option[])[version, split, cutoffs, threads, json, quiet]) { command.Options.Add(option); }
        command.SetAction((parsed, cancellation) =>
        {
            int[] lengths = parsed.GetValue(cutoffs)!;
            if (lengths.Length == 0 || lengths.Any(n => n < 1)) { throw new UsageException("--cutoffs must be numbers of at least 1"); }
            Report report = parsed.Report(json, quiet);
            var request = new EvaluationRequest(parsed.GetValue(version), parsed.GetValue(split)!, lengths, parsed.GetValue(threads));
            Print(report, project.Open(parsed, new LifeReport(report)).Evaluate(request, cancellation));
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static void Print(Report report, EvaluationOutcome outcome)
    {
        EvaluationRequest request = outcome.Request;
        report.Json(outcome.ToJson());
        foreach (int n in request.Cutoffs)
        {
            RankingTable.Print(report, $"{request.Split}: {outcome.All["model"].QueryCount} queries, whole catalogue", outcome.All, n);
        }

        foreach ((string slice, IReadOnlyDictionary<string, RankingReport> some) in outcome.Slices)
        {
            RankingTable.Print(report, $"{slice}: {some["model"].QueryCount} queries", some, request.Cutoffs[0]);
        }

        if (outcome.Predictions is null) { return; }
        PredictionTable.Print(report, new JsonObject { [request.Split] = Predictions.ToJson(outcome.Predictions) });
        if (outcome.Intervals is { } intervals)
        {
            report.Say(string.Create(
                CultureInfo.InvariantCulture, $"{intervals["coverage"]!.GetValue<double>():0.0%} of the labels lie in their "
                + $"{intervals["level"]!.GetValue<double>():0%} intervals, which are {intervals["mean_width"]!.GetValue<double>():0.00} "
                    + $"wide on average"));
        }

        if (outcome.Reliability is { } calibration)
        {
            report.Table("reliability", ["probability", "examples", "predicted", "observed"], calibration.Bins.Where(b => b.Count > 0)
                .Select(b => (IReadOnlyList<string>)
                [
                    $"{Report.Number(b.Low, "0.0")}–{Report.Number(b.High, "0.0")}", $"{b.Count}", Report.Number(b.MeanPredicted),
                    Report.Number(b.ObservedRate),
                ]));
        }
    }
}
