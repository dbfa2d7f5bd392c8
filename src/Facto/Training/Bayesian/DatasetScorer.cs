using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Scores all examples of one dataset again and again as the parameters change: each side's rows are summed up once, then an example costs
/// two or three rows. A side that is a block of the training data is not summed up again.
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
            ExampleTraversal.Fill(new FlatOperator(_data, bias, linear, factors, null), scores, _team);
            return;
        }

        foreach (Table? table in (Table?[])[_users, _items, _contexts])
        {
            if (table is not { IsOwn: true }) { continue; }
            Share(table.Rows.RowCount, (start, end) =>
                TableSums.Compute(table.Rows, start, end, new(linear, factors), new(table.S, table.A)));
        }

        ExampleTraversal.Fill(new Operator(this, bias, []), scores, _team);
    }

    /// <summary>Calls <paramref name="body"/> for runs that cover 0 … <paramref name="count"/>−1, on all workers.</summary>
    public void Share(int count, Action<int, int> body) => _team.Run(count, Run, (_, start, end) => body(start, end));

    private static float Own(Table? table, int row) => table is null || row < 0 ? 0 : table.A[row];

    private ReadOnlySpan<float> Sum(Table? table, int row) => table is null || row < 0 ? _zero : table.S.Row(row);

    private sealed record Table(SparseRows Rows, RowMatrix S, NativeBlock<float> A, bool IsOwn);

    // Every feature of the example's own row.
    private readonly struct FlatOperator(Dataset data, float bias, NativeBlock<float> linear, RowMatrix factors, RowMatrix? sum)
        : IExampleOperator<FlatOperator>
    {
        public FlatOperator ForWorker() => new(data, bias, linear, factors, new RowMatrix(1, factors.ColumnCount));

        public float Of(int example)
        {
            int row = data.ContextRow(example);
            return bias + (row < 0 ? 0 : (float)TableSums.Own(data.Contexts![row], linear, factors, sum!));
        }

        public void Dispose() => sum?.Dispose();
    }

    // What each side's row sums up to, and the inner products of those sums.
    private readonly struct Operator(DatasetScorer scorer, float bias, float[] sum) : IExampleOperator<Operator>
    {
        public Operator ForWorker() => new(scorer, bias, new float[scorer._zero.Length]);

        public float Of(int example)
        {
            Interactions examples = scorer._data.Interactions;
            int u = examples.Users is { } users ? users[example] : -1, i = examples.Items is { } items ? items[example] : -1;
            int c = scorer._data.ContextRow(example);
            float score = bias + Own(scorer._users, u) + Own(scorer._items, i) + Own(scorer._contexts, c);
            ReadOnlySpan<float> su = scorer.Sum(scorer._users, u), si = scorer.Sum(scorer._items, i);
            score += VectorOps.Dot(su, si);
            if (c < 0) { return score; }
            su.CopyTo(sum);
            VectorOps.AddScaled(sum, 1, si);
            return score + VectorOps.Dot(sum, scorer.Sum(scorer._contexts, c));
        }

        public void Dispose()
        {
        }
    }
}
