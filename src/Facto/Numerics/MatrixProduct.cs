using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>
/// Single-precision matrix products over row-major blocks: A·B, Aᵀ·B and A·Bᵀ, with or without adding to what C holds.
/// One register tile of 6 rows × 2 vectors serves all three: 12 running sums hide the latency of the fused multiply-add, and 12 + 2 + 1
/// registers fit machines with 16. A is read one element at a time (broadcast), so its two strides are free: that is what makes Aᵀ·B the
/// same kernel; B is read along rows, so A·Bᵀ first transposes B, 2·lanes rows at a time, into a panel that stays in the first-level cache.
/// </summary>
internal static unsafe class MatrixProduct
{
    private const int TileRows = 6;

    // Inner products are cut into blocks of this many terms, so that a panel of B (256 × 128 bytes) is read from the first-level cache for
    // all rows of A.
    private const int Block = 192;

    // Longest inner dimension that Transposed takes in one panel; longer ones go block by block.
    private const int MaxLanes = 16;

    /// <summary>C (m × n) = A (m × p) · B (p × n), or += when <paramref name="add"/>.</summary>
    /// <param name="a">Element (i, t) lies at a[i·<paramref name="aRow"/> + t·<paramref name="aColumn"/>]: (stride, 1) reads A, (1, stride)
    /// reads the transpose of what is stored.</param>
    /// <param name="aRow">Floats from one row of A to the next.</param>
    /// <param name="aColumn">Floats from one column of A to the next.</param>
    /// <param name="b">Row-major, <paramref name="bStride"/> floats a row.</param>
    /// <param name="bStride">≥ n.</param>
    /// <param name="c">Row-major, <paramref name="cStride"/> floats a row; overlaps neither A nor B.</param>
    /// <param name="cStride">≥ n.</param>
    /// <param name="m">Rows of A and C, ≥ 0.</param>
    /// <param name="n">Columns of B and C, a multiple of <see cref="RowMatrix.Padding"/>.</param>
    /// <param name="p">Length of the inner products, ≥ 0.</param>
    /// <param name="add">True to add to C, false to overwrite it.</param>
    public static void Multiply(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int m, int n, int p, bool add)
    {
        RequireWholeVectors(n);
        LaneDispatch.Run(new Product(a, aRow, aColumn, b, bStride, c, cStride, m, n, p, add));
    }

    /// <summary>C (m × n) = A (m × p) · Bᵀ for B (n × p), all row-major: every row of A against every row of B.</summary>
    /// <param name="a">m rows of <paramref name="aStride"/> floats.</param>
    /// <param name="aStride">≥ p.</param>
    /// <param name="b">n rows of <paramref name="bStride"/> floats.</param>
    /// <param name="bStride">≥ p.</param>
    /// <param name="c">m rows of <paramref name="cStride"/> floats; what lies beyond column n up to the next multiple of 32 may be
    /// overwritten.</param>
    /// <param name="cStride">≥ n rounded up to a multiple of 32.</param>
    /// <param name="m">Rows of A.</param>
    /// <param name="n">Rows of B.</param>
    /// <param name="p">Length of the inner products.</param>
    public static void MultiplyTransposed(float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, int m, int n, int p)
    {
        if (cStride < (n + 31) / 32 * 32)
        {
            throw new ArgumentException($"a stride of {cStride} leaves no room for {n} columns in whole tiles of 32", nameof(cStride));
        }
        LaneDispatch.Run(new TransposedProduct(a, aStride, b, bStride, c, cStride, m, n, p));
    }

    internal static void Multiply<TLanes>(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int m, int n, int p, bool add)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int t = 0; t == 0 || t < p; t += Block)
        {
            int length = Math.Min(Block, p - t);
            bool addBlock = add || t > 0;
            float* aBlock = a + (t * aColumn), bBlock = b + (t * bStride);
            int j = 0;
            for (; j <= n - (2 * TLanes.Count); j += 2 * TLanes.Count)
            {
                for (int i = 0; i < m; i += TileRows)
                {
                    Tile2<TLanes>(
                        aBlock + (i * aRow), aRow, aColumn, bBlock + j, bStride, c + (i * cStride) + j, cStride, Math.Min(TileRows, m - i),
                        length, addBlock);
                }
            }

            for (; j < n; j += TLanes.Count)
            {
                for (int i = 0; i < m; i += TileRows)
                {
                    Tile1<TLanes>(
                        aBlock + (i * aRow), aRow, aColumn, bBlock + j, bStride, c + (i * cStride) + j, cStride, Math.Min(TileRows, m - i),
                        length, addBlock);
                }
            }
        }
    }

    internal static void MultiplyTransposed<TLanes>(
        float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, int m, int n, int p)
        where TLanes : struct, ILanes<TLanes>
    {
        float* panel = stackalloc float[(Block * 2 * MaxLanes) + MaxLanes];
        panel = (float*)(((nint)panel + 63) & ~(nint)63);
        int width = 2 * TLanes.Count;
        for (int j = 0; j < n; j += width)
        {
            for (int t = 0; t == 0 || t < p; t += Block)
            {
                int length = Math.Min(Block, p - t), rows = Math.Min(width, n - j);
                Transpose(b + (j * bStride) + t, bStride, panel, width, rows, length);
                for (int i = 0; i < m; i += TileRows)
                {
                    Tile2<TLanes>(
                        a + (i * aStride) + t, aStride, 1, panel, width, c + (i * cStride) + j, cStride, Math.Min(TileRows, m - i), length,
                        t > 0);
                }
            }
        }
    }

    // panel[t · width + r] = b[r · stride + t], zero for rows that are not there.
    private static void Transpose(float* b, nint stride, float* panel, int width, int rows, int length)
    {
        for (int r = 0; r < width; r++)
        {
            float* row = b + (r * stride);
            for (int t = 0; t < length; t++) { panel[(t * width) + r] = r < rows ? row[t] : 0f; }
        }
    }

    // Rows that are not there repeat the last one: they read and write the same values as it, after all loads and before the next tile.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile2<TLanes>(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int rows, int length, bool add)
        where TLanes : struct, ILanes<TLanes>
    {
        int last = rows - 1, n1 = Math.Min(1, last), n2 = Math.Min(2, last), n3 = Math.Min(3, last), n4 = Math.Min(4, last),
            n5 = Math.Min(5, last);
        float* a0 = a, a1 = a + (n1 * aRow), a2 = a + (n2 * aRow), a3 = a + (n3 * aRow), a4 = a + (n4 * aRow), a5 = a + (n5 * aRow);
        float* c0 = c, c1 = c + (n1 * cStride), c2 = c + (n2 * cStride), c3 = c + (n3 * cStride), c4 = c + (n4 * cStride),
            c5 = c + (n5 * cStride);
        int w = TLanes.Count;
        TLanes s00 = TLanes.Zero, s01 = TLanes.Zero, s10 = TLanes.Zero, s11 = TLanes.Zero, s20 = TLanes.Zero, s21 = TLanes.Zero;
        TLanes s30 = TLanes.Zero, s31 = TLanes.Zero, s40 = TLanes.Zero, s41 = TLanes.Zero, s50 = TLanes.Zero, s51 = TLanes.Zero;
        if (add)
        {
            (s00, s01) = (Load<TLanes>(c0), Load<TLanes>(c0 + w));
            (s10, s11) = (Load<TLanes>(c1), Load<TLanes>(c1 + w));
            (s20, s21) = (Load<TLanes>(c2), Load<TLanes>(c2 + w));
            (s30, s31) = (Load<TLanes>(c3), Load<TLanes>(c3 + w));
            (s40, s41) = (Load<TLanes>(c4), Load<TLanes>(c4 + w));
            (s50, s51) = (Load<TLanes>(c5), Load<TLanes>(c5 + w));
        }

        nint at = 0;
        for (int t = 0; t < length; t++, at += aColumn, b += bStride)
        {
            TLanes b0 = Load<TLanes>(b), b1 = Load<TLanes>(b + w), x;
            x = TLanes.All(a0[at]);
            s00 = TLanes.MulAdd(x, b0, s00);
            s01 = TLanes.MulAdd(x, b1, s01);
            x = TLanes.All(a1[at]);
            s10 = TLanes.MulAdd(x, b0, s10);
            s11 = TLanes.MulAdd(x, b1, s11);
            x = TLanes.All(a2[at]);
            s20 = TLanes.MulAdd(x, b0, s20);
            s21 = TLanes.MulAdd(x, b1, s21);
            x = TLanes.All(a3[at]);
            s30 = TLanes.MulAdd(x, b0, s30);
            s31 = TLanes.MulAdd(x, b1, s31);
            x = TLanes.All(a4[at]);
            s40 = TLanes.MulAdd(x, b0, s40);
            s41 = TLanes.MulAdd(x, b1, s41);
            x = TLanes.All(a5[at]);
            s50 = TLanes.MulAdd(x, b0, s50);
            s51 = TLanes.MulAdd(x, b1, s51);
        }

        Store(s00, c0); Store(s01, c0 + w);
        Store(s10, c1); Store(s11, c1 + w);
        Store(s20, c2); Store(s21, c2 + w);
        Store(s30, c3); Store(s31, c3 + w);
        Store(s40, c4); Store(s41, c4 + w);
        Store(s50, c5); Store(s51, c5 + w);
    }

    // The same, one vector wide: the last 16 columns of an odd multiple of 16 under 16 lanes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1<TLanes>(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int rows, int length, bool add)
        where TLanes : struct, ILanes<TLanes>
    {
        int last = rows - 1, n1 = Math.Min(1, last), n2 = Math.Min(2, last), n3 = Math.Min(3, last), n4 = Math.Min(4, last),
            n5 = Math.Min(5, last);
        float* a0 = a, a1 = a + (n1 * aRow), a2 = a + (n2 * aRow), a3 = a + (n3 * aRow), a4 = a + (n4 * aRow), a5 = a + (n5 * aRow);
        float* c0 = c, c1 = c + (n1 * cStride), c2 = c + (n2 * cStride), c3 = c + (n3 * cStride), c4 = c + (n4 * cStride),
            c5 = c + (n5 * cStride);
        TLanes s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero, s4 = TLanes.Zero, s5 = TLanes.Zero;
        if (add)
        {
            (s0, s1, s2) = (Load<TLanes>(c0), Load<TLanes>(c1), Load<TLanes>(c2));
            (s3, s4, s5) = (Load<TLanes>(c3), Load<TLanes>(c4), Load<TLanes>(c5));
        }

        nint at = 0;
        for (int t = 0; t < length; t++, at += aColumn, b += bStride)
        {
            TLanes b0 = Load<TLanes>(b);
            s0 = TLanes.MulAdd(TLanes.All(a0[at]), b0, s0);
            s1 = TLanes.MulAdd(TLanes.All(a1[at]), b0, s1);
            s2 = TLanes.MulAdd(TLanes.All(a2[at]), b0, s2);
            s3 = TLanes.MulAdd(TLanes.All(a3[at]), b0, s3);
            s4 = TLanes.MulAdd(TLanes.All(a4[at]), b0, s4);
            s5 = TLanes.MulAdd(TLanes.All(a5[at]), b0, s5);
        }

        Store(s0, c0);
        Store(s1, c1);
        Store(s2, c2);
        Store(s3, c3);
        Store(s4, c4);
        Store(s5, c5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Load<TLanes>(float* source)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load(ref *source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLanes>(TLanes value, float* destination)
        where TLanes : struct, ILanes<TLanes> => TLanes.Store(value, ref *destination);

    private static void RequireWholeVectors(int n)
    {
        if (n % RowMatrix.Padding != 0) { throw new ArgumentException($"{n} columns are no multiple of {RowMatrix.Padding}", nameof(n)); }
    }

    private readonly struct Product(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int m, int n, int p, bool add)
        : ILaneKernel<Nothing>
    {
        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            Multiply<TLanes>(a, aRow, aColumn, b, bStride, c, cStride, m, n, p, add);
            return default;
        }
    }

    private readonly struct TransposedProduct(float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, int m, int n, int p)
        : ILaneKernel<Nothing>
    {
        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            MultiplyTransposed<TLanes>(a, aStride, b, bStride, c, cStride, m, n, p);
            return default;
        }
    }
}
