using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>What a kernel learns from and into: a run of the visiting order.</summary>
internal unsafe struct KernelJob
{
    public FmParameters Parameters;

    /// <summary>w₀ and its sums: the shared ones, or the worker's own.</summary>
    public float* Bias;

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

    /// <summary>K floats of scratch, on a cache line.</summary>
    public float* Sums;

    /// <summary>The score of each example before its step goes to scores[position − Start].</summary>
    public float* Scores;

    /// <summary>Ask for parameters so many examples ahead; 0 for a model that fits into the cache.</summary>
    public int Ahead;
}

/// <summary>
/// One step of stochastic gradient descent per example, on everything at once:
/// q_f = Σᵢ v_if xᵢ, ŷ = w₀ + Σᵢ wᵢxᵢ + ½Σ_f (q_f² − Σᵢ v_if²xᵢ²), e = ∂ℓ/∂ŷ,
/// ∂/∂w₀ = e + λ₀w₀, ∂/∂wᵢ = exᵢ + λwᵢ, ∂/∂v_if = exᵢ(q_f − v_if xᵢ) + λv_if (Rendle 2010, eq. 4), all times the example's weight.
/// A block of lanes is the outer loop, features the inner, so q_f stays in a register and every row is read twice and written once.
/// </summary>
internal static unsafe class FmKernel<TLoss, TUpdate, TLanes, TRows>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
    where TLanes : struct, ILanes<TLanes>
    where TRows : struct, IExampleRows
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Learn(in KernelJob job, TRows rows)
    {
        float* v0 = job.Parameters.Factors, w = job.Parameters.Linear, w0 = job.Bias, q = job.Sums;
        nint stride = job.Parameters.FactorStride, width = job.Parameters.Width, linearStride = job.Parameters.LinearStride;
        float eta = job.Eta;
        float bias = *w0;
        int last = job.End - 1, ahead = job.Ahead;
        for (int position = job.Start; position < job.End; position++)
        {
            if (ahead > 0) { rows.Prefetch(Math.Min(position + ahead, last), v0, stride, w, linearStride); }
            rows.Load(position);
            int* features = rows.Features;
            float* values = rows.Values;
            int count = rows.Count;

            float score = 0;
            for (nint j = 0; j < count; j++)
            {
                float wj = w[features[j] * linearStride];
                score += TRows.HasValues ? wj * values[j] : wj;
            }

            TLanes pairs = TLanes.Zero;
            for (nint f = 0; f < width; f += TLanes.Count)
            {
                TLanes sum = TLanes.Zero, squares = TLanes.Zero;
                for (nint j = 0; j < count; j++)
                {
                    TLanes vx = TLanes.Load(ref v0[(features[j] * stride) + f]);
                    if (TRows.HasValues) { vx *= TLanes.All(values[j]); }
                    sum += vx;
                    squares = TLanes.MulAdd(vx, vx, squares);
                }

                pairs = TLanes.MulAdd(sum, sum, pairs) - squares;
                TLanes.Store(sum, ref q[f]);
            }

            // w₀ comes last: it is the only number that every example waits for.
            score += 0.5f * TLanes.Sum(pairs);
            float weight = job.Weights is null ? 1f : job.Weights[position];
            float e = weight * TLoss.Derivative(score + bias, job.Labels[position]);
            job.Scores[position - job.Start] = score + bias;

            bias = WeightStep<TUpdate>.Step(w0, bias, e + (weight * job.LambdaBias * bias), eta);
            float* lambdaLinear = rows.LambdaLinear;
            for (nint j = 0; j < count; j++)
            {
                float* wj = w + (features[j] * linearStride);
                float gradient = TRows.HasValues ? e * values[j] : e;
                *wj = WeightStep<TUpdate>.Step(wj, *wj, gradient + (weight * lambdaLinear[j] * *wj), eta);
            }

            StepFactors(new FactorRows(v0, stride, width, q), rows, eta, e, weight);
        }

        *w0 = bias;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StepFactors(in FactorRows table, in TRows rows, float eta, float e, float weight)
    {
        int* features = rows.Features;
        float* values = rows.Values, lambda = rows.LambdaFactors, v0 = table.Factors, q = table.Sums;
        nint count = rows.Count, stride = table.Stride, width = table.Width;
        TLanes step = TLanes.All(eta), error = TLanes.All(e);
        for (nint f = 0; f < width; f += TLanes.Count)
        {
            TLanes sum = TLanes.Load(ref q[f]);
            for (nint j = 0; j < count; j++)
            {
                ref float row = ref v0[(features[j] * stride) + f];
                TLanes v = TLanes.Load(ref row);
                TLanes decay = TLanes.All(weight * lambda[j]);
                TLanes gradient;
                if (TRows.HasValues)
                {
                    TLanes x = TLanes.All(values[j]);
                    gradient = TLanes.MulAdd(error * x, sum - (v * x), decay * v);
                }
                else { gradient = TLanes.MulAdd(error, sum - v, decay * v); }

                TLanes.Store(TUpdate.Apply(v, gradient, step, ref Unsafe.Add(ref row, width), width), ref row);
            }
        }
    }

    // V as the kernel walks it, and q.
    private readonly struct FactorRows(float* factors, nint stride, nint width, float* sums)
    {
        public readonly float* Factors = factors;
        public readonly nint Stride = stride;
        public readonly nint Width = width;
        public readonly float* Sums = sums;
    }
}
