using System.Runtime.CompilerServices;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>
/// One step per example of FwFM, FvFM and FmFM, for any rows. With S_f = Σ_{i∈f} xᵢvᵢ and U_f = Σ_{g≠f} M_fgS_g, and Dᵢ = M_ff(S_f − xᵢvᵢ)
/// in a field of several features: the pairs are ½(Σ_f⟨S_f, U_f⟩ + Σᵢ xᵢ⟨vᵢ, Dᵢ⟩), ∂ŷ/∂vᵢ = xᵢ(U_f(i) + Dᵢ), ∂ŷ/∂M_fg = S_fS_gᵀ and
/// ∂ŷ/∂M_ff = ½(S_fS_fᵀ − Σ xᵢ²vᵢvᵢᵀ), of which a number takes the trace and a vector the diagonal. Couplings carry no L2.
/// Floor per example, F fields, m features, K floats: 2mK floats with their sums of traffic, and F²K (number, vector) or F²K² (matrix)
/// multiplications, twice.
/// Scratch: S and U (F rows of K each), D (a row per feature), a row more.
/// </summary>
internal static unsafe class FieldMatrixKernel<TLoss, TUpdate, TLanes, TRows, TCoupling>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
    where TLanes : struct, ILanes<TLanes>
    where TRows : struct, IExampleRows
    where TCoupling : struct, ICoupling
{
    public static long ScratchLength(int fields, int width, int most) => ((2L * fields) + most + 1) * width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Learn(in FamilyJob job, TRows rows)
    {
        nint width = job.Parameters.Width, stride = job.Parameters.FactorStride;
        float* v0 = job.Parameters.Factors, w = job.Parameters.Linear;
        int* counts = job.Fields, present = counts + job.FieldCount;
        for (int position = job.Start; position < job.End; position++)
        {
            if (job.Ahead > 0) { rows.Prefetch(Math.Min(position + job.Ahead, job.End - 1), v0, stride, w, job.Parameters.LinearStride); }
            rows.Load(position);
            int fields = Sum(job, rows);
            float pairs = Across(job, fields) + Within(job, rows);
            float score = LinearPart<TLoss, TUpdate>.Score(w, job.Parameters.LinearStride, rows.Features, rows.Values,
                rows.Count) + (0.5f * pairs);
            float e = LinearPart<TLoss, TUpdate>.Step(job, position, score, rows);
            StepCoupling(job, rows, e, fields);
            StepFactors(job, rows, e, job.Weights is null ? 1f : job.Weights[position]);
            for (int a = 0; a < fields; a++) { counts[present[a]] = 0; }
        }
    }

    // S of the fields that are there; how many of them there are. Counts are 0 before.
    private static int Sum(in FamilyJob job, in TRows rows)
    {
        nint width = job.Parameters.Width, stride = job.Parameters.FactorStride;
        int* counts = job.Fields, present = counts + job.FieldCount;
        int fields = 0;
        for (int j = 0; j < rows.Count; j++)
        {
            int field = job.FieldOf[rows.Features[j]];
            float* row = job.Parameters.Factors + (rows.Features[j] * stride), sum = job.Scratch + (field * width);
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

    // U, and Σ_f⟨S_f, U_f⟩.
    private static float Across(in FamilyJob job, int fields)
    {
        nint width = job.Parameters.Width;
        int* present = job.Fields + job.FieldCount;
        float* sums = job.Scratch, turned = sums + (job.FieldCount * width);
        for (int a = 0; a < fields; a++) { new Span<float>(turned + (present[a] * width), (int)width).Clear(); }
        for (int a = 0; a < fields; a++)
        {
            for (int b = a + 1; b < fields; b++)
            {
                int f = Math.Min(present[a], present[b]), g = Math.Max(present[a], present[b]);
                float* m = Pair(job, f, g);
                TCoupling.AddProduct<TLanes>(m, sums + (g * width), turned + (f * width), width, job.FactorCount);
                TCoupling.AddTransposed<TLanes>(m, sums + (f * width), turned + (g * width), width, job.FactorCount);
            }
        }

        TLanes total = TLanes.Zero;
        for (int a = 0; a < fields; a++)
        {
            float* s = sums + (present[a] * width), u = turned + (present[a] * width);
            for (nint i = 0; i < width; i += TLanes.Count) { total = TLanes.MulAdd(TLanes.Load(ref s[i]), TLanes.Load(ref u[i]), total); }
        }

        return TLanes.Sum(total);
    }

    // D of every feature that has others in its field, and Σᵢ xᵢ⟨vᵢ, Dᵢ⟩.
    private static float Within(in FamilyJob job, in TRows rows)
    {
        nint width = job.Parameters.Width, stride = job.Parameters.FactorStride;
        float* sums = job.Scratch, inside = sums + (2 * job.FieldCount * width), rest = inside + (rows.Count * width);
        float total = 0;
        for (int j = 0; j < rows.Count; j++)
        {
            int field = job.FieldOf[rows.Features[j]];
            if (job.Fields[field] == 1) { continue; }
            float* v = job.Parameters.Factors + (rows.Features[j] * stride), s = sums + (field * width), d = inside + (j * width),
                m = Pair(job, field, field);
            TLanes x = TLanes.All(TRows.HasValues ? rows.Values[j] : 1), half = TLanes.All(0.5f);
            for (nint i = 0; i < width; i += TLanes.Count)
            {
                TLanes.Store(half * (TLanes.Load(ref s[i]) - (x * TLanes.Load(ref v[i]))), ref rest[i]);
            }
            new Span<float>(d, (int)width).Clear();
            TCoupling.AddProduct<TLanes>(m, rest, d, width, job.FactorCount);
            TCoupling.AddTransposed<TLanes>(m, rest, d, width, job.FactorCount);
            TLanes meet = TLanes.Zero;
            for (nint i = 0; i < width; i += TLanes.Count) { meet = TLanes.MulAdd(x * TLanes.Load(ref v[i]), TLanes.Load(ref d[i]), meet); }
            total += TLanes.Sum(meet);
        }

        return total;
    }

    private static void StepCoupling(in FamilyJob job, in TRows rows, float e, int fields)
    {
        nint width = job.Parameters.Width, stride = job.Parameters.FactorStride;
        int* counts = job.Fields, present = counts + job.FieldCount;
        float* sums = job.Scratch, gradient = sums + (((2 * job.FieldCount) + rows.Count) * width);
        for (int a = 0; a < fields; a++)
        {
            for (int b = a + 1; b < fields; b++)
            {
                int f = Math.Min(present[a], present[b]), g = Math.Max(present[a], present[b]);
                var pair = new CouplingStep(Pair(job, f, g), job.CouplingStride, e, job.Eta, width, job.FactorCount, gradient);
                TCoupling.Step<TUpdate, TLanes>(pair, sums + (f * width), sums + (g * width), default);
            }

            if (counts[present[a]] == 1) { continue; }
            var own = new CouplingStep(Pair(job, present[a], present[a]), job.CouplingStride, 0.5f * e, job.Eta, width, job.FactorCount,
                gradient);
            var squares = new OwnSquares(job.Parameters.Factors, stride, rows.Features, TRows.HasValues ? rows.Values : null, job.FieldOf,
                rows.Count, present[a]);
            TCoupling.Step<TUpdate, TLanes>(own, sums + (present[a] * width), sums + (present[a] * width), squares);
        }
    }

    private static void StepFactors(in FamilyJob job, in TRows rows, float e, float weight)
    {
        nint width = job.Parameters.Width, stride = job.Parameters.FactorStride;
        float* turned = job.Scratch + (job.FieldCount * width), inside = turned + (job.FieldCount * width);
        TLanes eta = TLanes.All(job.Eta);
        for (int j = 0; j < rows.Count; j++)
        {
            int field = job.FieldOf[rows.Features[j]];
            bool isAlone = job.Fields[field] == 1;
            float* row = job.Parameters.Factors + (rows.Features[j] * stride), u = turned + (field * width), d = inside + (j * width);
            TLanes error = TLanes.All(TRows.HasValues ? e * rows.Values[j] : e), decay = TLanes.All(weight * rows.LambdaFactors[j]);
            for (nint i = 0; i < width; i += TLanes.Count)
            {
                TLanes v = TLanes.Load(ref row[i]), slope = TLanes.Load(ref u[i]);
                if (!isAlone) { slope += TLanes.Load(ref d[i]); }
                TLanes moved = TUpdate.Apply(v, TLanes.MulAdd(error, slope, decay * v), eta, ref row[i + width], width);
                TLanes.Store(moved, ref row[i]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Pair(in FamilyJob job, int f, int g) =>
        job.Coupling + ((nint)FamilyShape.Pair(f, g, job.FieldCount) * TCoupling.Width((int)job.Parameters.Width, job.FactorCount));
}
