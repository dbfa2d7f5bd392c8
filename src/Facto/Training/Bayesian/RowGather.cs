using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Reads the examples of one row of a block: p = Σ of the other blocks' s, and y less w₀ and the other blocks' own terms and pairs. Nothing
/// about an example is cached between steps, so nothing drifts: with two blocks an example costs one cache line.
/// </summary>
internal static unsafe class RowGather
{
    /// <summary>
    /// Gathers examples <paramref name="first"/> … in the block's order into P, Y (and Roots), scaled by √ω; null targets count as 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Chunk<T>(BlockState[] states, int block, float bias, float* targets, int first, int count, BlockScratch scratch)
        where T : struct, ILanes<T>
    {
        BlockState state = states[block];
        int stride = state.S.Stride;
        float* p = scratch.P, y = scratch.Y;
        if (targets is null) { new Span<float>(y, count).Fill(-bias); }
        else { for (int j = 0; j < count; j++) { y[j] = targets[first + j] - bias; } }
        bool fresh = true;
        for (int b = 0; b < states.Length; b++)
        {
            if (b == block) { continue; }
            int* rows = state.Partners[b] is { } copied
                ? copied.Pointer + first
                : Lookup(states[b].Block, state.Block.Order.Pointer + first, count, scratch.Rows);
            float* s = states[b].S.Storage.Pointer, offset = states[b].Offset.Pointer;
            if (fresh) { Copy<T>(p, s, rows, count, stride); }
            else { Add<T>(p, s, rows, count, stride); }
            for (int j = 0; j < count; j++) { y[j] -= offset[rows[j]]; }
            fresh = false;
        }

        if (states.Length > 2) { SubtractPairs<T>(p, y, count, stride); }
        if (state.Roots is { } roots) { Weigh<T>(scratch, roots.Pointer + first, count, stride); }
    }

    /// <summary>The row's Σωppᵀ, Σωp, Σωyp, Σω, Σωy, Σωy² in the scratch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate<T>(BlockState[] states, int block, float bias, int row, float* gram, BlockScratch scratch)
        where T : struct, ILanes<T>
    {
        BlockState state = states[block];
        int stride = state.S.Stride, first = state.Block.Start.Pointer[row], end = state.Block.Start.Pointer[row + 1];
        if (state.HasPartners) { new Span<float>(gram, stride * stride).Clear(); }
        new Span<float>(scratch.G, stride).Clear();
        new Span<float>(scratch.H, stride).Clear();
        float* y = scratch.Y, roots = scratch.Roots;
        double n = 0, sum = 0, squares = 0;
        for (; first < end; first += scratch.Chunk)
        {
            int count = Math.Min(scratch.Chunk, end - first);
            Chunk<T>(states, block, bias, state.Targets.Pointer, first, count, scratch);
            if (state.HasPartners)
            {
                GramKernel.AddOuterProducts<T>(ref *scratch.P, count, stride, ref *gram, stride, 0, stride, 1);
                PanelSums.Accumulate<T>(new(scratch.P, count, stride), roots, y, scratch.G, scratch.H);
            }

            for (int j = 0; j < count; j++)
            {
                double root = roots[j], value = y[j];
                n += root * root;
                sum += root * value;
                squares += value * value;
            }
        }

        scratch.Count = (float)n;
        scratch.SumY = sum;
        scratch.SumSquares = squares;
    }

    private static int* Lookup(Block other, int* order, int count, int* rows)
    {
        int* rowOf = other.RowOf.Pointer;
        for (int j = 0; j < count; j++) { rows[j] = rowOf[order[j]]; }
        return rows;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<T>(float* p, float* s, int* rows, int count, int stride)
        where T : struct, ILanes<T>
    {
        for (int j = 0; j < count; j++, p += stride)
        {
            float* source = s + ((long)rows[j] * stride);
            for (int c = 0; c < stride; c += T.Count) { T.Store(T.Load(ref source[c]), ref p[c]); }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(float* p, float* s, int* rows, int count, int stride)
        where T : struct, ILanes<T>
    {
        for (int j = 0; j < count; j++, p += stride)
        {
            float* source = s + ((long)rows[j] * stride);
            for (int c = 0; c < stride; c += T.Count) { T.Store(T.Load(ref p[c]) + T.Load(ref source[c]), ref p[c]); }
        }
    }

    // Pairs among the other blocks: ½‖Σs‖², the offsets having taken ½Σ‖s‖² off already.
    private static void SubtractPairs<T>(float* p, float* y, int count, int stride)
        where T : struct, ILanes<T>
    {
        for (int j = 0; j < count; j++, p += stride)
        {
            T sum = T.Zero;
            for (int c = 0; c < stride; c += T.Count)
            {
                T v = T.Load(ref p[c]);
                sum = T.MulAdd(v, v, sum);
            }

            y[j] -= 0.5f * T.Sum(sum);
        }
    }

    private static void Weigh<T>(BlockScratch scratch, float* roots, int count, int stride)
        where T : struct, ILanes<T>
    {
        float* p = scratch.P;
        for (int j = 0; j < count; j++, p += stride)
        {
            scratch.Roots[j] = roots[j];
            scratch.Y[j] *= roots[j];
            T root = T.All(roots[j]);
            for (int c = 0; c < stride; c += T.Count) { T.Store(T.Load(ref p[c]) * root, ref p[c]); }
        }
    }
}
