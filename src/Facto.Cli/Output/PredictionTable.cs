using System.Text.Json.Nodes;
using Facto.Data;
using Facto.Evaluation;
using Facto.Models;

namespace Facto.Cli.Output;

/// <summary>Metrics of predictions, as every verb names and shows them.</summary>
internal static class PredictionTable
{
    /// <summary>rmse and mae of ratings; logloss, auc, gauc (with users) and ece of probabilities.</summary>
    public static Dictionary<string, MetricValue> Measure(LearningTask task, float[] predictions, Dataset data)
    {
        ReadOnlySpan<float> labels = data.Interactions.Labels.Span;
        var metrics = new Dictionary<string, MetricValue>();
        if (task == LearningTask.Binary)
        {
            metrics["logloss"] = PredictionMetrics.LogLoss(predictions, labels);
            metrics["auc"] = PredictionMetrics.AreaUnderCurve(predictions, labels);
            if (data.Interactions.Users is { } users) { metrics["gauc"] = PredictionMetrics.GroupedAreaUnderCurve(predictions, labels, users.Span); }
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

    /// <summary>One row per part (train, validation, test), one column per metric.</summary>
    public static void Print(Report report, JsonObject parts)
    {
        string[] names = [.. parts.SelectMany(p => p.Value!.AsObject().Select(m => m.Key)).Distinct()];
        report.Table(null, ["", .. names], parts.Select(p => (IReadOnlyList<string>)
            [p.Key, .. names.Select(n => p.Value![n] is { } v ? Report.Number(v.GetValue<double>(), "0.00000") : "–")]));
    }
}
