using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>
/// Products of queries with one panel of 64 rows. Every score is the chain s ← q_d·x_d + s over d = 0, 1, …, whichever kernel computes it
/// and however many queries share the pass. Each returns, per query, the bits of the rows whose score reaches the query's threshold,
/// so that a scan touches a score only when it matters.
/// </summary>
internal static unsafe class PanelKernels
{
    /// <summary>Queries of a register tile.</summary>
    public const int TileQueries = 6;

    private const int Rows = PanelMatrix.PanelRows;

    /// <summary>One query against one panel.</summary>
    /// <param name="panel">d × 64 floats.</param>
    /// <param name="query">d floats.</param>
    /// <param name="dimension">d.</param>
    /// <param name="threshold">Scores below it are of no interest.</param>
    /// <param name="scores">64 scores, written only when one of them reaches the threshold.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Score<TLanes>(float* panel, float* query, int dimension, float threshold, float* scores)
        where TLanes : struct, ILanes<TLanes>
    {
        int step = TLanes.Count;
        TLanes limit = TLanes.All(threshold);
        ulong reached = 0;
        for (int row = 0; row < Rows; row += 4 * step)
        {
            TLanes s0 = TLanes.Zero, s1 = s0, s2 = s0, s3 = s0;
            float* x = panel + row;
            for (int d = 0; d < dimension; d++, x += Rows)
            {
                TLanes q = TLanes.All(query[d]);
                s0 = TLanes.MulAdd(q, Load<TLanes>(x), s0);
                s1 = TLanes.MulAdd(q, Load<TLanes>(x + step), s1);
                s2 = TLanes.MulAdd(q, Load<TLanes>(x + (2 * step)), s2);
                s3 = TLanes.MulAdd(q, Load<TLanes>(x + (3 * step)), s3);
            }

            reached |= Mask(s0, s1, s2, s3, limit) << row;
            Store(s0, s1, s2, s3, scores + row);
        }

        return reached;
    }

    /// <summary>Six queries against 4·TLanes.Count rows of a panel: 24 sums, for machines with 32 vector registers.</summary>
    /// <param name="panel">First of the rows; consecutive columns are 64 floats apart.</param>
    /// <param name="queries">d × 6 floats: column by column.</param>
    /// <param name="dimension">d.</param>
    /// <param name="thresholds">Six.</param>
    /// <param name="scores">6 × 64; a query's row is valid where its bits are set.</param>
    /// <param name="reached">Six masks, shifted by the caller's first row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScoreTile<TLanes>(float* panel, float* queries, int dimension, float* thresholds, float* scores, ulong* reached)
        where TLanes : struct, ILanes<TLanes>
    {
        int step = TLanes.Count;
        TLanes a0 = TLanes.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0, c0 = a0, c1 = a0, c2 = a0, c3 = a0;
        TLanes d0 = a0, d1 = a0, d2 = a0, d3 = a0, e0 = a0, e1 = a0, e2 = a0, e3 = a0, f0 = a0, f1 = a0, f2 = a0, f3 = a0;
        for (float* end = panel + ((long)dimension * Rows); panel < end; panel += Rows, queries += TileQueries)
        {
            TLanes x0 = Load<TLanes>(panel), x1 = Load<TLanes>(panel + step), x2 = Load<TLanes>(panel + (2 * step)),
                x3 = Load<TLanes>(panel + (3 * step));
            TLanes q = TLanes.All(queries[0]);
            a0 = TLanes.MulAdd(q, x0, a0); a1 = TLanes.MulAdd(q, x1, a1); a2 = TLanes.MulAdd(q, x2, a2); a3 = TLanes.MulAdd(q, x3, a3);
            q = TLanes.All(queries[1]);
            b0 = TLanes.MulAdd(q, x0, b0); b1 = TLanes.MulAdd(q, x1, b1); b2 = TLanes.MulAdd(q, x2, b2); b3 = TLanes.MulAdd(q, x3, b3);
            q = TLanes.All(queries[2]);
            c0 = TLanes.MulAdd(q, x0, c0); c1 = TLanes.MulAdd(q, x1, c1); c2 = TLanes.MulAdd(q, x2, c2); c3 = TLanes.MulAdd(q, x3, c3);
            q = TLanes.All(queries[3]);
            d0 = TLanes.MulAdd(q, x0, d0); d1 = TLanes.MulAdd(q, x1, d1); d2 = TLanes.MulAdd(q, x2, d2); d3 = TLanes.MulAdd(q, x3, d3);
            q = TLanes.All(queries[4]);
            e0 = TLanes.MulAdd(q, x0, e0); e1 = TLanes.MulAdd(q, x1, e1); e2 = TLanes.MulAdd(q, x2, e2); e3 = TLanes.MulAdd(q, x3, e3);
            q = TLanes.All(queries[5]);
            f0 = TLanes.MulAdd(q, x0, f0); f1 = TLanes.MulAdd(q, x1, f1); f2 = TLanes.MulAdd(q, x2, f2); f3 = TLanes.MulAdd(q, x3, f3);
        }

        Keep(a0, a1, a2, a3, thresholds[0], scores, reached);
        Keep(b0, b1, b2, b3, thresholds[1], scores + Rows, reached + 1);
        Keep(c0, c1, c2, c3, thresholds[2], scores + (2 * Rows), reached + 2);
        Keep(d0, d1, d2, d3, thresholds[3], scores + (3 * Rows), reached + 3);
        Keep(e0, e1, e2, e3, thresholds[4], scores + (4 * Rows), reached + 4);
        Keep(f0, f1, f2, f3, thresholds[5], scores + (5 * Rows), reached + 5);
    }

    /// <summary>Six queries against 2·TLanes.Count rows of a panel: 12 sums, for machines with 16 vector registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScoreNarrowTile<TLanes>(
        float* panel, float* queries, int dimension, float* thresholds, float* scores, ulong* reached)
        where TLanes : struct, ILanes<TLanes>
    {
        int step = TLanes.Count;
        TLanes a0 = TLanes.Zero, a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0, f0 = a0, f1 = a0;
        for (float* end = panel + ((long)dimension * Rows); panel < end; panel += Rows, queries += TileQueries)
        {
            TLanes x0 = Load<TLanes>(panel), x1 = Load<TLanes>(panel + step);
            TLanes q = TLanes.All(queries[0]);
            a0 = TLanes.MulAdd(q, x0, a0); a1 = TLanes.MulAdd(q, x1, a1);
            q = TLanes.All(queries[1]);
            b0 = TLanes.MulAdd(q, x0, b0); b1 = TLanes.MulAdd(q, x1, b1);
            q = TLanes.All(queries[2]);
            c0 = TLanes.MulAdd(q, x0, c0); c1 = TLanes.MulAdd(q, x1, c1);
            q = TLanes.All(queries[3]);
            d0 = TLanes.MulAdd(q, x0, d0); d1 = TLanes.MulAdd(q, x1, d1);
            q = TLanes.All(queries[4]);
            e0 = TLanes.MulAdd(q, x0, e0); e1 = TLanes.MulAdd(q, x1, e1);
            q = TLanes.All(queries[5]);
            f0 = TLanes.MulAdd(q, x0, f0); f1 = TLanes.MulAdd(q, x1, f1);
        }

        Keep(a0, a1, thresholds[0], scores, reached);
        Keep(b0, b1, thresholds[1], scores + Rows, reached + 1);
        Keep(c0, c1, thresholds[2], scores + (2 * Rows), reached + 2);
        Keep(d0, d1, thresholds[3], scores + (3 * Rows), reached + 3);
        Keep(e0, e1, thresholds[4], scores + (4 * Rows), reached + 4);
        Keep(f0, f1, thresholds[5], scores + (5 * Rows), reached + 5);
    }

    /// <summary>Six queries against a whole panel, by the tile that fits the machine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScorePanel<TLanes>(float* panel, float* queries, int dimension, float* thresholds, float* scores, ulong* reached)
        where TLanes : struct, ILanes<TLanes>
    {
        if (TLanes.Count == 16)
        {
            ScoreTile<TLanes>(panel, queries, dimension, thresholds, scores, reached);
            return;
        }

        ulong* part = stackalloc ulong[TileQueries];
        new Span<ulong>(reached, TileQueries).Clear();
        for (int row = 0; row < Rows; row += 2 * TLanes.Count)
        {
            ScoreNarrowTile<TLanes>(panel + row, queries, dimension, thresholds, scores + row, part);
            for (int q = 0; q < TileQueries; q++) { reached[q] |= part[q] << row; }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Load<TLanes>(float* source)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load(ref *source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask<TLanes>(TLanes s0, TLanes s1, TLanes s2, TLanes s3, TLanes limit)
        where TLanes : struct, ILanes<TLanes>
    {
        int step = TLanes.Count;
        return TLanes.AtLeast(s0, limit) | ((ulong)TLanes.AtLeast(s1, limit) << step)
            | ((ulong)TLanes.AtLeast(s2, limit) << (2 * step)) | ((ulong)TLanes.AtLeast(s3, limit) << (3 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLanes>(TLanes s0, TLanes s1, TLanes s2, TLanes s3, float* scores)
        where TLanes : struct, ILanes<TLanes>
    {
        int step = TLanes.Count;
        TLanes.Store(s0, ref *scores);
        TLanes.Store(s1, ref scores[step]);
        TLanes.Store(s2, ref scores[2 * step]);
        TLanes.Store(s3, ref scores[3 * step]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TLanes>(TLanes s0, TLanes s1, TLanes s2, TLanes s3, float threshold, float* scores, ulong* reached)
        where TLanes : struct, ILanes<TLanes>
    {
        *reached = Mask(s0, s1, s2, s3, TLanes.All(threshold));
        if (*reached != 0) { Store(s0, s1, s2, s3, scores); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TLanes>(TLanes s0, TLanes s1, float threshold, float* scores, ulong* reached)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes limit = TLanes.All(threshold);
        *reached = TLanes.AtLeast(s0, limit) | ((ulong)TLanes.AtLeast(s1, limit) << TLanes.Count);
        if (*reached == 0) { return; }
        TLanes.Store(s0, ref *scores);
        TLanes.Store(s1, ref scores[TLanes.Count]);
    }
}
