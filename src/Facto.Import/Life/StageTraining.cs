using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Serving;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Session;

namespace Facto.Import.Life;

/// <summary>
/// Learns one stage of a project, or all of them in the order in which they depend on one another (recall, rank, prerank), and leaves one
/// bundle. Stages that are not learnt anew come from the bundle in use.
/// </summary>
internal sealed class StageTraining(Project project, TrainRequest request, IProgress<LifeEvent>? progress)
{
    public const string Recall = "recall", Prerank = "prerank", Rank = "rank";
    public static readonly string[] Names = [Recall, Prerank, Rank];

    private readonly StagesSpec _stages = project.File.Stages
        ?? throw new FactoException("a stage needs 'stages' in facto.json; docs/stages.md shows them");
    private readonly List<TrainedPart> _trained = [];

    /// <summary>The training options of a stage.</summary>
    /// <exception cref="FactoException">The project has no such stage.</exception>
    public static TrainOptions OptionsOf(StagesSpec stages, string stage) => stage switch
    {
        Recall => stages.Recall.Training,
        Prerank =>
            stages.Prerank?.Training ?? throw new FactoException("the project has no stage prerank: add stages.prerank to facto.json"),
        _ => stages.Rank.Training,
    };

    public TrainReport Run(CancellationToken cancellation)
    {
        if (request.Stage is not null) { OptionsOf(_stages, request.Stage); }
        using DatasetFile data = project.OpenDataset(cancellation);
        Bundle? former = request.Stage is null ? null : Former(data);
        ISeparableModel recall = Learns(Recall) ? Learn(Recall, data, cancellation) : Kept(former, Recall);
        ISeparableModel? rank = Learns(Rank) ? Learn(Rank, data, cancellation) : Find(former, Rank);
        ISeparableModel? prerank = _stages.Prerank is null ? null
            : Learns(Prerank) ? Distil(rank ?? Kept(former, Rank), data, cancellation)
            : Find(former, Prerank);
        if (request.Stage == Rank && prerank is not null)
        {
            progress.Note("note: stage prerank was distilled from the former ranker; 'facto train --stage prerank' distils it from this "
                + "one");
        }

        var later = new List<(string, ISeparableModel, int)>();
        if (prerank is not null && rank is not null) { later.Add((Prerank, prerank, _stages.Prerank!.Count)); }
        if (rank is not null) { later.Add((Rank, rank, 0)); }
        StagePlan? plan = later.Count > 0 ? new StagePlan(_stages.Recall.Count, later) : null;
        int threads = SolverSettings.Of(request.Options(_stages.Recall.Training), data["train"]).Threads;
        Dictionary<string, IReadOnlyDictionary<string, RankingReport>> ranking = [];
        if (request.Evaluate) { ranking["test"] = Judge(recall, plan, data, threads, cancellation); }
        Dictionary<string, IReadOnlyDictionary<string, double>> figures = Project.Figures(ranking.GetValueOrDefault("test"), _trained[0]);
        return new TrainReport
        {
            Trained = _trained,
            IsCascade = true,
            Ranking = ranking,
            Bundle = project.WriteBundle(recall, data, request.Version, figures, threads, plan, cancellation),
            Model = request.Model,
            Advice = [.. _trained.SelectMany(t => t.Outcome.Advice)],
        };
    }

    private bool Learns(string stage) => request.Stage is null || request.Stage == stage;

    // The bundle in use, when its stages speak of the same features; null when there is none and recall is what is learnt.
    private Bundle? Former(DatasetFile data)
    {
        if (BundleFolder.Current(project.BundlesFolder) is null) { return null; }
        Bundle former = project.OpenBundle();
        if (former.Manifest.DataFingerprint == data.Fingerprint) { return former; }
        progress.Note($"bundle {former.Manifest.Version} learnt from other data: its stages are left behind");
        return null;
    }

    private static ISeparableModel? Find(Bundle? former, string stage) =>
        former is null ? null : former.Stages.FirstOrDefault(s => s.Name == stage)?.Model ?? (stage == Recall ? former.Model : null);

    private static ISeparableModel Kept(Bundle? former, string stage) => Find(former, stage) ?? throw new FactoException(
        $"stage {stage} has not been learnt from these data yet: run 'facto train --stage {stage}' first, or 'facto train' for all stages");

    private ISeparableModel Learn(string stage, DatasetFile data, CancellationToken cancellation)
    {
        TrainOptions options = request.Options(OptionsOf(_stages, stage));
        SolverSettings settings = SolverSettings.Of(options, data["train"]);
        progress.Note($"stage {stage}: {settings.Solver}, k={settings.Factors}, {data["train"].Count} examples");
        _trained.Add(project.Learn(stage, options, Of(stage), data, request.Stage is null ? stage : null, cancellation));
        return _trained[^1].Outcome.Model;
    }

    // Together the stages write one file of predictions, the ranker's.
    private TrainRequest Of(string stage) => request.Stage is null && stage != Rank ? request with { Predictions = null } : request;

    private ISeparableModel Distil(ISeparableModel teacher, DatasetFile data, CancellationToken cancellation)
    {
        PrerankSpec spec = _stages.Prerank!;
        TrainOptions options = request.Options(spec.Training);
        Dataset train = data["train"];
        progress.Note(
            $"stage prerank: a student of {SolverSettings.Of(options, train).Factors} factors learns the ranker's scores of "
                + $"{train.Count} examples "
            + $"and {spec.CandidatesPerExample} drawn items beside each");
        Dataset? validation = data.Parts.GetValueOrDefault("validation") is { Count: > 0 } some ? some : null;
        Dataset? test = request.Stage is not null && request.Predictions is not null ? data.Parts.GetValueOrDefault("test") : null;
        TrainingSession session = Distillation.Session(train, validation, options, Distillation.Of(teacher), spec.CandidatesPerExample) with
        {
            Test = test,
            Holdout = request.Holdout,
            WarmStart = request.OpenWarmStart(),
            Checkpoints = request.CheckpointOf(request.Stage is null ? Prerank : null),
        };
        // What a student predicts are scores of the ranker, so its labels are no labels of the test split.
        TrainRequest asked = Of(Prerank) with { Evaluate = false };
        _trained.Add(project.Run(Prerank, session, asked, test, cancellation));
        return _trained[^1].Outcome.Model;
    }

    private IReadOnlyDictionary<string, RankingReport> Judge(
        ISeparableModel recall, StagePlan? plan, DatasetFile data, int threads, CancellationToken cancellation)
    {
        Dataset train = data["train"];
        BundleStage[] stages = plan is null ? [] :
        [
            new(Recall, recall, Vectors(recall, project.Recipe), project.Recipe, plan.RecallCount),
            .. plan.Later.Select(l => new BundleStage(l.Name, l.Model, Vectors(l.Model, VectorRecipe.Match), VectorRecipe.Match, l.Count)),
        ];
        return project.Rank(recall, data, stages, threads, cancellation);

        VectorTable Vectors(ISeparableModel model, VectorRecipe recipe) => VectorExporter.Items(model, train, recipe, threads);
    }
}
