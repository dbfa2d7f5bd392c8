using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Scores all examples of one dataset again and again as the parameters change: each side's rows are summed up once, then an example costs two
/// or three rows. A side that is a block of the training data is not summed up again.
/// </summary>
internal sealed class DatasetScorer
{
    private readonly Dataset _data;
    private readonly Table? _users, _items, _contexts;
    private readonly float[] _zero;

    /// <param name="data">What to score.</param>
    /// <param name="k">Factors.</param>
    /// <param name="trained">Blocks whose sums are kept up to date by the learner; empty when scoring other parameters.</param>
    public DatasetScorer(Dataset data, int k, IEnumerable<BlockState> trained)
    {
        _data = data;
        _zero = new float[k];
        BlockState[] states = [.. trained];
        _users = Of(data.Users);
        _items = Of(data.Items);
        _contexts = Of(data.Contexts);

        Table? Of(SparseRows? rows) => rows is null ? null
            : Array.Find(states, s => ReferenceEquals(s.Block.Rows, rows)) is { } state ? new Table(rows, state.S, state.A, false)
            : new Table(rows, new RowMatrix(rows.RowCount, k), new NativeBlock<float>(rows.RowCount), true);
    }

    /// <summary>Raw scores of every example.</summary>
    public void Score(float bias, NativeBlock<float> linear, RowMatrix factors, Span<float> scores)
    {
        Refresh(_users, linear, factors);
        Refresh(_items, linear, factors);
        Refresh(_contexts, linear, factors);
        Interactions examples = _data.Interactions;
        Span<float> sum = new float[_zero.Length];
        for (int t = 0; t < scores.Length; t++)
        {
            int u = examples.Users is { } users ? users[t] : -1, i = examples.Items is { } items ? items[t] : -1, c = _data.ContextRow(t);
            float score = bias + Own(_users, u) + Own(_items, i) + Own(_contexts, c);
            ReadOnlySpan<float> su = Sum(_users, u), si = Sum(_items, i);
            score += VectorOps.Dot(su, si);
            if (c >= 0)
            {
                su.CopyTo(sum);
                VectorOps.AddScaled(sum, 1, si);
                score += VectorOps.Dot(sum, Sum(_contexts, c));
            }

            scores[t] = score;
        }
    }

    private static void Refresh(Table? table, NativeBlock<float> linear, RowMatrix factors)
    {
        if (table is { IsOwn: true }) { TableSums.Compute(table.Rows, linear, factors, 0, table.Rows.RowCount, table.S, table.A); }
    }

    private static float Own(Table? table, int row) => table is null || row < 0 ? 0 : table.A[row];

    private ReadOnlySpan<float> Sum(Table? table, int row) => table is null || row < 0 ? _zero : table.S.Row(row);

    private sealed record Table(SparseRows Rows, RowMatrix S, NativeBlock<float> A, bool IsOwn);
}
