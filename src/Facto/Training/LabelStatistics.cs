using Facto.Data;

namespace Facto.Training;

/// <summary>What solvers ask of the labels before they start.</summary>
internal static class LabelStatistics
{
    /// <summary>Σω, the number of examples when they have no weights.</summary>
    public static double TotalWeight(this Interactions examples)
    {
        if (examples.Weights is null) { return examples.Count; }
        double total = 0;
        foreach (float weight in examples.Weights.Span) { total += weight; }
        return total;
    }

    /// <summary>Σωy/Σω: the constant with the least squared error, where the bias starts.</summary>
    public static double MeanLabel(this Interactions examples)
    {
        double sum = 0;
        ReadOnlySpan<float> labels = examples.Labels.Span, weights = examples.Weights is { } given ? given.Span : default;
        for (int i = 0; i < labels.Length; i++) { sum += labels[i] * (weights.IsEmpty ? 1.0 : weights[i]); }
        return sum / examples.TotalWeight();
    }
}
