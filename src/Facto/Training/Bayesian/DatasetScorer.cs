using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Scores all examples of one dataset again and again as the parameters change: each side's rows are summed up once, then an example costs two
/// or three rows. A side that is a block of the training data is not summed up again.
/// </summary>
internal sealed class DatasetScorer
{
    private const int Run = 2048;   // examples or rows handed to a worker at a time

    private readonly Dataset _data;
    private readonly WorkerTeam _team;
    private readonly bool _isFlat;
    private readonly Table? _users, _items, _contexts;
    private readonly float[] _zero;

    /// <param name="data">What to score.</param>
    /// <param name="k">Factors.</param>
    /// <param name="team">Who works; the scores are the same bytes however many they are.</param>
    /// <param name="trained">Blocks whose sums are kept up to date by the learner; empty when scoring other parameters.</param>
    public DatasetScorer(Dataset data, int k, WorkerTeam team, IEnumerable<BlockState> trained)
    {
        _data = data;
        _team = team;
        _isFlat = data.IsFlat;
        _zero = new float[k];
        if (_isFlat) { return; }   // every row serves one example: its sums would be written to be read once
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
        if (_isFlat)
        {
            Share(scores.Length, (start, end) => ScoreFlat(bias, linear, factors, start, scores.AsSpan(start, end - start)));
            return;
        }

        foreach (Table? table in (Table?[])[_users, _items, _contexts])
        {
            if (table is { IsOwn: true }) { Share(table.Rows.RowCount, (start, end) => TableSums.Compute(table.Rows, linear, factors, start, end, table.S, table.A)); }
        }

        Share(scores.Length, (start, end) => Score(bias, start, scores.AsSpan(start, end - start)));
    }

    /// <summary>Calls <paramref name="body"/> for runs that cover 0 … <paramref name="count"/>−1, on all workers.</summary>
    public void Share(int count, Action<int, int> body) => _team.Run(count, Run, (_, start, end) => body(start, end));

    private void ScoreFlat(float bias, NativeBlock<float> linear, RowMatrix factors, int first, Span<float> scores)
    {
        SparseRows rows = _data.Contexts!;
        using var sum = new RowMatrix(1, factors.ColumnCount);
        for (int j = 0; j < scores.Length; j++)
        {
            int c = _data.ContextRow(first + j);
            scores[j] = bias + (c < 0 ? 0 : (float)TableSums.Own(rows[c], linear, factors, sum));
        }
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
