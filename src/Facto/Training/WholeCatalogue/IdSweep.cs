using System.Runtime.CompilerServices;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.WholeCatalogue;

/// <summary>
/// A sweep over a side whose rows are ids and nothing else: each row is a ridge regression of its own, solved block by block (one block:
/// iALS of Hu et al. 2008; several: iALS++ of Rendle et al. 2021), jointly with the id's linear weight. Rows are independent, hence the
/// parallel loop.
/// </summary>
internal sealed unsafe class IdSweep(int rows, int blockWidth)
{
    private readonly float[] _rowLoss = new float[rows];

    /// <summary>Moves every row of the side; returns Σ_S ω(y − ỹ)² as it was when each row was first looked at.</summary>
    public double Run<TLanes>(
        Sweep sweep, FmModel model, SideRegularization regularization, SweepScratch[] workers, CancellationToken cancellation)
        where TLanes : struct, ILanes<TLanes>
    {
        RowParallel.Run(sweep.Side.RowCount, 8, workers, (first, end, scratch) =>
        {
            for (int c = first; c < end; c++) { _rowLoss[c] = MoveRow<TLanes>(sweep, model, regularization, c, scratch); }
        }, cancellation);

        double loss = 0;
        for (int c = 0; c < sweep.Side.RowCount; c++) { loss += _rowLoss[c]; }
        return loss;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float MoveRow<TLanes>(Sweep sweep, FmModel model, SideRegularization regularization, int c, SweepScratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        (int feature, float x) = sweep.Side.SingleFeature(c);
        if (feature < 0 || !regularization.IsObserved(feature)) { return 0; }
        int stride = sweep.PartnerGram.Stride;
        float ridge = regularization.Factors(feature) / (x * x), loss = 0;
        float linearRidge = regularization.HasLinear ? regularization.Linear(feature) / (x * x) : float.PositiveInfinity;
        for (int offset = 0; offset < stride; offset += blockWidth)
        {
            var at = new FactorBlock(offset, Math.Min(blockWidth, stride - offset));
            LocalModel.Build<TLanes>(sweep, c, at, scratch.Model, scratch);
            if (offset == 0) { loss = LocalModel.ObservedLoss(scratch.Model, at.Width); }
            Step<TLanes>(sweep.Side, c, at, ridge, linearRidge, scratch);
        }

        Span<float> s = sweep.Side.Sums.Row(c), v = model.Factors.Row(feature);
        for (int f = 0; f < s.Length; f++) { v[f] = s[f] / x; }
        model.Linear[feature] = sweep.Side.OwnTerms[c] / x;
        return loss;
    }

    // The exact minimum over (s_π, a): the own term is eliminated first, which takes a rank-one term off Y.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step<TLanes>(CatalogueSide side, int c, FactorBlock at, float ridge, float linearRidge, SweepScratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        (int offset, int block) = at;
        float* y = scratch.Model, q = LocalModel.Q(y, block), x = LocalModel.X(y, block);
        float* s = side.Sums.Storage.Pointer + ((long)c * side.Sums.Stride) + offset;
        ref float own = ref side.OwnTerms.Pointer[c];
        bool linear = !float.IsPositiveInfinity(linearRidge);
        float inverse = linear
            ? 1 / (LocalModel.W(y, block) + linearRidge)
            : 0, ownGradient = LocalModel.P(y, block) + (linear ? linearRidge * own : 0);
        TLanes r = TLanes.All(ridge), pull = TLanes.All(-ownGradient * inverse);
        for (int j = 0; j < block; j += TLanes.Count)
        {
            TLanes.Store(
                TLanes.MulAdd(pull, TLanes.Load(ref x[j]), TLanes.MulAdd(r, TLanes.Load(ref s[j]), TLanes.Load(ref q[j]))), ref q[j]);
        }

        for (int i = 0; i < block; i++)
        {
            float* row = y + (i * block);
            if (linear)
            {
                TLanes minus = TLanes.All(-x[i] * inverse);
                for (int j = i / TLanes.Count * TLanes.Count; j < block; j += TLanes.Count)
                {
                    TLanes.Store(TLanes.MulAdd(minus, TLanes.Load(ref x[j]), TLanes.Load(ref row[j])), ref row[j]);
                }
            }

            row[i] += ridge;
        }

        if (!Cholesky.Factor<TLanes>(ref *y, block, ref *scratch.InverseDiagonal)) { return; }
        Cholesky.SolveTransposed<TLanes>(ref *y, block, ref *scratch.InverseDiagonal, ref *q);
        Cholesky.SolveUpper<TLanes>(ref *y, block, ref *scratch.InverseDiagonal, ref *q);
        if (linear) { own -= (ownGradient - VectorOps.Dot<TLanes>(ref *x, ref *q, block)) * inverse; }
        VectorOps.AddScaled<TLanes>(ref *s, -1, ref *q, block);
    }
}
