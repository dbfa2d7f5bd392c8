using System.Numerics;
using System.Runtime.InteropServices;

namespace Facto.Training.Sgd;

/// <summary>Adds up losses.</summary>
internal static class LossSum
{
    /// <summary>Σ weight·ℓ(score, label), as it is reported.</summary>
    /// <param name="scores">Raw scores.</param>
    /// <param name="labels">As many.</param>
    /// <param name="weights">As many, or empty for 1 each.</param>
    public static double Of<TLoss>(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
        where TLoss : struct, ILoss
    {
        ref float s = ref MemoryMarshal.GetReference(scores), y = ref MemoryMarshal.GetReference(labels),
            w = ref MemoryMarshal.GetReference(weights);
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

        return total * TLoss.ReportScale;
    }
}
