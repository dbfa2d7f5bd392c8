using System.Runtime.CompilerServices;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>What a family kernel learns from and into: a run of the visiting order.</summary>
internal unsafe struct FamilyJob
{
    /// <summary>w₀, w and the rows of factors with their sums, [V | sums], each padded to whole cache lines.</summary>
    public FmParameters Parameters;

    /// <summary>What pairs of fields share, and its sums behind it; null for members without.</summary>
    public float* Coupling;

    /// <summary>Floats from a coupling to its sum.</summary>
    public int CouplingStride;

    /// <summary>In the visiting order.</summary>
    public float* Labels;

    /// <summary>In the visiting order, or null.</summary>
    public float* Weights;

    /// <summary>First and one past the last position.</summary>
    public int Start, End;

    /// <summary>η of this run of examples.</summary>
    public float Eta;

    /// <summary>λ of w₀.</summary>
    public float LambdaBias;

    /// <summary>The score of each example before its step goes to scores[position − Start].</summary>
    public float* Scores;

    /// <summary>The field of every feature.</summary>
    public ushort* FieldOf;

    /// <summary>F and k.</summary>
    public int FieldCount, FactorCount;

    /// <summary>Floats of the worker's own, on a cache line, as many as the kernel says.</summary>
    public float* Scratch;

    /// <summary>Numbers of the worker's own, two per field.</summary>
    public int* Fields;

    /// <summary>Ask for parameters so many examples ahead; 0 for a model that fits into the cache.</summary>
    public int Ahead;
}

/// <summary>The part of a step that every member has: w₀ + Σ w x, the loss, and the steps of w₀ and w.</summary>
internal static unsafe class LinearPart<TLoss, TUpdate>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
{
    /// <summary>Σ w x; no values means that all are 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(float* w, nint stride, int* features, float* values, int count)
    {
        float score = 0;
        for (nint j = 0; j < count; j++) { score += values is null ? w[features[j] * stride] : w[features[j] * stride] * values[j]; }
        return score;
    }

    /// <summary>Notes the score, moves w₀ and w, and returns weight·∂ℓ/∂ŷ for the factors.</summary>
    /// <param name="job">Where everything lies.</param>
    /// <param name="position">The example.</param>
    /// <param name="score">Everything but w₀.</param>
    /// <param name="rows">The example's features.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Step<TRows>(in FamilyJob job, int position, float score, in TRows rows)
        where TRows : struct, IExampleRows
    {
        float* w = job.Parameters.Linear, bias = job.Parameters.Bias, values = rows.Values, lambda = rows.LambdaLinear;
        int* features = rows.Features;
        nint stride = job.Parameters.LinearStride;
        score += *bias;
        float weight = job.Weights is null ? 1f : job.Weights[position];
        float e = weight * TLoss.Derivative(score, job.Labels[position]);
        job.Scores[position - job.Start] = score;
        *bias = WeightStep<TUpdate>.Step(bias, *bias, e + (weight * job.LambdaBias * *bias), job.Eta);
        for (nint j = 0; j < rows.Count; j++)
        {
            float* wj = w + (features[j] * stride);
            *wj = WeightStep<TUpdate>.Step(wj, *wj, (TRows.HasValues ? e * values[j] : e) + (weight * lambda[j] * *wj), job.Eta);
        }

        return e;
    }
}
