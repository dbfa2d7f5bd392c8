using System.Numerics;
using System.Runtime.CompilerServices;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>ln(1 + e^ŷ) − yŷ with y ∈ {0, 1}: the log loss of σ(ŷ).</summary>
internal readonly struct LogisticLoss : ILoss
{
    public static string Name => "logistic";

    public static LearningTask Task => LearningTask.Binary;

    public static string Labels => "0 or 1 (choose a threshold on import, or the task regression)";

    public static bool Takes(float label) => label is 0 or 1;

    public static Vector<float> Value(Vector<float> score, Vector<float> label) =>
        Vector.Max(score, Vector<float>.Zero) - (score * label) + Vector.Log(Vector<float>.One + Vector.Exp(-Vector.Abs(score)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float score, float label) => (1f / (1f + Lanes1.Sum(LanesMath.Exp(new Lanes1(-score))))) - label;

    public static float Curvature => 0.25f;

    public static float Link(double mean)
    {
        double p = Math.Clamp(mean, 1e-4, 1 - 1e-4);
        return (float)Math.Log(p / (1 - p));
    }
}
