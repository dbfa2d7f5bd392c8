using Facto.Models;

namespace Facto.Training.Sgd;

/// <summary>The w₀ that alone fits best.</summary>
internal static unsafe class BestConstant
{
    /// <summary>The mean label, or its log-odds.</summary>
    public static float Of(TrainingExamples examples, LearningTask task, double totalWeight)
    {
        double sum = 0;
        for (int i = 0; i < examples.Count; i++) { sum += examples.Labels[i] * (examples.Weights is null ? 1.0 : examples.Weights[i]); }
        double mean = sum / totalWeight;
        if (task != LearningTask.Binary) { return (float)mean; }
        double p = Math.Clamp(mean, 1e-4, 1 - 1e-4);
        return (float)Math.Log(p / (1 - p));
    }
}
