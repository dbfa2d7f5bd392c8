using System.Text.Json.Nodes;
using Facto.Evaluation;
using Facto.Models;
using Facto.Serving;

namespace Facto.Import.Life;

/// <summary>A model's three vector recipes beside popularity, item neighbours and chance, on the same queries.</summary>
internal sealed class RankingComparison(
    ISeparableModel model, Dataset train, Dataset test, VectorRecipe recipe, IReadOnlyList<int> cutoffs, int threads,
    IProgress<LifeEvent>? progress)
{
    private readonly float _positiveFrom = model.Task.PositiveFrom();

    /// <summary>What is known of users that were not learnt from; null when the split has none.</summary>
    public Dataset? History { get; init; }

    /// <summary>All stages, when the model is only the first of them; empty without a cascade.</summary>
    public IReadOnlyList<BundleStage> Stages { get; init; } = [];

    /// <summary>Whether a user's own items are left out of the lists, as retrieval.hideSeen says.</summary>
    public bool HidesSeen { get; init; } = true;

    /// <summary>Every recommender by name; "model" is the project's own recipe.</summary>
    public Dictionary<string, RankingReport> Run(RankingSlice slice, bool allRecipes, CancellationToken cancellation)
    {
        // With contexts, or when a user's own items may come back, every test interaction is a query of its own, otherwise every user is
        // one.
        RankingTask task = test.Contexts is null && HidesSeen
            ? RankingTask.PerUser(train, test, _positiveFrom, History)
            : RankingTask.PerInteraction(train, test, maskSeen: false, _positiveFrom);
        if (task.QueryCount == 0)
        {
            throw new FactoException("the test split has no positive interaction with a known user: ranking cannot be judged; change the "
                + "split");
        }

        var scorers = new Dictionary<string, Func<ICatalogueScorer>>
        {
            ["model"] = () => VectorScorers.Create(model, recipe, task, test, threads),
        };
        if (Stages.Count > 0) { scorers["cascade"] = () => new CascadeScorer(Stages, task, test, threads); }
        if (allRecipes)
        {
            foreach (VectorRecipe each in Enum.GetValues<VectorRecipe>())
            {
                scorers[each.ToString().ToLowerInvariant()] = () => VectorScorers.Create(model, each, task, test, threads);
            }
        }

        scorers["popularity"] = () => new PopularityScorer();
        scorers["item-knn"] = () => new ItemKnnScorer(train, 100, _positiveFrom, threads, cancellation);
        scorers["random"] = () => new RandomScorer(1);
        var reports = new Dictionary<string, RankingReport>();
        foreach ((string name, Func<ICatalogueScorer> scorer) in scorers)
        {
            IProgress<EvaluationProgress>? told = progress.Of<EvaluationProgress>(p =>
                new LifeEvent.Step($"evaluate {name}", (double)p.Done / p.Total, $"{p.Done}/{p.Total} queries"));
            reports[name] = RankingEvaluator.Evaluate(scorer(), task, cutoffs, slice, threads, told, cancellation);
        }

        return reports;
    }

    /// <summary>Metric by recommender.</summary>
    public static JsonObject ToJson(IReadOnlyDictionary<string, RankingReport> reports) => ToJson(reports, static m => m.Value);

    /// <summary>Half-widths of the 95 % intervals of the same metrics; 0 where there is none (coverage).</summary>
    public static JsonObject HalfWidths(IReadOnlyDictionary<string, RankingReport> reports) => ToJson(reports, static m => m.HalfWidth);

    private static JsonObject ToJson(IReadOnlyDictionary<string, RankingReport> reports, Func<MetricValue, double> take)
    {
        var json = new JsonObject();
        foreach ((string name, RankingReport ranking) in reports)
        {
            var metrics = new JsonObject();
            foreach ((string metric, MetricValue value) in ranking.Metrics)
            {
                metrics[metric] = double.IsNaN(take(value)) ? null : take(value);
            }

            json[name] = metrics;
        }

        return json;
    }
}
