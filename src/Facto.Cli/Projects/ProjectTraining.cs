using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Data;
using Facto.Evaluation;
using Facto.Import;
using Facto.Models;
using Facto.Serving;
using Facto.Training;

namespace Facto.Cli.Projects;

/// <summary>`facto train` on a project: learns from the imported dataset and leaves a bundle that can be served.</summary>
internal sealed class ProjectTraining(ProjectFile project, TrainOptions options, Report report)
{
    public string? Version { get; init; }
    public WarmStart? WarmStart { get; init; }
    public CheckpointOptions? Checkpoints { get; init; }

    public int Run(CancellationToken cancellation)
    {
        var pipeline = new ProjectPipeline(project, report);
        using DatasetFile data = pipeline.OpenDataset(cancellation);
        TrainResult result = ProjectPipeline.Train(data, options, WarmStart?.Open(data["train"].Schema, options), Checkpoints, report, cancellation);
        var metrics = new JsonObject();
        foreach ((string part, Dataset examples) in data.Parts.Where(p => p.Value.Count > 0 && p.Key != "history" && options.Task != LearningTask.Ranking))
        {
            float[] predictions = part == "test" && result.TestPredictions is { } own ? own : PredictionTable.Predict(result.Model, examples, options.Threads);
            metrics[part] = PredictionTable.ToJson(PredictionTable.Measure(result.Model.Task, predictions, examples));
        }

        Dictionary<string, RankingReport>? ranking = null;
        if (data.Parts.GetValueOrDefault("test") is { Count: > 0 } test && data["train"].Items is not null)
        {
            ranking = new RankingComparison(result.Model, data["train"], test, pipeline.Recipe, [project.Retrieval.Count], options.Threads, report) { History = data.Parts.GetValueOrDefault("history") }.Run(RankingSlice.All, allRecipes: false, cancellation);
        }

        Bundle bundle = pipeline.WriteBundle(result.Model, data, Version, ranking, options.Threads, cancellation: cancellation);
        Print(result, metrics, ranking, bundle, data["train"].Count);
        return FactoProgram.Ok;
    }

    private void Print(TrainResult result, JsonObject metrics, Dictionary<string, RankingReport>? ranking, Bundle bundle, int examples)
    {
        report.Json(new JsonObject
        {
            ["train"] = new JsonObject
            {
                ["solver"] = options.Solver,
                ["passes"] = result.PassesRun,
                ["best_pass"] = result.BestPass,
                ["seconds"] = result.Seconds,
                ["examples"] = examples,
                ["examples_per_second"] = result.ExamplesPerSecond,
                ["threads"] = options.Threads,
                ["factors"] = options.Factors,
                ["seed"] = options.Seed,
            },
            ["metrics"] = metrics.DeepClone(),
            ["ranking"] = ranking is null ? null : RankingComparison.ToJson(ranking),
            ["model"] = Path.Combine(bundle.Folder, "model.facto"),
            ["bundle"] = bundle.Folder,
            ["index"] = IndexReport.ToJson(bundle.Indexes.Kind, bundle.Indexes.Recall),
        });
        report.Say($"{options.Solver}, k={options.Factors}, {result.PassesRun} passes (best {result.BestPass}) over {examples} examples in {Report.Number(result.Seconds, "0.00")} s, {Report.Count(result.ExamplesPerSecond)} examples/s");
        if (metrics.Count > 0) { PredictionTable.Print(report, metrics); }
        if (ranking is not null) { RankingComparison.Print(report, "ranking of the whole catalogue on the test part", ranking, project.Retrieval.Count); }
        report.Say($"index: {bundle.Indexes}{(bundle.Indexes.Recall is { } recall ? $", {recall}" : string.Empty)}");
        report.Say($"bundle: {bundle.Folder}");
    }
}
