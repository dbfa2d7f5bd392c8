using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Scores all examples of one dataset again and again as the parameters change: each side's rows are summed up once, then an example costs two
/// or three rows. A side that is a block of the training data is not summed up again.
/// </summary>
internal sealed class DatasetScorer
{
    private const int Run = 8192;   // examples or rows handed to a worker at a time

    private readonly Dataset _data;
    private readonly int _threads;
    private readonly Table? _users, _items, _contexts;
    private readonly float[] _zero;

    /// <param name="data">What to score.</param>
    /// <param name="k">Factors.</param>
    /// <param name="threads">Workers, ≥ 1; the scores are the same bytes whatever it is.</param>
    /// <param name="trained">Blocks whose sums are kept up to date by the learner; empty when scoring other parameters.</param>
    public DatasetScorer(Dataset data, int k, int threads, IEnumerable<BlockState> trained)
    {
        _data = data;
        _threads = threads;
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
    public void Score(float bias, NativeBlock<float> linear, RowMatrix factors, float[] scores)
    {
        foreach (Table? table in (Table?[])[_users, _items, _contexts])
        {
            if (table is { IsOwn: true }) { Share(table.Rows.RowCount, (start, end) => TableSums.Compute(table.Rows, linear, factors, start, end, table.S, table.A)); }
        }

        Share(scores.Length, (start, end) => Score(bias, start, scores.AsSpan(start, end - start)));
    }

    /// <summary>Calls <paramref name="body"/> for runs that cover 0 … <paramref name="count"/>−1, on all workers.</summary>
    public void Share(int count, Action<int, int> body)
    {
        int runs = (count + Run - 1) / Run;
        if (_threads == 1 || runs < 2) { body(0, count); }
        else { Parallel.For(0, runs, new ParallelOptions { MaxDegreeOfParallelism = _threads }, r => body(r * Run, Math.Min(count, (r + 1) * Run))); }
    }

    private void Score(float bias, int first, Span<float> scores)
    {
        Interactions examples = _data.Interactions;
        Span<float> sum = new float[_zero.Length];
        for (int j = 0; j < scores.Length; j++)
        {
            int t = first + j, u = examples.Users is { } users ? users[t] : -1, i = examples.Items is { } items ? items[t] : -1, c = _data.ContextRow(t);
            float score = bias + Own(_users, u) + Own(_items, i) + Own(_contexts, c);
            ReadOnlySpan<float> su = Sum(_users, u), si = Sum(_items, i);
            score += VectorOps.Dot(su, si);
            if (c >= 0)
            {
                su.CopyTo(sum);
                VectorOps.AddScaled(sum, 1, si);
                score += VectorOps.Dot(sum, Sum(_contexts, c));
            }

            scores[j] = score;
        }
    }

    private static float Own(Table? table, int row) => table is null || row < 0 ? 0 : table.A[row];

    private ReadOnlySpan<float> Sum(Table? table, int row) => table is null || row < 0 ? _zero : table.S.Row(row);

    private sealed record Table(SparseRows Rows, RowMatrix S, NativeBlock<float> A, bool IsOwn);
}
