using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>Rows that lie one after another.</summary>
/// <param name="rows">The first row.</param>
/// <param name="count">Rows.</param>
/// <param name="stride">Floats a row, a multiple of <see cref="RowMatrix.Padding"/>.</param>
internal readonly unsafe struct RowPanel(float* rows, int count, int stride)
{
    public readonly float* Rows = rows;
    public readonly int Count = count;
    public readonly int Stride = stride;
}

/// <summary>Weighted sums of the rows of a panel: what goes beside the Gram matrix of <see cref="GramKernel"/>.</summary>
internal static unsafe class PanelSums
{
    /// <summary>g += Σ_t a_t p_t and h += Σ_t b_t p_t over the rows p_t of a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate<T>(RowPanel panel, float* a, float* b, float* g, float* h)
        where T : struct, ILanes<T>
    {
        float* p = panel.Rows;
        int count = panel.Count, stride = panel.Stride;
        for (int c = 0; c < stride; c += T.Count)
        {
            T g0 = T.Zero, h0 = T.Zero, g1 = T.Zero, h1 = T.Zero;
            float* row = p + c;
            int t = 0;
            for (; t + 1 < count; t += 2, row += 2 * stride)
            {
                T p0 = T.Load(ref row[0]), p1 = T.Load(ref row[stride]);
                g0 = T.MulAdd(p0, T.All(a[t]), g0);
                g1 = T.MulAdd(p1, T.All(a[t + 1]), g1);
                h0 = T.MulAdd(p0, T.All(b[t]), h0);
                h1 = T.MulAdd(p1, T.All(b[t + 1]), h1);
            }

            if (t < count)
            {
                T p0 = T.Load(ref row[0]);
                g0 = T.MulAdd(p0, T.All(a[t]), g0);
                h0 = T.MulAdd(p0, T.All(b[t]), h0);
            }

            T.Store(T.Load(ref g[c]) + (g0 + g1), ref g[c]);
            T.Store(T.Load(ref h[c]) + (h0 + h1), ref h[c]);
        }
    }
}
