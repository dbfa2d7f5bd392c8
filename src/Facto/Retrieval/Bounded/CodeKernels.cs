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
    public static ulong Bound<TCodes, TLanes>(
        byte* panel, int* pairs, int pairCount, float lead, float step, float error, float limit, float* uppers)
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
