using System.Runtime.Intrinsics;
using Facto.Numerics;
using Facto.Tests.Oracles;
using Facto.Tests.Retrieval;

namespace Facto.Tests.Numerics;

public unsafe class PanelKernelsTests
{
    [Fact]
    public void Every_width_and_tile_gives_the_exact_products_and_masks()
    {
        Check<Lanes1>();
        if (Vector128.IsHardwareAccelerated) { Check<Lanes4>(); }
        if (Vector256.IsHardwareAccelerated) { Check<Lanes8>(); }
        if (Vector512.IsHardwareAccelerated) { Check<Lanes16>(); }
    }

    private static void Check<TLanes>()
        where TLanes : struct, ILanes<TLanes>
    {
        foreach (int dimension in new[] { 1, 2, 17, 65 })
        {
            using RowMatrix rows = RandomVectors.Whole(64, dimension, 11), queries = RandomVectors.Whole(6, dimension, 12);
            PanelMatrix panels = PanelMatrix.Pack(rows);
            float[] tile = [.. Enumerable.Range(0, dimension).SelectMany(d => Enumerable.Range(0, 6).Select(q => queries.Row(q)[d]))];
            float[] thresholds = [0, -1000, 1000, 5, -5, float.NaN];
            float[] scores = new float[6 * 64], single = new float[64];
            ulong[] reached = new ulong[6];
            fixed (float* t = tile, l = thresholds, s = scores)
            fixed (ulong* r = reached)
            {
                PanelKernels.ScorePanel<TLanes>(panels.Panel(0), t, dimension, l, s, r);
            }

            for (int q = 0; q < 6; q++)
            {
                ulong expected = 0;
                for (int row = 0; row < 64; row++)
                {
                    float product = (float)BruteForceSearch.Dot(rows.Row(row), queries.Row(q));
                    if (product >= thresholds[q])
                    {
                        expected |= 1UL << row;
                        Assert.Equal(product, scores[(q * 64) + row]);
                    }
                }

                Assert.Equal(expected, reached[q]);
                fixed (float* query = queries.Row(q), s = single)
                {
                    Assert.Equal(expected, PanelKernels.Score<TLanes>(panels.Panel(0), query, dimension, thresholds[q], s));
                }

                for (int row = 0; row < 64; row++)
                {
                    if ((expected >> row & 1) != 0) { Assert.Equal(scores[(q * 64) + row], single[row]); }
                }
            }
        }
    }
}
