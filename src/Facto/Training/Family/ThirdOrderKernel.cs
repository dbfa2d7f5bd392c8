using System.Runtime.CompilerServices;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>
/// One step per example of an FM of order 3. Per column, features y = v x one after another: A₃ += A₂y, A₂ += A₁y, A₁ += y; the column adds
/// c₂A₂ + c₃A₃. Without a feature the sums are A₁ − y and A₂ − y(A₁ − y), so ∂ŷ/∂v = x(c₂(A₁ − y) + c₃(A₂ − y(A₁ − y))).
/// Floor per example, m features, K columns: each row is read twice and written once with its sum (AdaGrad: 4·2·mK floats of traffic at
/// most), 5 + 10 flops per float.
/// Scratch: c₂ and c₃ (K each), then A₁ and A₂ (K each).
/// </summary>
internal static unsafe class ThirdOrderKernel<TLoss, TUpdate, TLanes, TRows>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
    where TLanes : struct, ILanes<TLanes>
    where TRows : struct, IExampleRows
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Learn(in FamilyJob job, TRows rows)
    {
        float* v0 = job.Parameters.Factors, w = job.Parameters.Linear;
        nint stride = job.Parameters.FactorStride, width = job.Parameters.Width, linearStride = job.Parameters.LinearStride;
        float* c2 = job.Scratch, c3 = c2 + width, a1 = c3 + width, a2 = a1 + width;
        for (int position = job.Start; position < job.End; position++)
        {
            if (job.Ahead > 0) { rows.Prefetch(Math.Min(position + job.Ahead, job.End - 1), v0, stride, w, linearStride); }
            rows.Load(position);
            int* features = rows.Features;
            float* values = rows.Values;
            int count = rows.Count;
            TLanes together = TLanes.Zero;
            for (nint f = 0; f < width; f += TLanes.Count)
            {
                TLanes first = TLanes.Zero, second = TLanes.Zero, third = TLanes.Zero;
                for (nint j = 0; j < count; j++)
                {
                    TLanes y = TLanes.Load(ref v0[(features[j] * stride) + f]);
                    if (TRows.HasValues) { y *= TLanes.All(values[j]); }
                    third = TLanes.MulAdd(second, y, third);
                    second = TLanes.MulAdd(first, y, second);
                    first += y;
                }

                together = TLanes.MulAdd(TLanes.Load(ref c2[f]), second, TLanes.MulAdd(TLanes.Load(ref c3[f]), third, together));
                TLanes.Store(first, ref a1[f]);
                TLanes.Store(second, ref a2[f]);
            }

            float score = LinearPart<TLoss, TUpdate>.Score(w, linearStride, features, values, count) + TLanes.Sum(together);
            float e = LinearPart<TLoss, TUpdate>.Step(job, position, score, rows);
            float weight = job.Weights is null ? 1f : job.Weights[position];
            StepFactors(job, rows, e, weight);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StepFactors(in FamilyJob job, in TRows rows, float e, float weight)
    {
        float* v0 = job.Parameters.Factors, values = rows.Values, lambda = rows.LambdaFactors;
        int* features = rows.Features;
        nint stride = job.Parameters.FactorStride, width = job.Parameters.Width;
        float* c2 = job.Scratch, c3 = c2 + width, a1 = c3 + width, a2 = a1 + width;
        TLanes eta = TLanes.All(job.Eta), error = TLanes.All(e);
        for (nint f = 0; f < width; f += TLanes.Count)
        {
            TLanes first = TLanes.Load(ref a1[f]), second = TLanes.Load(ref a2[f]);
            TLanes pairs = TLanes.Load(ref c2[f]), triples = TLanes.Load(ref c3[f]);
            for (nint j = 0; j < rows.Count; j++)
            {
                ref float row = ref v0[(features[j] * stride) + f];
                TLanes v = TLanes.Load(ref row), x = TRows.HasValues ? TLanes.All(values[j]) : TLanes.All(1);
                TLanes y = TRows.HasValues ? v * x : v;
                TLanes others = first - y, slope = TLanes.MulAdd(pairs, others, triples * (second - (y * others)));
                TLanes gradient = TLanes.MulAdd(error * x, slope, TLanes.All(weight * lambda[j]) * v);
                TLanes.Store(TUpdate.Apply(v, gradient, eta, ref Unsafe.Add(ref row, width), width), ref row);
            }
        }
    }
}
