using System.Numerics;
using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Retrieval.Exact;

// Batches: a chunk of queries stays in the second-level cache, a panel of items in the first, and six queries at a time meet the panel in
// registers, so every item is read from memory once per chunk.
internal sealed unsafe partial class ExactIndex
{
    private const int ChunkQueries = 42 * PanelKernels.TileQueries;

    /// <summary>Finds the best items of many queries; the same result as one <see cref="Search"/> each.</summary>
    /// <param name="queries">One query per row, <see cref="Dimension"/> columns.</param>
    /// <param name="count">Items wanted per query, ≥ 0.</param>
    /// <param name="denied">Items that each query must not get, or default.</param>
    /// <param name="allowed">Bitmap shared by all queries (<see cref="ItemFilter.Allowed"/>), or default.</param>
    /// <param name="workers">Threads, or 0 for one per processor.</param>
    /// <param name="cancel">Stops the search.</param>
    /// <exception cref="ArgumentException">The queries, lists or bitmap have another length than the index needs.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was signalled.</exception>
    public ScoredLists SearchBatch(
        RowMatrix queries,
        int count,
        ItemLists denied = default,
        ReadOnlyMemory<ulong> allowed = default,
        int workers = 0,
        CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (queries.ColumnCount != Dimension)
        {
            throw new ArgumentException($"the queries have {queries.ColumnCount} coordinates, the index {Dimension}", nameof(queries));
        }
        SearchArguments.RequireFinite(queries, "query");
        denied.RequireCount(queries.RowCount);
        SearchArguments.CheckBitmap(Count, allowed.Length);
        var result = new ScoredLists(queries.RowCount, count);
        if (count == 0 || queries.RowCount == 0) { return result; }
        if (workers <= 0) { workers = Environment.ProcessorCount; }
        int tiles = (queries.RowCount + PanelKernels.TileQueries - 1) / PanelKernels.TileQueries;
        int chunk = Math.Min(ChunkQueries, (tiles + workers - 1) / workers * PanelKernels.TileQueries);
        int chunks = (queries.RowCount + chunk - 1) / chunk;
        void Run(int c) =>
            SearchChunk(queries, c * chunk, Math.Min(chunk, queries.RowCount - (c * chunk)), denied, allowed.Span, result, cancel);
        if (workers == 1 || chunks == 1)
        {
            for (int c = 0; c < chunks; c++) { Run(c); }
        }
        else
        {
            Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, Run);
        }

        return result;
    }

    private void SearchChunk(
        RowMatrix queries, int first, int count, ItemLists denied, ReadOnlySpan<ulong> allowed, ScoredLists result,
        CancellationToken cancel)
    {
        switch (LaneWidth.Best)
        {
            case 16: ScanChunk<Lanes16>(queries, first, count, denied, allowed, result, cancel); break;
            case 8: ScanChunk<Lanes8>(queries, first, count, denied, allowed, result, cancel); break;
            case 4: ScanChunk<Lanes4>(queries, first, count, denied, allowed, result, cancel); break;
            default: ScanChunk<Lanes1>(queries, first, count, denied, allowed, result, cancel); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScanChunk<TLanes>(
        RowMatrix queries, int first, int count, ItemLists denied, ReadOnlySpan<ulong> allowed, ScoredLists result,
        CancellationToken cancel)
        where TLanes : struct, ILanes<TLanes>
    {
        const int tile = PanelKernels.TileQueries, rows = PanelMatrix.PanelRows;
        int tiles = (count + tile - 1) / tile, dimension = Dimension;
        using NativeBlock<float> packed = PackTiles(queries, first, count);
        using var thresholds = new NativeBlock<float>(tiles * tile);
        float* scores = stackalloc float[tile * rows];
        ulong* reached = stackalloc ulong[tile];
        thresholds.Span[..count].Fill(float.NegativeInfinity);
        thresholds.Span[count..].Fill(float.NaN);   // the queries that fill the last tile up never reach it
        var everything = new PanelFilter(new ItemFilter { Allowed = allowed }, Count);
        for (int panel = 0; panel < _panels.PanelCount; panel++)
        {
            if (panel % 64 == 0) { cancel.ThrowIfCancellationRequested(); }
            ulong open = everything.Allowed(panel);
            if (open == 0) { continue; }
            for (int t = 0; t < tiles; t++)
            {
                float* limits = thresholds.Pointer + (t * tile);
                PanelKernels.ScorePanel<TLanes>(
                    _panels.Panel(panel), packed.Pointer + ((long)t * tile * dimension), dimension, limits, scores, reached);
                for (int q = 0; q < tile; q++)
                {
                    if ((reached[q] & open) == 0) { continue; }
                    int query = first + (t * tile) + q;
                    limits[q] = Offer(result, query, panel, reached[q] & open, scores + (q * rows), denied[query]);
                }
            }
        }

        for (int query = first; query < first + count; query++)
        {
            result.Found(query) = new TopK(result.Storage(query), result.Found(query)).Finish();
        }

        GC.KeepAlive(_panels);
    }

    // Adds the rows of a panel that reached a query's threshold, and returns the new threshold.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Offer(ScoredLists result, int query, int panel, ulong reached, float* scores, ReadOnlySpan<int> denied)
    {
        ref int found = ref result.Found(query);
        var top = new TopK(result.Storage(query), found);
        for (; reached != 0; reached &= reached - 1)
        {
            int row = BitOperations.TrailingZeroCount(reached), item = (panel * PanelMatrix.PanelRows) + row;
            if (scores[row] >= top.Threshold && denied.BinarySearch(item) < 0) { top.Add(item, scores[row]); }
        }

        found = top.Count;
        return top.Threshold;
    }

    // Tiles of six queries, column by column; the last tile is filled up with zeros.
    private NativeBlock<float> PackTiles(RowMatrix queries, int first, int count)
    {
        const int tile = PanelKernels.TileQueries;
        var packed = new NativeBlock<float>((long)(count + tile - 1) / tile * tile * Dimension);
        for (int q = 0; q < count; q++)
        {
            ReadOnlySpan<float> row = queries.Row(first + q);
            float* target = packed.Pointer + ((long)(q / tile) * tile * Dimension) + (q % tile);
            for (int d = 0; d < row.Length; d++) { target[d * tile] = row[d]; }
        }

        return packed;
    }
}
