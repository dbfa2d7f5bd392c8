using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;

namespace Facto.Evaluation;

/// <summary>Scores by inner products of query vectors and item vectors: a block of queries is one matrix product.</summary>
internal sealed unsafe class InnerProductScorer : ICatalogueScorer
{
    private readonly RowMatrix _queries;   // one row per query of the task
    private readonly RowMatrix _items;     // one row per item

    /// <summary>Joins both sides.</summary>
    /// <param name="queries">One row per query of the task that will be scored.</param>
    /// <param name="items">One row per item, as many columns.</param>
    /// <exception cref="ArgumentException">The vectors have different lengths.</exception>
    public InnerProductScorer(RowMatrix queries, RowMatrix items)
    {
        if (queries.ColumnCount != items.ColumnCount)
        {
            throw new ArgumentException(
                $"query vectors of {queries.ColumnCount} and item vectors of {items.ColumnCount} elements do not go together");
        }
        _queries = queries;
        _items = items;
    }

    /// <inheritdoc/>
    public void Score(RankingTask task, int firstQuery, int queryCount, Span<float> scores)
    {
        if (_items.RowCount != task.ItemCount || _queries.RowCount != task.QueryCount)
        {
            throw new ArgumentException(
                $"{_queries.RowCount} query and {_items.RowCount} item vectors do not fit a task of {task.QueryCount} queries and "
                    + $"{task.ItemCount} items");
        }

        fixed (float* c = scores)
        {
            float* a = _queries.Storage.Pointer + ((long)firstQuery * _queries.Stride);
            MatrixProduct.MultiplyTransposed(
                a, _queries.Stride, _items.Storage.Pointer, _items.Stride, c, task.ScoreStride, queryCount, task.ItemCount, _items.Stride);
        }

        GC.KeepAlive(_queries);
        GC.KeepAlive(_items);
    }

    /// <summary>
    /// Panels of items that stay in the cache against blocks of queries; only what passes a query's running threshold is looked at again.
    /// </summary>
    /// <inheritdoc/>
    public Scored[][] Best(RankingTask task, int count, int threads, CancellationToken cancellation)
    {
        long[] offsets = new long[task.QueryCount + 1];
        for (int q = 0; q < task.QueryCount; q++) { offsets[q + 1] = offsets[q] + task.Masked(q).Length; }
        int[] masked = new int[offsets[^1]];
        for (int q = 0; q < task.QueryCount; q++) { task.Masked(q).CopyTo(masked.AsSpan((int)offsets[q])); }
        ScoredLists lists = new ExactIndex(_items).SearchBatch(
            _queries, Math.Min(count, task.ItemCount), new ItemLists(offsets, masked), workers: threads, cancel: cancellation);
        var best = new Scored[task.QueryCount][];
        for (int q = 0; q < best.Length; q++) { best[q] = lists[q].ToArray(); }
        return best;
    }
}
