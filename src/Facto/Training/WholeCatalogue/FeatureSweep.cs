using System.Runtime.CompilerServices;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.WholeCatalogue;

/// <summary>
/// A sweep over a side with any features: block coordinate descent for the full FM (Bayer et al. 2017, in blocks of factors instead of
/// single ones). For each block π: build every row's <see cref="LocalModel"/>; then, field by field and feature by feature, the exact
/// minimum over w_l and over v_lπ. A change of v_l moves the row by δs = x_cl δ and, through the pair terms of its own side, δa = x_cl⟨d_c,
/// δ⟩ with d_c = s_c − x_cl v_l; so
/// <code>
///   H = λI + Σ_{c∋l} x² (Y + X dᵀ + d Xᵀ + W d dᵀ)      g = λ v_l + Σ_{c∋l} x (Q + P d)      δ = −H⁻¹g
/// </code>
/// Features of a one-hot field share no row and are moved in parallel; others one after the other.
/// </summary>
internal sealed unsafe class FeatureSweep : IDisposable
{
    private readonly NativeBlock<float> _models;   // (rows, LocalModel.Size(block))
    private readonly int _block, _size;

    public FeatureSweep(int rows, int block)
    {
        (_block, _size) = (block, LocalModel.Size(block));
        _models = new NativeBlock<float>((long)rows * _size);
    }

    /// <summary>Moves every feature of the side once; returns Σ_S ω(y − ỹ)² as it was before.</summary>
    public double Run<TLanes>(
        Sweep sweep, FmModel model, SideRegularization regularization, SweepScratch[] workers, CancellationToken cancellation)
        where TLanes : struct, ILanes<TLanes>
    {
        double loss = 0;
        int stride = sweep.PartnerGram.Stride;
        for (int offset = 0; offset < stride; offset += _block)
        {
            int width = Math.Min(_block, stride - offset);
            var at = new FactorBlock(offset, width);
            RowParallel.Run(sweep.Side.RowCount, 8, workers, (first, end, scratch) =>
            {
                for (int c = first; c < end; c++)
                {
                    float* row = Model(c);
                    LocalModel.Build<TLanes>(sweep, c, at, row, scratch);
                    GramKernel.Mirror(new Span<float>(row, width * width), width);
                }
            }, cancellation);
            if (offset == 0)
            {
                for (int c = 0; c < sweep.Side.RowCount; c++) { loss += LocalModel.ObservedLoss(Model(c), width); }
            }

            foreach (SideField field in sweep.Side.Fields)
            {
                SweepScratch[] crew = field.IsOneHot ? workers : workers[..1];
                RowParallel.Run(field.End - field.First, 16, crew, (first, end, scratch) =>
                {
                    for (int l = field.First + first; l < field.First + end; l++)
                    {
                        if (!regularization.IsObserved(l)) { continue; }
                        if (at.Offset == 0 && regularization.HasLinear)
                        {
                            MoveLinear<TLanes>(sweep.Side, model, l, width, regularization.Linear(l));
                        }
                        MoveFactors<TLanes>(sweep.Side, model, l, at, regularization.Factors(l), scratch);
                    }
                }, cancellation);
            }
        }

        return loss;
    }

    public void Dispose() => _models.Dispose();

    private float* Model(int row) => _models.Pointer + ((long)row * _size);

    // w_l: δa = x δ.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MoveLinear<TLanes>(CatalogueSide side, FmModel model, int l, int block, float ridge)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float w = ref model.Linear.Pointer[l];
        long start = side.FeatureOffsets.Pointer[l], end = side.FeatureOffsets.Pointer[l + 1];
        float gradient = ridge * w, curvature = ridge;
        for (long i = start; i < end; i++)
        {
            float* row = Model(side.FeatureRows.Pointer[i]);
            float x = side.FeatureValues.Pointer[i];
            gradient += x * LocalModel.P(row, block);
            curvature += x * x * LocalModel.W(row, block);
        }

        float step = -gradient / curvature;
        w += step;
        for (long i = start; i < end; i++)
        {
            int c = side.FeatureRows.Pointer[i];
            float* row = Model(c);
            float move = step * side.FeatureValues.Pointer[i];
            side.OwnTerms.Pointer[c] += move;
            LocalModel.P(row, block) += LocalModel.W(row, block) * move;
            VectorOps.AddScaled<TLanes>(ref *LocalModel.Q(row, block), move, ref *LocalModel.X(row, block), block);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MoveFactors<TLanes>(CatalogueSide side, FmModel model, int l, FactorBlock at, float ridge, SweepScratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        (int offset, int block) = at;
        long start = side.FeatureOffsets.Pointer[l], end = side.FeatureOffsets.Pointer[l + 1];
        float* v = model.Factors.Storage.Pointer + ((long)l * model.Factors.Stride) + offset;
        new Span<float>(scratch.Matrix, block * block).Clear();
        for (int j = 0; j < block; j++)
        {
            scratch.Old[j] = v[j];
            scratch.Step[j] = ridge * v[j];
            scratch.Matrix[(j * block) + j] = ridge;
        }

        for (long i = start; i < end; i++)
        {
            int c = side.FeatureRows.Pointer[i];
            AddRow<TLanes>(
                Model(c), side.Sums.Storage.Pointer + ((long)c * side.Sums.Stride) + offset, side.FeatureValues.Pointer[i], block, scratch);
        }

        if (!Cholesky.Factor<TLanes>(ref *scratch.Matrix, block, ref *scratch.InverseDiagonal)) { return; }
        Cholesky.SolveTransposed<TLanes>(ref *scratch.Matrix, block, ref *scratch.InverseDiagonal, ref *scratch.Step);
        Cholesky.SolveUpper<TLanes>(ref *scratch.Matrix, block, ref *scratch.InverseDiagonal, ref *scratch.Step);
        VectorOps.AddScaled<TLanes>(ref *v, -1, ref *scratch.Step, block);
        for (long i = start; i < end; i++)
        {
            int c = side.FeatureRows.Pointer[i];
            float* s = side.Sums.Storage.Pointer + ((long)c * side.Sums.Stride) + offset;
            side.OwnTerms.Pointer[c] += MoveRow<TLanes>(Model(c), s, side.FeatureValues.Pointer[i], block, scratch);
        }
    }

    // H and g take the share of one row, seen through δs = xδ, δa = x⟨d, δ⟩.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow<TLanes>(float* model, float* s, float x, int block, SweepScratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        float* cross = LocalModel.X(model, block), q = LocalModel.Q(model, block), d = scratch.Shift;
        TLanes scale = TLanes.All(x), square = TLanes.All(x * x), p = TLanes.All(LocalModel.P(model, block));
        float w = LocalModel.W(model, block);
        for (int j = 0; j < block; j += TLanes.Count)
        {
            TLanes shift = TLanes.Load(ref s[j]) - (scale * TLanes.Load(ref scratch.Old[j]));
            TLanes.Store(shift, ref d[j]);
            TLanes.Store(
                TLanes.MulAdd(scale, TLanes.MulAdd(p, shift, TLanes.Load(ref q[j])), TLanes.Load(ref scratch.Step[j])),
                ref scratch.Step[j]);
        }

        for (int i = 0; i < block; i++)
        {
            float* y = model + (i * block), h = scratch.Matrix + (i * block);
            TLanes left = TLanes.All(cross[i] + (w * d[i])), own = TLanes.All(d[i]);
            for (int j = i / TLanes.Count * TLanes.Count; j < block; j += TLanes.Count)
            {
                TLanes sum =
                    TLanes.MulAdd(left, TLanes.Load(ref d[j]), TLanes.MulAdd(own, TLanes.Load(ref cross[j]), TLanes.Load(ref y[j])));
                TLanes.Store(TLanes.MulAdd(square, sum, TLanes.Load(ref h[j])), ref h[j]);
            }
        }
    }

    // s, Q and P follow the step (which scratch.Step holds with its sign turned); returns δa.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MoveRow<TLanes>(float* model, float* s, float x, int block, SweepScratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        float* cross = LocalModel.X(model, block), q = LocalModel.Q(model, block), step = scratch.Step;
        TLanes scale = TLanes.All(x), dot = TLanes.Zero, crossDot = TLanes.Zero;
        for (int j = 0; j < block; j += TLanes.Count)
        {
            TLanes move = TLanes.Zero - (scale * TLanes.Load(ref step[j])), old = TLanes.Load(ref s[j]);
            dot = TLanes.MulAdd(old - (scale * TLanes.Load(ref scratch.Old[j])), move, dot);
            crossDot = TLanes.MulAdd(TLanes.Load(ref cross[j]), move, crossDot);
            TLanes.Store(old + move, ref s[j]);
            TLanes.Store(move, ref scratch.Shift[j]);
        }

        float own = TLanes.Sum(dot);
        LocalModel.P(model, block) += (LocalModel.W(model, block) * own) + TLanes.Sum(crossDot);
        VectorOps.AddScaled<TLanes>(ref *q, own, ref *cross, block);
        for (int i = 0; i < block; i++) { VectorOps.AddScaled<TLanes>(ref *q, scratch.Shift[i], ref model[i * block], block); }
        return own;
    }
}
