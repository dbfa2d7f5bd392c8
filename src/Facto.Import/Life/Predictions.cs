using System.Globalization;
using System.Text.Json.Nodes;
using Facto.Evaluation;
using Facto.Models;

namespace Facto.Import.Life;

/// <summary>Metrics of predictions, as every verb names and shows them.</summary>
internal static class Predictions
{
    /// <summary>What a model says of every example; a posterior says the mean of what its draws say.</summary>
    public static float[] Of(ISeparableModel model, Dataset data, int threads)
    {
        if (model is FmPosterior posterior) { return PosteriorScorer.PredictMeans(posterior, data, threads); }
        float[] scores = new float[data.Count];
        ModelScorer.Score(model, data, scores, threads);
        return Array.ConvertAll(scores, model.Predict);
    }

    /// <summary>
    /// How often the labels lie in their intervals, and how wide these are; null for probabilities, which no label shows.
    /// </summary>
    public static JsonObject? Intervals(LearningTask task, float level, PosteriorPrediction[] predictions, Dataset data)
    {
        if (task == LearningTask.Binary || predictions.Length == 0) { return null; }
        int inside = predictions.Index().Count(p => data.Interactions.Labels[p.Index] >= p.Item.Low
            && data.Interactions.Labels[p.Index] <= p.Item.High);
        return new JsonObject
        {
            ["level"] = level,
            ["coverage"] = (double)inside / predictions.Length,
            ["mean_width"] = predictions.Average(p => (double)p.High - p.Low),
        };
    }

    /// <summary>rmse and mae of ratings; logloss, auc, gauc (with users) and ece of probabilities.</summary>
    public static Dictionary<string, MetricValue> Measure(LearningTask task, float[] predictions, Dataset data)
    {
        ReadOnlySpan<float> labels = data.Interactions.Labels.Span;
        var metrics = new Dictionary<string, MetricValue>();
        if (task == LearningTask.Binary)
        {
            metrics["logloss"] = PredictionMetrics.LogLoss(predictions, labels);
            metrics["auc"] = PredictionMetrics.AreaUnderCurve(predictions, labels);
            if (data.Interactions.Users is { } users)
            {
                metrics["gauc"] = PredictionMetrics.GroupedAreaUnderCurve(predictions, labels, users.Span);
            }

            metrics["ece"] = new(Calibration.Measure(predictions, labels, 10).ExpectedCalibrationError, 0);
        }
        else
        {
            metrics["rmse"] = PredictionMetrics.RootMeanSquaredError(predictions, labels);
            metrics["mae"] = PredictionMetrics.MeanAbsoluteError(predictions, labels);
        }

        return metrics;
    }

    public static JsonObject ToJson(IReadOnlyDictionary<string, MetricValue> metrics)
    {
        var json = new JsonObject();
        foreach ((string name, MetricValue metric) in metrics) { json[name] = double.IsNaN(metric.Value) ? null : metric.Value; }
        return json;
    }

    /// <summary>One prediction a line, whole or not at all.</summary>
    public static void Write(float[] predictions, string path)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllLines(temporary, predictions.Select(p => p.ToString("R", CultureInfo.InvariantCulture)));
        File.Move(temporary, path, overwrite: true);
    }
}
