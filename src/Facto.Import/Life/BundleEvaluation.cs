using System.Text.Json.Nodes;
using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Serving;

namespace Facto.Import.Life;

/// <summary>What to judge.</summary>
/// <param name="Version">The bundle; the current one when null.</param>
/// <param name="Split">train, validation or test.</param>
/// <param name="Cutoffs">List lengths, each ≥ 1.</param>
/// <param name="Threads">Workers.</param>
internal sealed record EvaluationRequest(string? Version, string Split, IReadOnlyList<int> Cutoffs, int Threads = 1);

/// <summary>How well a bundle ranks and predicts on a split.</summary>
internal sealed record EvaluationOutcome
{
    public required string Version { get; init; }
    public required EvaluationRequest Request { get; init; }

    /// <summary>
    /// Every recommender on all queries: the bundle's recipe ("model"), all recipes, popularity, item neighbours, chance.
    /// </summary>
    public required IReadOnlyDictionary<string, RankingReport> All { get; init; }

    /// <summary>The same on users and items with little or no history; slices without a query are left out.</summary>
    public Dictionary<string, IReadOnlyDictionary<string, RankingReport>> Slices { get; init; } = [];

    /// <summary>Metrics of predictions; null of a ranking.</summary>
    public IReadOnlyDictionary<string, MetricValue>? Predictions { get; init; }

    /// <summary>How often labels lie in their 90 % intervals; null without a posterior.</summary>
    public JsonObject? Intervals { get; init; }

    /// <summary>Predicted and observed rates; null unless binary.</summary>
    public Calibration? Reliability { get; init; }

    /// <summary>As --json prints it.</summary>
    public JsonObject ToJson()
    {
        JsonObject? predictions = Predictions is null ? null : Life.Predictions.ToJson(Predictions);
        if (Intervals is not null) { predictions!["intervals"] = Intervals.DeepClone(); }
        if (Reliability is { } calibration)
        {
            predictions!["reliability"] = new JsonArray([.. calibration.Bins.Select(b => new JsonObject
            {
                ["low"] = b.Low,
                ["high"] = b.High,
                ["count"] = b.Count,
                ["predicted"] = b.MeanPredicted,
                ["observed"] = b.ObservedRate,
            })]);
        }

        return new JsonObject
        {
            ["bundle"] = Version,
            ["split"] = Request.Split,
            ["queries"] = All["model"].QueryCount,
            ["metrics"] = RankingComparison.ToJson(All),
            ["half_widths_95"] = RankingComparison.HalfWidths(All),
            ["slices"] = new JsonObject(Slices.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)RankingComparison.ToJson(s.Value)))),
            ["predictions"] = predictions,
        };
    }
}

/// <summary>Judges a bundle on a split of its project's dataset.</summary>
internal sealed class BundleEvaluation(Project project, EvaluationRequest request, IProgress<LifeEvent>? progress)
{
    private const float IntervalLevel = 0.9f;

    public EvaluationOutcome Run(CancellationToken cancellation)
    {
        Bundle bundle = project.OpenBundle(request.Version);
        using DatasetFile data = project.OpenDataset(cancellation);
        if (data.Fingerprint != bundle.Manifest.DataFingerprint)
        {
            progress.Note($"note: bundle {bundle.Manifest.Version} learnt from other data than {data.Fingerprint}: "
                + "what it is judged on may have been seen in training");
        }

        Dataset judged = data[request.Split];
        var comparison = new RankingComparison(
            bundle.Model, data["train"], judged, bundle.Manifest.Recipe, request.Cutoffs, request.Threads, progress)
        {
            Stages = bundle.Stages,
            History = data.Parts.GetValueOrDefault("history"),
            HidesSeen = project.File.Retrieval.HideSeen,
        };
        Dictionary<string, RankingReport> all = comparison.Run(RankingSlice.All, allRecipes: true, cancellation);
        Dictionary<string, IReadOnlyDictionary<string, RankingReport>> slices = [];
        foreach (RankingSlice slice in (RankingSlice[])[RankingSlice.ColdUsers, RankingSlice.ColdItems])
        {
            Dictionary<string, RankingReport> some = comparison.Run(slice, allRecipes: false, cancellation);
            if (some["model"].QueryCount > 0) { slices[slice.Name] = some; }
        }

        var outcome = new EvaluationOutcome { Version = bundle.Manifest.Version, Request = request, All = all, Slices = slices };
        return bundle.Ranker.Model.Task == LearningTask.Ranking ? outcome : WithPredictions(outcome, bundle.Ranker.Model, judged);
    }

    private EvaluationOutcome WithPredictions(EvaluationOutcome outcome, ISeparableModel model, Dataset data)
    {
        float[] predictions = Predictions.Of(model, data, request.Threads);
        return outcome with
        {
            Predictions = Predictions.Measure(model.Task, predictions, data),
            Intervals = model is FmPosterior posterior
                ? Predictions.Intervals(
                    model.Task, IntervalLevel, PosteriorScorer.Predict(posterior, data, IntervalLevel, request.Threads), data)
                : null,
            Reliability = model.Task == LearningTask.Binary ? Calibration.Measure(predictions, data.Interactions.Labels.Span, 10) : null,
        };
    }
}
