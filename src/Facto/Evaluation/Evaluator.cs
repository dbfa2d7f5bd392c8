using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Numerics;

namespace Facto;

/// <summary>
/// Judges a model on held-out interactions: a ranking over the whole catalogue, beside popularity, item neighbours and chance; ratings
/// beside the mean and the biases of users and items; probabilities beside the base rate.
/// </summary>
public static class Evaluator
{
    private const int Neighbours = 100, Bins = 20, MaxThreads = 1024;

    /// <summary>Evaluates a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="test">Held out by the split that the training data came from.</param>
    /// <param name="cutoffs">List lengths n of a ranking's metrics, each ≥ 1; 10 when null.</param>
    /// <param name="threads">Workers, ≥ 1; the result does not depend on them.</param>
    /// <param name="cancellationToken">Stops between blocks of users.</param>
    /// <exception cref="FactoException">The test data does not belong to the model, or it holds nothing to judge by.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EvaluationReport Evaluate(
        FactorizationMachine model, Dataset test, IReadOnlyList<int>? cutoffs = null, int threads = 1,
            CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        cancellationToken.ThrowIfCancellationRequested();
        threads = Math.Min(threads, MaxThreads);
        bool belongs = test.Schema.FeatureCount == model.Model.Schema.FeatureCount
            && AreSame(test.UserIds, model.Train.UserIds) && AreSame(test.ItemIds, model.Train.ItemIds);
        if (!belongs)
        {
            throw new FactoException(
                "the test data has other users, items or features than the model: take train and test from one split, var (train, test) "
                    + "= data.Split(…)");
        }

        if (test.Count == 0) { throw new FactoException("there is nothing to judge by: the test data has no interaction"); }
        IReadOnlyList<int> lengths = cutoffs ?? [10];
        if (lengths.Count == 0 || lengths.Any(n => n < 1))
        {
            throw new FactoException("cutoffs are lengths of lists: give at least one, each 1 or more");
        }
        return model.Model.Task switch
        {
            LearningTask.Ranking => Ranking(model, test, lengths, threads, cancellationToken),
            LearningTask.Binary => Probabilities(model, test, threads),
            _ => Ratings(model, test, threads),
        };
    }

    // Ids in the same order: a row number then means the same user or item on both sides.
    private static bool AreSame(Vocabulary? a, Vocabulary? b)
    {
        if (ReferenceEquals(a, b)) { return true; }
        if (a is null || b is null || a.Count != b.Count) { return false; }
        for (int i = 0; i < a.Count; i++)
        {
            if (!string.Equals(a[i], b[i], StringComparison.Ordinal)) { return false; }
        }

        return true;
    }

    private static EvaluationReport Ranking(
        FactorizationMachine model, Dataset test, IReadOnlyList<int> cutoffs, int threads, CancellationToken cancellation)
    {
        Dataset train = model.Train;
        float positiveFrom = model.Model.Task.PositiveFrom();
        RankingTask task = test.Contexts is null
            ? RankingTask.PerUser(train, test, positiveFrom, test.KnownHistory)
            : RankingTask.PerInteraction(train, test, maskSeen: true, positiveFrom);
        if (task.QueryCount == 0)
        {
            throw new FactoException("there is nothing to judge by: every test item is one that its user has in training already");
        }
        var scorers = new (string Name, Func<ICatalogueScorer> Make)[]
        {
            ("model", () => VectorScorers.Create(model.Model, VectorRecipe.Match, task, test, threads)),
            ("popularity", () => new PopularityScorer()),
            ("item neighbours", () => new ItemKnnScorer(train, Neighbours, positiveFrom, threads, cancellation)),
            ("chance", () => new RandomScorer(1)),
        };
        string[] metrics = [.. cutoffs.SelectMany(n => new[] { $"recall@{n}", $"ndcg@{n}", $"hr@{n}", $"mrr@{n}", $"coverage@{n}" })];
        string what = test.Contexts is null ? "users" : "interactions";
        return new EvaluationReport(
            $"{task.QueryCount} {what}, each against the {task.ItemCount} items of the catalogue that it does not have in training",
                metrics,
            scorers.Select(s => (s.Name, RankingEvaluator.Evaluate(s.Make(), task, cutoffs, null, threads, null, cancellation).Metrics)));
    }

    private static EvaluationReport Ratings(FactorizationMachine model, Dataset test, int threads)
    {
        float[] labels = test.Interactions.Labels.Span.ToArray(), mean = new float[labels.Length];
        var baseline = new BiasBaseline(model.Train);
        Array.Fill(mean, (float)baseline.Mean);
        return new EvaluationReport(
            $"{labels.Length} ratings", ["rmse", "mae"],
            [Row("model", Predict(model, test, threads)), Row("user and item bias", baseline.Predict(test)), Row("mean", mean)]);

        (string, IReadOnlyDictionary<string, MetricValue>) Row(string name, float[] predictions) =>
            (name, new Dictionary<string, MetricValue>
            {
                ["rmse"] = PredictionMetrics.RootMeanSquaredError(predictions, labels),
                ["mae"] = PredictionMetrics.MeanAbsoluteError(predictions, labels),
            });
    }

    private static EvaluationReport Probabilities(FactorizationMachine model, Dataset test, int threads)
    {
        float[] labels = [.. test.Interactions.Labels.Span.ToArray().Select(y => y > 0 ? 1f : 0f)], rate = new float[labels.Length];
        NativeBlock<float> learnt = model.Train.Interactions.Labels;
        Array.Fill(rate, (float)learnt.Span.ToArray().Average(y => y > 0 ? 1.0 : 0.0));
        return new EvaluationReport(
            $"{labels.Length} interactions, {labels.Average():P1} of them positive", ["logloss", "auc", "calibration error"],
            [Row("model", Predict(model, test, threads)), Row("base rate", rate)]);

        (string, IReadOnlyDictionary<string, MetricValue>) Row(string name, float[] predictions) =>
            (name, new Dictionary<string, MetricValue>
            {
                ["logloss"] = PredictionMetrics.LogLoss(predictions, labels),
                ["auc"] = PredictionMetrics.AreaUnderCurve(predictions, labels),
                ["calibration error"] = new(Calibration.Measure(predictions, labels, Bins).ExpectedCalibrationError, 0),
            });
    }

    private static float[] Predict(FactorizationMachine model, Dataset test, int threads)
    {
        float[] scores = new float[test.Count];
        ModelScorer.Score(model.Model, test, scores, threads);
        return Array.ConvertAll(scores, model.Model.Predict);
    }
}
