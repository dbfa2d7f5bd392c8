using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>
/// <see cref="FmKernel{TLoss,TUpdate,TLanes,TRows}"/> for tables of two columns a and b of different fields (user and item, say):
/// ŷ = w₀ + w_a + w_b + ⟨v_a, v_b⟩, ∂/∂v_a = ev_b + λ_a v_a, and the other way round. One multiply-add per register instead of five,
/// and both rows stay in registers between score and step when k ≤ 16.
/// </summary>
internal static unsafe class FmPairKernel<TLoss, TUpdate, TLanes>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
    where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Learn(in KernelJob job, int* table, float* lambdaLinear, float* lambdaFactors)
    {
        float* v0 = job.Parameters.Factors, w = job.Parameters.Linear, w0 = job.Bias;
        float* labels = job.Labels, weights = job.Weights, scores = job.Scores - job.Start;
        nint stride = job.Parameters.FactorStride, linearStride = job.Parameters.LinearStride;
        int width = job.Parameters.Width, last = job.End - 1, ahead = job.Ahead;
        float eta = job.Eta, bias = *w0, lambdaBias = job.LambdaBias;
        float wa = lambdaLinear[0], wb = lambdaLinear[1], va = lambdaFactors[0], vb = lambdaFactors[1];
        for (int position = job.Start; position <= last; position++)
        {
            int* row = table + (2 * (nint)position);
            if (ahead > 0) { Prefetch(table + (2 * (nint)Math.Min(position + ahead, last)), v0, stride); }
            float* a = v0 + (row[0] * stride), b = v0 + (row[1] * stride);
            float* linearA = w + (row[0] * linearStride), linearB = w + (row[1] * linearStride);
            TLanes dot = TLanes.Zero;
            for (nint f = 0; f < width; f += TLanes.Count) { dot = TLanes.MulAdd(TLanes.Load(ref a[f]), TLanes.Load(ref b[f]), dot); }

            // w₀ comes last: it is the only number that every example waits for.
            float score = TLanes.Sum(dot) + *linearA + *linearB + bias;
            scores[position] = score;
            float weight = weights is null ? 1f : weights[position];
            float e = weight * TLoss.Derivative(score, labels[position]);
            bias = WeightStep<TUpdate>.Step(w0, bias, e + (weight * lambdaBias * bias), eta);
            *linearA = WeightStep<TUpdate>.Step(linearA, *linearA, e + (weight * wa * *linearA), eta);
            *linearB = WeightStep<TUpdate>.Step(linearB, *linearB, e + (weight * wb * *linearB), eta);

            TLanes error = TLanes.All(e), step = TLanes.All(eta), decayA = TLanes.All(weight * va), decayB = TLanes.All(weight * vb);
            for (nint f = 0; f < width; f += TLanes.Count)
            {
                TLanes x = TLanes.Load(ref a[f]), y = TLanes.Load(ref b[f]);
                TLanes.Store(TUpdate.Apply(x, TLanes.MulAdd(error, y, decayA * x), step, ref a[f + width], width), ref a[f]);
                TLanes.Store(TUpdate.Apply(y, TLanes.MulAdd(error, x, decayB * y), step, ref b[f + width], width), ref b[f]);
            }
        }

        *w0 = bias;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(int* row, float* factors, nint stride)
    {
        if (!Sse.IsSupported) { return; }
        float* a = factors + (row[0] * stride), b = factors + (row[1] * stride);
        for (nint line = 0; line < stride; line += RowMatrix.Padding)
        {
            Sse.Prefetch0(a + line);
            Sse.Prefetch0(b + line);
        }
    }
}
