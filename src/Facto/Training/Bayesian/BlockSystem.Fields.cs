using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

// The step of a block whose rows have several features: the examples are summed up once per row, then every feature is solved from its
// rows' statistics alone. With θ = [s; a], a change (δv, δw) of a feature with value x in the row moves s by xδv and a by xδw + x⟨d, δv⟩, d
// = s − x v.
internal sealed unsafe partial class BlockSystem
{
    private void StepShared<T>(int block, int sweep, bool draw, CancellationToken cancellation)
        where T : struct, ILanes<T>
    {
        BlockState state = States[block];
        RowStatistics sums = state.Sums!;
        Workers.Run(Blocks[block].RowCount, Run, (scratch, start, end) =>
        {
            for (int r = start; r < end; r++) { SumRow<T>(block, r, scratch); }
        }, cancellation);

        foreach (BlockField field in Blocks[block].Fields)
        {
            if (field.IsOneHot)
            {
                Workers.Run(field.Count, field.IsId ? Run : 1, (scratch, start, end) =>
                {
                    for (int j = start; j < end; j++) { SolveFeature<T>(state, field, j, sweep, draw, scratch); }
                }, cancellation);
            }
            else
            {
                for (int j = 0; j < field.Count; j++)
                {
                    if ((j & 63) == 0) { cancellation.ThrowIfCancellationRequested(); }
                    SolveFeature<T>(state, field, j, sweep, draw, Workers.First);
                }
            }
        }

        for (int r = 0; block == Blocks.Length - 1 && r < Blocks[block].RowCount; r++)
        {
            state.RowError[2L * r] = sums.Error[r];
            state.RowError[(2L * r) + 1] = sums.RhoA[r];
        }
    }

    // [G g; gᵀ n], ρ = Σωψe and Σωe² of one row with the parameters as they are.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SumRow<T>(int block, int r, BlockScratch scratch)
        where T : struct, ILanes<T>
    {
        BlockState state = States[block];
        RowStatistics sums = state.Sums!;
        int stride = Factors.Stride;
        float a = state.A.Pointer[r];
        RowGather.Accumulate<T>(States, block, Bias, r, sums.Gram(r), scratch);
        double squares = scratch.SumSquares, rhoA = scratch.SumY - ((double)scratch.Count * a);
        if (state.HasPartners)
        {
            float* s = state.S.Storage.Pointer + ((long)r * stride), gram = sums.Gram(r);
            float* g = sums.G.Storage.Pointer + ((long)r * stride), rho = sums.Rho.Storage.Pointer + ((long)r * stride);
            GramKernel.Mirror(new Span<float>(gram, stride * stride), stride);
            for (int f = 0; f < K; f++)
            {
                g[f] = scratch.G[f];
                rho[f] = scratch.H[f] - (a * scratch.G[f]);
                rhoA -= (double)s[f] * scratch.G[f];
            }

            for (int f = 0; f < K; f++) { AddScaled<T>(rho, -s[f], gram + (f * stride), stride); }
            for (int f = 0; f < K; f++) { squares -= s[f] * ((double)scratch.H[f] + rho[f]); }
        }

        sums.N.Pointer[r] = scratch.Count;
        sums.RhoA.Pointer[r] = (float)rhoA;
        sums.Error.Pointer[r] = squares - (a * (scratch.SumY + rhoA));
    }

    // Q = Λ + αΣ x² [I d; 0 1][G g; gᵀ n][I d; 0 1]ᵀ over the feature's rows, b = Λ(μ − u) + αΣ x [ρ_s + dρ_a; ρ_a]; u ← u + Q⁻¹b (+
    // noise).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SolveFeature<T>(BlockState state, BlockField field, int j, int sweep, bool draw, BlockScratch scratch)
        where T : struct, ILanes<T>
    {
        int stride = Factors.Stride, feature = field.Offset + j;
        float* v = Factors.Storage.Pointer + ((long)feature * stride);
        float* precision = Priors.Precision.Storage.Pointer + ((long)field.Group * stride),
            mean = Priors.Mean.Storage.Pointer + ((long)field.Group * stride);
        float w = Linear.Pointer[feature], lambda = Priors.PrecisionLinear.Pointer[field.Group], strength = Priors.StrengthOf(feature);
        GaussianSolve solve = scratch.Solve;
        solve.Start(precision, strength, lambda);
        int first = field.Start.Pointer[j], end = field.Start.Pointer[j + 1];
        for (int p = first; p < end; p++) { AddRow<T>(state, field.RowsOf.Pointer[p], field.Values.Pointer[p], v, scratch); }
        for (int f = 0; f < K; f++) { solve.Right[f] += strength * precision[f] * (mean[f] - v[f]); }
        solve.RightLinear += lambda * (Priors.MeanLinear.Pointer[field.Group] - w);
        SeededRandom random = draw ? Streams.For(sweep, DrawKind.Feature, feature) : default;
        solve.SetNoise(ref random, draw);
        solve.Solve<T>();
        for (int p = first; p < end; p++) { MoveRow<T>(state, field.RowsOf.Pointer[p], field.Values.Pointer[p], v, scratch); }
        AddScaled<T>(v, 1, solve.V, stride);
        Linear.Pointer[feature] = w + solve.W;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddRow<T>(BlockState state, int r, float x, float* v, BlockScratch scratch)
        where T : struct, ILanes<T>
    {
        RowStatistics sums = state.Sums!;
        GaussianSolve solve = scratch.Solve;
        int stride = Factors.Stride;
        float* d = scratch.D, s = state.S.Storage.Pointer + ((long)r * stride), cross = solve.Cross, right = solve.Right, z = scratch.Z;
        float alphaX = (float)Noise * x, alphaXX = alphaX * x, n = sums.N.Pointer[r], rhoA = sums.RhoA.Pointer[r];
        solve.RightLinear += alphaX * rhoA;
        solve.QLinear += alphaXX * n;
        T minusX = T.All(-x), allN = T.All(n), allXX = T.All(alphaXX), allX = T.All(alphaX), allRho = T.All(rhoA);
        if (!state.HasPartners)
        {
            // The only block: p = 0, so only the own term a sees the feature.
            for (int c = 0; c < stride; c += T.Count)
            {
                T dc = T.MulAdd(minusX, T.Load(ref v[c]), T.Load(ref s[c]));
                T.Store(dc, ref d[c]);
                T.Store(T.MulAdd(allXX * allN, dc, T.Load(ref cross[c])), ref cross[c]);
                T.Store(T.MulAdd(allX * allRho, dc, T.Load(ref right[c])), ref right[c]);
            }

            for (int i = 0; i < K; i++) { AddScaled<T>(solve.Q + (i * stride), alphaXX * n * d[i], d, stride); }
            return;
        }

        float* g = sums.G.Storage.Pointer + ((long)r * stride), rho = sums.Rho.Storage.Pointer + ((long)r * stride);
        for (int c = 0; c < stride; c += T.Count)
        {
            T dc = T.MulAdd(minusX, T.Load(ref v[c]), T.Load(ref s[c])), gd = T.MulAdd(allN, dc, T.Load(ref g[c]));
            T.Store(dc, ref d[c]);
            T.Store(gd, ref z[c]);   // g + n d
            T.Store(T.MulAdd(allXX, gd, T.Load(ref cross[c])), ref cross[c]);
            T.Store(T.MulAdd(allX, T.MulAdd(allRho, dc, T.Load(ref rho[c])), T.Load(ref right[c])), ref right[c]);
        }

        float* gram = sums.Gram(r);
        for (int i = 0; i < K; i++)
        {
            T di = T.All(d[i]), zi = T.All(z[i]);
            float* q = solve.Q + (i * stride), row = gram + (i * stride);
            for (int c = i / T.Count * T.Count; c < stride; c += T.Count)
            {
                T value = T.MulAdd(zi, T.Load(ref d[c]), T.MulAdd(di, T.Load(ref g[c]), T.Load(ref row[c])));
                T.Store(T.MulAdd(allXX, value, T.Load(ref q[c])), ref q[c]);
            }
        }
    }

    // θ moves by δ = [xδv; xδw + x⟨d, δv⟩]: ρ −= [G g; gᵀ n]δ, Σωe² −= δᵀ(ρ before + ρ after).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MoveRow<T>(BlockState state, int r, float x, float* v, BlockScratch scratch)
        where T : struct, ILanes<T>
    {
        RowStatistics sums = state.Sums!;
        int stride = Factors.Stride;
        float* delta = scratch.D, s = state.S.Storage.Pointer + ((long)r * stride), change = scratch.Solve.V;
        T allX = T.All(x), dot = T.Zero;
        for (int c = 0; c < stride; c += T.Count)
        {
            T sc = T.Load(ref s[c]), move = T.Load(ref change[c]);
            dot = T.MulAdd(sc - (allX * T.Load(ref v[c])), move, dot);
            T.Store(allX * move, ref delta[c]);
            T.Store(T.MulAdd(allX, move, sc), ref s[c]);
        }

        float deltaA = x * (scratch.Solve.W + T.Sum(dot)), before = sums.RhoA.Pointer[r], after = before - (sums.N.Pointer[r] * deltaA);
        state.A.Pointer[r] += deltaA;
        double gain = 0;
        if (state.HasPartners)
        {
            float* g = sums.G.Storage.Pointer + ((long)r * stride), rho = sums.Rho.Storage.Pointer + ((long)r * stride),
                gram = sums.Gram(r);
            T gdelta = T.Zero, old = T.Zero, now = T.Zero;
            T minusA = T.All(-deltaA);
            for (int c = 0; c < stride; c += T.Count)
            {
                T dc = T.Load(ref delta[c]), gc = T.Load(ref g[c]), rc = T.Load(ref rho[c]);
                gdelta = T.MulAdd(gc, dc, gdelta);
                old = T.MulAdd(rc, dc, old);
                rc = T.MulAdd(minusA, gc, rc);
                float* column = gram + c;
                for (int i = 0; i < K; i++, column += stride) { rc -= T.All(delta[i]) * T.Load(ref column[0]); }
                now = T.MulAdd(rc, dc, now);
                T.Store(rc, ref rho[c]);
            }

            after -= T.Sum(gdelta);
            gain = T.Sum(old + now);
        }

        sums.RhoA.Pointer[r] = after;
        sums.Error.Pointer[r] -= gain + ((double)deltaA * (before + after));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled<T>(float* y, float alpha, float* x, int stride)
        where T : struct, ILanes<T>
    {
        T a = T.All(alpha);
        for (int c = 0; c < stride; c += T.Count) { T.Store(T.MulAdd(a, T.Load(ref x[c]), T.Load(ref y[c])), ref y[c]); }
    }
}
