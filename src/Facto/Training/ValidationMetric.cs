using Facto.Data;
using Facto.Evaluation;
using Facto.Models;

namespace Facto.Training;

/// <summary>A figure by which passes are compared.</summary>
/// <param name="Name">rmse, logloss, recall@20 …</param>
/// <param name="Value">On the validation examples.</param>
/// <param name="HigherIsBetter">False for errors and losses.</param>
public readonly record struct ValidationMetric(string Name, double Value, bool HigherIsBetter = false)
{
    /// <summary>True when this is strictly better than <paramref name="other"/>; NaN is never better.</summary>
    public bool IsBetterThan(ValidationMetric other) =>
        double.IsNaN(other.Value) ? !double.IsNaN(Value) : HigherIsBetter ? Value > other.Value : Value < other.Value;

    /// <summary>The metric that a task is judged by in training: RMSE of the clipped prediction, or mean log loss.</summary>
    /// <param name="task">Regression or binary.</param>
    /// <param name="scores">Raw scores.</param>
    /// <param name="data">The examples that were scored.</param>
    /// <param name="low">Regression: predictions are not lower.</param>
    /// <param name="high">Regression: predictions are not higher.</param>
    internal static ValidationMetric Of(LearningTask task, ReadOnlySpan<float> scores, Interactions data, float low, float high)
    {
        ReadOnlySpan<float> labels = data.Labels.Span, weights = data.Weights is null ? default : data.Weights.Span;
        return task == LearningTask.Binary
            ? new("logloss", PredictionMetrics.LogLossOfScores(scores, labels, weights))
            : new("rmse", PredictionMetrics.RootMeanSquaredErrorOfScores(scores, labels, weights, low, high));
    }
}
