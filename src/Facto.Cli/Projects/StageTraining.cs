using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Data;
using Facto.Evaluation;
using Facto.Import;
using Facto.Models;
using Facto.Serving;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Cli.Projects;

/// <summary>
/// `facto train` on a project with stages: learns one stage, or all of them in the order in which they depend on one another (recall, rank, prerank), and
/// leaves one bundle. Stages that are not learnt anew come from the bundle in use.
/// </summary>
internal sealed class StageTraining(ProjectFile project, Func<TrainOptions, TrainOptions> overrides, Report report)
{
    public const string Recall = "recall", Prerank = "prerank", Rank = "rank";
    public static readonly string[] Names = [Recall, Prerank, Rank];

    private readonly StagesSpec _stages = project.Stages ?? throw new UsageException("--stage needs 'stages' in facto.json; docs/stages.md shows them");
    private readonly JsonObject _reports = [];

    /// <summary>Recall, prerank or rank; null learns all.</summary>
    public string? Stage { get; init; }
    public string? Version { get; init; }

    /// <summary>The training options of a stage.</summary>
    public static TrainOptions OptionsOf(StagesSpec stages, string stage) => stage switch
    {
        Recall => stages.Recall.Training with { Task = LearningTask.Ranking },
        Prerank => stages.Prerank?.Training ?? throw new FactoException("the project has no stage prerank: add stages.prerank to facto.json"),
        _ => stages.Rank.Training,
    };

    public int Run(CancellationToken cancellation)
    {
        var pipeline = new ProjectPipeline(project, report);
        using DatasetFile data = pipeline.OpenDataset(cancellation);
        if (Stage is not null) { OptionsOf(_stages, Stage); }
        Bundle? former = Stage is null ? null : Former(pipeline, data);
        ISeparableModel recall = Learns(Recall) ? Learn(Recall, data, cancellation) : Kept(former, Recall);
        ISeparableModel? rank = Learns(Rank) ? Learn(Rank, data, cancellation) : Find(former, Rank);
        ISeparableModel? prerank = _stages.Prerank is null ? null
            : Learns(Prerank) ? Distil(rank ?? Kept(former, Rank), data, cancellation)
            : Find(former, Prerank);
        if (Stage == Rank && prerank is not null) { report.Note("note: stage prerank was distilled from the former ranker; 'facto train --stage prerank' distils it from this one"); }
        var later = new List<(string, ISeparableModel, int)>();
        if (prerank is not null && rank is not null) { later.Add((Prerank, prerank, _stages.Prerank!.Count)); }
        if (rank is not null) { later.Add((Rank, rank, 0)); }
        StagePlan? plan = later.Count > 0 ? new StagePlan(_stages.Recall.Count, later) : null;
        Dictionary<string, RankingReport>? ranking = Judge(pipeline, recall, plan, data, cancellation);
        Bundle bundle = pipeline.WriteBundle(recall, data, Version, ranking, SolverSettings.Of(overrides(OptionsOf(_stages, Recall))).Threads, plan, cancellation);
        Print(bundle, ranking);
        return FactoProgram.Ok;
    }

    private bool Learns(string stage) => Stage is null || Stage == stage;

    // The bundle in use, when its stages speak of the same features; null when there is none and recall is what is learnt.
    private Bundle? Former(ProjectPipeline pipeline, DatasetFile data)
    {
        if (BundleFolder.Current(pipeline.BundlesFolder) is null) { return null; }
        Bundle former = pipeline.OpenBundle(null);
        if (former.Manifest.DataFingerprint == data.Fingerprint) { return former; }
        report.Note($"bundle {former.Manifest.Version} learnt from other data: its stages are left behind");
        return null;
    }

    private static ISeparableModel? Find(Bundle? former, string stage) =>
        former is null ? null : former.Stages.FirstOrDefault(s => s.Name == stage)?.Model ?? (stage == Recall ? former.Model : null);

    private static ISeparableModel Kept(Bundle? former, string stage) => Find(former, stage)
        ?? throw new FactoException($"stage {stage} has not been learnt from these data yet: run 'facto train --stage {stage}' first, or 'facto train' for all stages");

    private ISeparableModel Learn(string stage, DatasetFile data, CancellationToken cancellation)
    {
        TrainOptions options = overrides(OptionsOf(_stages, stage));
        SolverSettings settings = SolverSettings.Of(options, data["train"]);
        report.Note($"stage {stage}: {settings.Solver}, k={settings.Factors}, {data["train"].Count} examples");
        TrainResult result = ProjectPipeline.Train(data, options, null, null, report, cancellation);
        Record(stage, result, data["train"].Count);
        if (result.Model.Task != LearningTask.Ranking && data.Parts.GetValueOrDefault("test") is { Count: > 0 } test)
        {
            float[] scores = new float[test.Count];
            ModelScorer.Score(result.Model, test, scores, result.Settings.Threads);
            _reports[stage]!["test"] = PredictionTable.ToJson(PredictionTable.Measure(result.Model.Task, Array.ConvertAll(scores, result.Model.Predict), test));
        }

        return result.Model;
    }

    private ISeparableModel Distil(ISeparableModel teacher, DatasetFile data, CancellationToken cancellation)
    {
        TrainOptions options = overrides(_stages.Prerank!.Training);
        Dataset? validation = data.Parts.GetValueOrDefault("validation");
        report.Note($"stage prerank: a student of {SolverSettings.Of(options).Factors} factors learns the ranker's scores of {data["train"].Count} examples and {_stages.Prerank.CandidatesPerExample} drawn items beside each");
        var job = new TrainingJob(data["train"], options, validation is { Count: > 0 } ? validation : null);
        TrainResult result = Distillation.Train(job, Distillation.Of(teacher), _stages.Prerank.CandidatesPerExample, new TrainingProgress(report), TimeProvider.System, cancellation);
        Record(Prerank, result, data["train"].Count * (_stages.Prerank.CandidatesPerExample + 1));
        return result.Model;
    }

    private Dictionary<string, RankingReport>? Judge(ProjectPipeline pipeline, ISeparableModel recall, StagePlan? plan, DatasetFile data, CancellationToken cancellation)
    {
        if (data.Parts.GetValueOrDefault("test") is not { Count: > 0 } test) { return null; }
        int threads = SolverSettings.Of(overrides(OptionsOf(_stages, Recall))).Threads;
        BundleStage[] stages = plan is null ? [] :
        [
            new(Recall, recall, VectorExporterOf(recall, pipeline.Recipe), pipeline.Recipe, plan.RecallCount),
            .. plan.Later.Select(l => new BundleStage(l.Name, l.Model, VectorExporterOf(l.Model, VectorRecipe.Match), VectorRecipe.Match, l.Count)),
        ];
        return new RankingComparison(recall, data["train"], test, pipeline.Recipe, [project.Retrieval.Count], threads, report) { Stages = stages, History = data.Parts.GetValueOrDefault("history") }.Run(RankingSlice.All, allRecipes: false, cancellation);

        VectorTable VectorExporterOf(ISeparableModel model, VectorRecipe recipe) => VectorExporter.Items(model, test, recipe, threads);
    }

    private void Record(string stage, TrainResult result, int examples) => _reports[stage] = new JsonObject
    {
        ["solver"] = result.Settings.Solver,
        ["factors"] = result.Settings.Factors,
        ["passes"] = result.EpochsRun,
        ["best_pass"] = result.BestEpoch,
        ["seconds"] = result.Seconds,
        ["examples"] = examples,
        ["validation"] = result.BestValidation is { } best ? new JsonObject { [best.Name] = best.Value } : null,
    };

    private void Print(Bundle bundle, Dictionary<string, RankingReport>? ranking)
    {
        report.Json(new JsonObject
        {
            ["stages"] = _reports.DeepClone(),
            ["ranking"] = ranking is null ? null : RankingComparison.ToJson(ranking),
            ["cascade"] = new JsonArray([.. bundle.Stages.Select(s => (JsonNode)new JsonObject { ["stage"] = s.Name, ["count"] = s.Count })]),
            ["bundle"] = bundle.Folder,
        });
        report.Table("stages", ["", "solver", "factors", "best pass", "seconds", "validation", "test"], _reports.Select(r => (IReadOnlyList<string>)
            [r.Key, $"{r.Value!["solver"]}", $"{r.Value["factors"]}", $"{r.Value["best_pass"]}", Report.Number(r.Value["seconds"]!.GetValue<double>(), "0.0"), Words(r.Value["validation"]), Words(r.Value["test"])]));
        if (ranking is not null) { RankingComparison.Print(report, "ranking of the whole catalogue on the test part; model is recall alone", ranking, project.Retrieval.Count); }
        report.Say($"bundle: {bundle.Folder}: {(bundle.Stages.Count > 0 ? string.Join(" → ", bundle.Stages.Select(s => s.Count > 0 ? $"{s.Name} {s.Count}" : s.Name)) : "recall alone; 'facto train --stage rank' adds the ranker")}");
    }

    private static string Words(JsonNode? metrics) => metrics is JsonObject values ? string.Join(' ', values.Where(v => v.Value is not null).Select(v => $"{v.Key} {Report.Number(v.Value!.GetValue<double>())}")) : "–";
}
