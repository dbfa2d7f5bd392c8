using System.Runtime.CompilerServices;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>
/// One step per example of an FFM for any rows: values, several features of a field, fields that are missing. T[f] = Σ_{j∈f} xⱼ·(row of j)
/// per field that is there; the pairs are Σ_{f&lt;g}⟨T[f][g], T[g][f]⟩ + ½Σ_f(‖T[f][f]‖² − Σ_{j∈f}xⱼ²‖v_j,f‖²), and ∂ŷ/∂v_i,g =
/// xᵢT[g][f(i)], less xᵢv_i,g where g is i's own field. It is the gradient of the whole example, where LIBFFM steps after every pair: with
/// one feature per field both are the same. L2 is paid by vectors that met something.
/// Floor per example, m features of F fields: mFk floats with their sums read twice and written once; T and its transpose, 2F²k floats,
/// stay in the cache.
/// Scratch: T and its transpose (F rows each), a row that says which vectors met something, one line.
/// </summary>
internal static unsafe class FieldAwareRowKernel<TLoss, TUpdate, TLanes, TRows>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
    where TLanes : struct, ILanes<TLanes>
    where TRows : struct, IExampleRows
{
    private const int Line = 16;

    public static long ScratchLength(int fields, int width) => (((2L * fields) + 1) * width) + Line;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Learn(in FamilyJob job, TRows rows)
    {
        nint width = job.Parameters.Width, stride = job.Parameters.FactorStride, k = job.FactorCount;
        float* v0 = job.Parameters.Factors, w = job.Parameters.Linear;
        int* counts = job.Fields, present = counts + job.FieldCount;
        float* sums = job.Scratch, turned = sums + (job.FieldCount * width), met = turned + (job.FieldCount * width);
        for (int position = job.Start; position < job.End; position++)
        {
            rows.Load(position);
            int fields = Sum(job, rows, sums, counts, present);
            Transpose(job, sums, turned, counts, present, fields);
            float* values = rows.Values;
            int* features = rows.Features;
            TLanes pairs = TLanes.Zero;
            for (int a = 0; a < fields; a++)
            {
                float* row = sums + (present[a] * width), across = turned + (present[a] * width);
                for (nint i = 0; i < width; i += TLanes.Count)
                {
                    pairs = TLanes.MulAdd(TLanes.Load(ref row[i]), TLanes.Load(ref across[i]), pairs);
                }
            }

            float squares = 0;
            for (int j = 0; j < rows.Count; j++)
            {
                int field = job.FieldOf[features[j]];
                if (counts[field] > 1)
                {
                    squares += Square(v0 + (features[j] * stride) + (field * k), k) * (TRows.HasValues ? values[j] * values[j] : 1);
                }
            }

            float score = LinearPart<TLoss, TUpdate>.Score(w, job.Parameters.LinearStride, features, values, rows.Count);
            float e = LinearPart<TLoss, TUpdate>.Step(job, position, score + (0.5f * (TLanes.Sum(pairs) - squares)), rows);
            StepFactors(job, rows, e, job.Weights is null ? 1f : job.Weights[position], sums, turned, met, fields);
            for (int a = 0; a < fields; a++) { counts[present[a]] = 0; }
        }
    }

    // T of the fields that are there; how many of them there are. Counts are 0 before.
    private static int Sum(in FamilyJob job, in TRows rows, float* sums, int* counts, int* present)
    {
        nint width = job.Parameters.Width, stride = job.Parameters.FactorStride;
        int fields = 0;
        for (int j = 0; j < rows.Count; j++)
        {
            int field = job.FieldOf[rows.Features[j]];
            float* row = job.Parameters.Factors + (rows.Features[j] * stride), sum = sums + (field * width);
            bool isFirst = counts[field]++ == 0;
            if (isFirst) { present[fields++] = field; }
            TLanes x = TLanes.All(TRows.HasValues ? rows.Values[j] : 1);
            for (nint i = 0; i < width; i += TLanes.Count)
            {
                TLanes before = isFirst ? TLanes.Zero : TLanes.Load(ref sum[i]);
                TLanes.Store(TLanes.MulAdd(x, TLanes.Load(ref row[i]), before), ref sum[i]);
            }
        }

        return fields;
    }

    // turned[f][g] = T[g][f] where both are there, else 0; a field of one feature does not meet itself.
    private static void Transpose(in FamilyJob job, float* sums, float* turned, int* counts, int* present, int fields)
    {
        nint width = job.Parameters.Width, k = job.FactorCount;
        for (int a = 0; a < fields; a++)
        {
            nint f = present[a];
            float* row = turned + (f * width);
            new Span<float>(row, (int)width).Clear();
            for (int b = 0; b < fields; b++)
            {
                nint g = present[b];
                if (f == g && counts[f] == 1) { continue; }
                float* source = sums + (g * width) + (f * k);
                for (nint i = 0; i < k; i++) { row[(g * k) + i] = source[i]; }
            }
        }
    }

    private static void StepFactors(in FamilyJob job, in TRows rows, float e, float weight, float* sums, float* turned, float* met,
        int fields)
    {
        nint width = job.Parameters.Width, stride = job.Parameters.FactorStride, k = job.FactorCount;
        int* counts = job.Fields, present = counts + job.FieldCount;
        new Span<float>(met, (int)width).Clear();
        for (int a = 0; a < fields; a++) { new Span<float>(met + (present[a] * k), (int)k).Fill(1); }
        for (int j = 0; j < rows.Count; j++)
        {
            nint field = job.FieldOf[rows.Features[j]];
            float x = TRows.HasValues ? rows.Values[j] : 1, decay = weight * rows.LambdaFactors[j];
            float* row = job.Parameters.Factors + (rows.Features[j] * stride), across = turned + (field * width),
                own = across + (field * k);
            for (nint i = 0; counts[field] > 1 && i < k; i++)
            {
                own[i] = sums[(field * width) + (field * k) + i] - (x * row[(field * k) + i]);
            }
            new Span<float>(met + (field * k), (int)k).Fill(counts[field] > 1 ? 1 : 0);
            if (TUpdate.StateCount < 2) { StepRow<TLanes>(row, across, met, 0, width, e * x, decay, job.Eta, (int)width); }
            else
            {
                // Momentum moves what has no gradient: only vectors that met something may move.
                for (int b = 0; b < fields; b++)
                {
                    if (present[b] != field || counts[field] > 1)
                    {
                        StepRow<Lanes1>(row, across, met, present[b] * k, (present[b] + 1) * k, e * x, decay, job.Eta, (int)width);
                    }
                }
            }

            new Span<float>(met + (field * k), (int)k).Fill(1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StepRow<TRow>(float* row, float* slope, float* met, nint start, nint end, float error, float decay, float eta,
        int width)
        where TRow : struct, ILanes<TRow>
    {
        TRow step = TRow.All(eta), e = TRow.All(error), lambda = TRow.All(decay);
        for (nint i = start; i < end; i += TRow.Count)
        {
            TRow v = TRow.Load(ref row[i]);
            TRow gradient = TRow.MulAdd(e, TRow.Load(ref slope[i]), lambda * TRow.Load(ref met[i]) * v);
            TRow.Store(Floor.Cut(TUpdate.Apply(v, gradient, step, ref row[i + width], width)), ref row[i]);
        }
    }

    private static float Square(float* v, nint k)
    {
        float sum = 0;
        for (nint i = 0; i < k; i++) { sum += v[i] * v[i]; }
        return sum;
    }
}
