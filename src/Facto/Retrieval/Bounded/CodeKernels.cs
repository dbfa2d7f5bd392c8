using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Retrieval.Bounded;

/// <summary>Upper bounds of the scores of a panel of codes.</summary>
internal static unsafe class CodeKernels
{
    private const int Rows = PanelMatrix.PanelRows;

    /// <summary>Bit i is set when item i of the panel may score <paramref name="limit"/> or more.</summary>
    /// <param name="panel">Bytes of a panel of <see cref="CodePanels"/>.</param>
    /// <param name="pairs">The query's codes, two to an int.</param>
    /// <param name="pairCount">Pairs.</param>
    /// <param name="lead">q₀.</param>
    /// <param name="step">Step of the query's codes.</param>
    /// <param name="error">Error in units of an item's scale.</param>
    /// <param name="limit">Scores below it are of no interest.</param>
    /// <param name="uppers">64 bounds are written here.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Bound<TCodes, TLanes>(byte* panel, int* pairs, int pairCount, float lead, float step, float error, float limit, float* uppers)
        where TCodes : struct, ICodeLanes<TCodes>
        where TLanes : struct, ILanes<TLanes>
    {
        for (int row = 0; row < Rows; row += 4 * TCodes.Count)
        {
            TCodes s0 = default, s1 = default, s2 = default, s3 = default;
            sbyte* codes = (sbyte*)panel + (2 * row);
            for (int pair = 0; pair < pairCount; pair++, codes += 2 * Rows)
            {
                int q = pairs[pair];
                s0 = TCodes.AddProducts(s0, codes, q);
                s1 = TCodes.AddProducts(s1, codes + (2 * TCodes.Count), q);
                s2 = TCodes.AddProducts(s2, codes + (4 * TCodes.Count), q);
                s3 = TCodes.AddProducts(s3, codes + (6 * TCodes.Count), q);
            }

            TCodes.StoreAsFloat(s0, uppers + row);
            TCodes.StoreAsFloat(s1, uppers + row + TCodes.Count);
            TCodes.StoreAsFloat(s2, uppers + row + (2 * TCodes.Count));
            TCodes.StoreAsFloat(s3, uppers + row + (3 * TCodes.Count));
        }

        float* leads = (float*)(panel + (pairCount * 2L * Rows)), scales = leads + Rows;
        TLanes unit = TLanes.All(step), worst = TLanes.All(error), first = TLanes.All(lead), least = TLanes.All(limit);
        ulong reached = 0;
        for (int row = 0; row < Rows; row += TLanes.Count)
        {
            TLanes inner = TLanes.MulAdd(TLanes.Load(ref uppers[row]), unit, worst);
            TLanes upper = TLanes.MulAdd(TLanes.Load(ref scales[row]), inner, first * TLanes.Load(ref leads[row]));
            TLanes.Store(upper, ref uppers[row]);
            reached |= (ulong)TLanes.AtLeast(upper, least) << row;
        }

        return reached;
    }

    /// <summary>As <see cref="Bound"/>, for bfloat16: pairs of coordinates in one lane each, the query in float32.</summary>
    /// <param name="panel">Bytes of a panel of <see cref="CodePanels"/>.</param>
    /// <param name="query">q after its first coordinate, 2·<paramref name="pairCount"/> floats.</param>
    /// <param name="pairCount">Pairs.</param>
    /// <param name="lead">q₀.</param>
    /// <param name="error">‖q‖·‖e‖ for the worst item of the panel.</param>
    /// <param name="limit">Scores below it are of no interest.</param>
    /// <param name="uppers">64 bounds are written here.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong BoundBfloats<TLanes>(byte* panel, float* query, int pairCount, float lead, float error, float limit, float* uppers)
        where TLanes : struct, ILanes<TLanes>
    {
        float* leads = (float*)panel + ((long)pairCount * Rows);
        TLanes first = TLanes.All(lead), worst = TLanes.All(error), least = TLanes.All(limit);
        ulong reached = 0;
        for (int row = 0; row < Rows; row += 2 * TLanes.Count)
        {
            TLanes upper0 = worst, lower0 = TLanes.Zero, upper1 = worst, lower1 = TLanes.Zero;
            float* pairs = (float*)panel + row;
            for (int pair = 0; pair < pairCount; pair++, pairs += Rows)
            {
                TLanes q0 = TLanes.All(query[2 * pair]), q1 = TLanes.All(query[(2 * pair) + 1]);
                TLanes x0 = TLanes.Load(ref *pairs), x1 = TLanes.Load(ref pairs[TLanes.Count]);
                upper0 = TLanes.MulAdd(q0, TLanes.UpperBfloats(x0), upper0);
                lower0 = TLanes.MulAdd(q1, TLanes.LowerBfloats(x0), lower0);
                upper1 = TLanes.MulAdd(q0, TLanes.UpperBfloats(x1), upper1);
                lower1 = TLanes.MulAdd(q1, TLanes.LowerBfloats(x1), lower1);
            }

            TLanes bound0 = TLanes.MulAdd(first, TLanes.Load(ref leads[row]), upper0 + lower0);
            TLanes bound1 = TLanes.MulAdd(first, TLanes.Load(ref leads[row + TLanes.Count]), upper1 + lower1);
            TLanes.Store(bound0, ref uppers[row]);
            TLanes.Store(bound1, ref uppers[row + TLanes.Count]);
            reached |= (TLanes.AtLeast(bound0, least) | ((ulong)TLanes.AtLeast(bound1, least) << TLanes.Count)) << row;
        }

        return reached;
    }

    /// <summary>Bit i is set when a panel first + i may hold a score of <paramref name="limit"/> or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BoundPanels<TLanes>(float* leads, float* norms, float lead, float norm, float limit)
        where TLanes : struct, ILanes<TLanes>
    {
        uint reached = 0;
        TLanes l = TLanes.All(lead), n = TLanes.All(norm), least = TLanes.All(limit);
        for (int i = 0; i < 16; i += TLanes.Count)
        {
            reached |= TLanes.AtLeast(TLanes.MulAdd(n, TLanes.Load(ref norms[i]), l * TLanes.Load(ref leads[i])), least) << i;
        }

        return reached;
    }
}
