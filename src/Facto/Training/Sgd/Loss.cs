using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>ℓ(ŷ, y) as a type argument of the kernels.</summary>
internal interface ILoss
{
    /// <summary>∂ℓ/∂ŷ.</summary>
    static abstract float Derivative(float score, float label);

    /// <summary>The largest ∂²ℓ/∂ŷ².</summary>
    static abstract float Curvature { get; }

    /// <summary>ℓ, lane by lane.</summary>
    static abstract Vector<float> Value(Vector<float> score, Vector<float> label);
}

/// <summary>½(ŷ − y)²; reported doubled, as the mean squared error that people know.</summary>
internal readonly struct SquaredLoss : ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float score, float label) => score - label;

    public static float Curvature => 1;

    public static Vector<float> Value(Vector<float> score, Vector<float> label) => (score - label) * (score - label);
}

/// <summary>ln(1 + e^ŷ) − yŷ with y ∈ {0, 1}: the log loss of σ(ŷ).</summary>
internal readonly struct LogisticLoss : ILoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float score, float label) => (1f / (1f + Lanes1.Sum(LanesMath.Exp(new Lanes1(-score))))) - label;

    public static float Curvature => 0.25f;

    public static Vector<float> Value(Vector<float> score, Vector<float> label) =>
        Vector.Max(score, Vector<float>.Zero) - (score * label) + Vector.Log(Vector<float>.One + Vector.Exp(-Vector.Abs(score)));
}

/// <summary>Adds up losses.</summary>
internal static class LossSum
{
    /// <summary>Σ weight·ℓ(score, label).</summary>
    /// <param name="scores">Raw scores.</param>
    /// <param name="labels">As many.</param>
    /// <param name="weights">As many, or empty for 1 each.</param>
    public static double Of<TLoss>(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
        where TLoss : struct, ILoss
    {
        ref float s = ref MemoryMarshal.GetReference(scores), y = ref MemoryMarshal.GetReference(labels), w = ref MemoryMarshal.GetReference(weights);
        int i = 0, step = Vector<float>.Count;
        Vector<float> sum = Vector<float>.Zero;
        for (; i <= scores.Length - step; i += step)
        {
            Vector<float> loss = TLoss.Value(Vector.LoadUnsafe(ref s, (nuint)i), Vector.LoadUnsafe(ref y, (nuint)i));
            sum += weights.IsEmpty ? loss : loss * Vector.LoadUnsafe(ref w, (nuint)i);
        }

        double total = Vector.Sum(sum);
        for (; i < scores.Length; i++)
        {
            double loss = TLoss.Value(new Vector<float>(scores[i]), new Vector<float>(labels[i]))[0];
            total += weights.IsEmpty ? loss : loss * weights[i];
        }

        return total;
    }
}
