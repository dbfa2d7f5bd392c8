using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>
/// One step per example of an FFM when every example has one feature of value 1 in each field (Juan et al. 2016, algorithm 1). The rows of an example are a
/// matrix P of F × F vectors, P[f][g] = v of f's feature for field g; the pairs are ½⟨P, Pᵀ⟩ without the diagonal, and ∂ŷ/∂P = Pᵀ. So P is transposed once, vector
/// by vector, and a row of all fields is learnt lane by lane, whatever k is: no lane is empty, where a kernel per pair fills k of them. The diagonal is met by
/// nobody; it is 0 in Pᵀ.
/// Floor per example, AdaGrad: F²k floats and as many sums read and written, 16F²k bytes (10 fields, k = 4: 6.4 kB; 39 fields: 97 kB), and about 12F²k flops;
/// Pᵀ stays in the first-level cache.
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
            Transpose(p, turned, fields, job.FactorCount, width);
            TLanes pairs = TLanes.Zero, more = TLanes.Zero;
            for (nint f = 0; f < fields; f++)
            {
                float* row = p[f], across = turned + (f * width);
                nint i = 0;
                for (; i <= width - (2 * TLanes.Count); i += 2 * TLanes.Count)
                {
                    pairs = TLanes.MulAdd(TLanes.Load(ref row[i]), TLanes.Load(ref across[i]), pairs);
                    more = TLanes.MulAdd(TLanes.Load(ref row[i + TLanes.Count]), TLanes.Load(ref across[i + TLanes.Count]), more);
                }

                for (; i < width; i += TLanes.Count) { pairs = TLanes.MulAdd(TLanes.Load(ref row[i]), TLanes.Load(ref across[i]), pairs); }
            }

            float score = LinearPart<TLoss, TUpdate>.Score(w, linearStride, features, null, fields) + (0.5f * TLanes.Sum(pairs + more));
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
                    TLanes.Store(TUpdate.Apply(v, gradient, eta, ref row[i], (int)width), ref row[i]);
                }
            }
        }
    }

    // turned[f][g] = p[g][f], 0 for f = g and in the padding. Vectors are copied four floats at a time: what is copied beyond a vector is overwritten by the next one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(float** p, float* turned, nint fields, nint k, nint width)
    {
        if (k == 4)
        {
            for (nint f = 0; f < fields; f++)
            {
                float* row = turned + (f * width);
                nint from = f * 4;
                for (nint g = 0; g < fields; g++) { Vector128.Store(Vector128.Load(p[g] + from), row + (g * 4)); }
            }
        }
        else
        {
            for (nint f = 0; f < fields; f++)
            {
                float* row = turned + (f * width);
                for (nint g = 0; g < fields; g++)
                {
                    for (nint i = 0; i < k; i += 4) { Vector128.Store(Vector128.Load(p[g] + (f * k) + i), row + (g * k) + i); }
                }
            }
        }

        // In rising order: a row's last vector may have reached into the next row, which was written after it.
        for (nint f = 0; f < fields; f++)
        {
            float* row = turned + (f * width);
            for (nint i = 0; i < k; i++) { row[(f * k) + i] = 0; }
            for (nint i = fields * k; i < width; i++) { row[i] = 0; }
        }
    }

    /// <summary>Floats of scratch that <see cref="Learn"/> needs.</summary>
    public static long ScratchLength(int fields, int width) => ((long)fields * width) + Line;
}
