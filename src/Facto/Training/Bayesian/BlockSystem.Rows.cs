using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

// The sums of a block's rows, and the step of an identity block, where a row is a feature.
internal sealed unsafe partial class BlockSystem
{
    /// <summary>
    /// Rows handed to a worker at a time: few, for a popular item may have thousands of examples and the others wait for the last.
    /// </summary>
    private const int Run = 8;

    // s, a and the offset of every row, from the parameters.
    private void RefreshRows(int block, CancellationToken cancellation)
    {
        BlockState state = States[block];
        bool manyBlocks = Blocks.Length > 2;
        Workers.Run(Blocks[block].RowCount, 16 * Run, (_, start, end) =>
        {
            TableSums.Compute(state.Block.Rows, start, end, new(Linear, Factors), new(state.S, state.A));
            for (int r = start; r < end; r++)
            {
                float a = state.A.Pointer[r];
                state.Offset.Pointer[r] = manyBlocks ? a - (0.5f * VectorOps.SumOfSquares(state.S.Row(r))) : a;
            }
        }, cancellation);
    }

    // Every row is solved for its one feature: Q = αΣωψψᵀ + Λ, b = αΣωψy + Λμ.
    private void StepIdentity<T>(int block, int sweep, bool draw, CancellationToken cancellation)
        where T : struct, ILanes<T>
    {
        Workers.Run(Blocks[block].RowCount, Run, (scratch, start, end) =>
        {
            for (int r = start; r < end; r++) { SolveRow<T>(block, r, sweep, draw, scratch); }
        }, cancellation);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SolveRow<T>(int block, int r, int sweep, bool draw, BlockScratch scratch)
        where T : struct, ILanes<T>
    {
        BlockState state = States[block];
        int stride = Factors.Stride, group = Blocks[block].Fields[0].Group, feature = Blocks[block].Rows.FeatureBlock.Pointer[r];
        float alpha = (float)Noise, lambda = Priors.PrecisionLinear.Pointer[group], strength = Priors.StrengthOf(feature);
        float* precision = Priors.Precision.Storage.Pointer + ((long)group * stride),
            mean = Priors.Mean.Storage.Pointer + ((long)group * stride);
        RowGather.Accumulate<T>(States, block, Bias, r, scratch.Gram, scratch);

        GaussianSolve solve = scratch.Solve;
        float* q = solve.Q, gram = scratch.Gram;
        T scale = T.All(alpha);
        for (int c = 0; c < stride * stride; c += T.Count) { T.Store(T.Load(ref gram[c]) * scale, ref q[c]); }
        for (int f = 0; f < K; f++)
        {
            float own = strength * precision[f];
            q[(f * stride) + f] += own;
            solve.Cross[f] = alpha * scratch.G[f];
            solve.Right[f] = (alpha * scratch.H[f]) + (own * mean[f]);
        }

        solve.QLinear = (alpha * scratch.Count) + lambda;
        solve.RightLinear = (float)(alpha * scratch.SumY) + (lambda * Priors.MeanLinear.Pointer[group]);
        SeededRandom random = draw ? Streams.For(sweep, DrawKind.Feature, feature) : default;
        solve.SetNoise(ref random, draw);
        solve.Solve<T>();
        float* v = Factors.Storage.Pointer + ((long)feature * stride);
        for (int c = 0; c < stride; c += T.Count) { T.Store(T.Load(ref solve.V[c]), ref v[c]); }
        Linear.Pointer[feature] = solve.W;
        if (block == Blocks.Length - 1) { RowError<T>(state, r, scratch, v, solve.W); }
    }

    // Σωe² = Σωy² − 2θᵀh + θᵀGθ and Σωe = Σωy − θᵀg with θ = [v; w]. Only G's upper triangle is there: z holds v from element i on,
    // so that row i times z is Σ_{j≥i} G_ij v_j.
    private void RowError<T>(BlockState state, int r, BlockScratch scratch, float* v, float w)
        where T : struct, ILanes<T>
    {
        int stride = Factors.Stride;
        float* z = scratch.Z;
        new Span<float>(z, stride).Clear();
        double vh = 0, vg = 0, quadratic = 0;
        for (int i = K - 1; i >= 0; i--)
        {
            float* row = scratch.Gram + (i * stride);
            z[i] = v[i];
            T dot = T.Zero;
            for (int c = i / T.Count * T.Count; c < stride; c += T.Count) { dot = T.MulAdd(T.Load(ref row[c]), T.Load(ref z[c]), dot); }
            quadratic += v[i] * ((2.0 * T.Sum(dot)) - (row[i] * (double)v[i]));
            vh += (double)v[i] * scratch.H[i];
            vg += (double)v[i] * scratch.G[i];
        }

        double n = scratch.Count;
        double* error = state.RowError.Pointer + (2L * r);
        error[0] = scratch.SumSquares - (2 * (vh + (w * scratch.SumY))) + quadratic + (2 * w * vg) + (n * w * w);
        error[1] = scratch.SumY - vg - (n * w);
    }
}
