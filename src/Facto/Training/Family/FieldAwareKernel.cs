using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>
/// One step per example of an FFM when every example has one feature of value 1 in each field (Juan et al. 2016, algorithm 1). The rows of
/// an example are a matrix P of F × F vectors, P[f][g] = v of f's feature for field g; the pairs are ½⟨P, Pᵀ⟩ without the diagonal, and
/// ∂ŷ/∂P = Pᵀ. So P is transposed once, vector by vector, and a row of all fields is learnt lane by lane, whatever k is: no lane is empty,
/// where a kernel per pair fills k of them. The diagonal is met by nobody; it is 0 in Pᵀ.
/// Floor per example, AdaGrad: F²k floats and as many sums read and written, 16F²k bytes (10 fields, k = 4: 6.4 kB; 39 fields: 97 kB), and
/// about 12F²k flops; Pᵀ stays in the first-level cache.
/// Scratch: F rows of the padded width and a cache line more.
/// </summary>
internal static unsafe class FieldAwareKernel<TLoss, TUpdate, TLanes>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
    where TLanes : struct, ILanes<TLanes>
{
    private const int Line = 16;   // floats of a cache line

    /// <param name="job">Where everything lies.</param>
    /// <param name="rows">One column per field.</param>
    /// <param name="columnOf">The column of each field.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Learn(in FamilyJob job, OneHotRows rows, int* columnOf)
    {
        int fields = job.FieldCount;
        nint width = job.Parameters.Width, stride = job.Parameters.FactorStride, linearStride = job.Parameters.LinearStride;
        float* v0 = job.Parameters.Factors, w = job.Parameters.Linear, turned = job.Scratch;
        float** p = stackalloc float*[fields];
        float* lambda = rows.LambdaFactors;
        for (int position = job.Start; position < job.End; position++)
        {
            if (job.Ahead > 0) { rows.Prefetch(Math.Min(position + job.Ahead, job.End - 1), v0, stride, w, linearStride); }
            rows.Load(position);
            int* features = rows.Features;
            for (nint f = 0; f < fields; f++) { p[f] = v0 + (features[columnOf[f]] * stride); }
            float pairs = job.FactorCount % 4 == 0 ? TransposeFours(p, turned, fields, job.FactorCount, width) : Transpose(p, turned,
                fields, job.FactorCount, width);
            float score = LinearPart<TLoss, TUpdate>.Score(w, linearStride, features, null, fields) + (0.5f * pairs);
            float e = LinearPart<TLoss, TUpdate>.Step(job, position, score, rows);
            float weight = job.Weights is null ? 1f : job.Weights[position];
            TLanes error = TLanes.All(e), eta = TLanes.All(job.Eta);
            for (nint f = 0; f < fields; f++)
            {
                float* row = p[f], across = turned + (f * width);
                TLanes decay = TLanes.All(weight * lambda[columnOf[f]]);
                for (nint i = 0; i < width; i += TLanes.Count)
                {
                    TLanes v = TLanes.Load(ref row[i]);
                    TLanes gradient = TLanes.MulAdd(error, TLanes.Load(ref across[i]), decay * v);
                    TLanes.Store(Floor.Cut(TUpdate.Apply(v, gradient, eta, ref row[i + width], width)), ref row[i]);
                }
            }
        }
    }

    // turned[f][g] = p[g][f], 0 for f = g and in the padding; returns ⟨P, Pᵀ⟩ without the diagonal. The products come from P itself and not
    // from what was just stored: a wide load waits until the narrow stores that it spans have left the store buffer.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float TransposeFours(float** p, float* turned, nint fields, nint k, nint width)
    {
        Vector128<float> sum = Vector128<float>.Zero;
        for (nint f = 0; f < fields; f++)
        {
            float* row = turned + (f * width), own = p[f];
            for (nint i = 0; i < k; i += 4)
            {
                nint from = (f * k) + i;
                Vector128.Store(Vector128<float>.Zero, row + from);
                float* mirror = row + width + from;
                nint at = from + k;
                for (nint g = f + 1; g < fields; g++)
                {
                    Vector128<float> theirs = Vector128.Load(p[g] + from), ours = Vector128.Load(own + at);
                    Vector128.Store(theirs, row + at);
                    Vector128.Store(ours, mirror);
                    sum = Vector128.MultiplyAddEstimate(theirs, ours, sum);
                    at += k;
                    mirror += width;
                }
            }

            for (nint i = fields * k; i < width; i += 4) { Vector128.Store(Vector128<float>.Zero, row + i); }
        }

        return 2 * Vector128.Sum(sum);
    }

    // The same for any k. Vectors are copied four floats at a time: what is copied beyond a vector is overwritten by the next one.
    private static float Transpose(float** p, float* turned, nint fields, nint k, nint width)
    {
        for (nint f = 0; f < fields; f++)
        {
            float* row = turned + (f * width);
            for (nint g = 0; g < fields; g++)
            {
                for (nint i = 0; i < k; i += 4) { Vector128.Store(Vector128.Load(p[g] + (f * k) + i), row + (g * k) + i); }
            }

            for (nint i = 0; i < k; i++) { row[(f * k) + i] = 0; }
            for (nint i = fields * k; i < width; i++) { row[i] = 0; }
        }

        TLanes pairs = TLanes.Zero;
        for (nint f = 0; f < fields; f++)
        {
            float* row = p[f], across = turned + (f * width);
            for (nint i = 0; i < width; i += TLanes.Count)
            {
                pairs = TLanes.MulAdd(TLanes.Load(ref row[i]), TLanes.Load(ref across[i]), pairs);
            }
        }

        return TLanes.Sum(pairs);
    }

    /// <summary>Floats of scratch that <see cref="Learn"/> needs.</summary>
    public static long ScratchLength(int fields, int width) => ((long)fields * width) + Line;
}

/// <summary>
/// Where a vector meets nothing that it helps, L2 takes it down by a factor a step, and the vector that it meets with it, until both are
/// subnormal floats, on which some processors are slow: an epoch took four times as long after thirty.
/// </summary>
internal static class Floor
{
    private const float Tiny = 1e-26f;

    /// <summary>A value below 10⁻³³ becomes 0, others stay.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Cut<TLanes>(TLanes value)
        where TLanes : struct, ILanes<TLanes> => value + TLanes.All(Tiny) - TLanes.All(Tiny);
}
