using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>Some positives of one query, learnt from together.</summary>
/// <param name="Query">Which.</param>
/// <param name="Start">The first in <see cref="VisitOrder.Positives"/>.</param>
/// <param name="Count">How many, ≥ 1.</param>
internal readonly record struct Visit(int Query, int Start, int Count);

/// <summary>
/// A random order of the positives in which those of one query come in runs of a few. What a step needs of its query is then fetched from
/// memory, and its scores or marks made, once per run and not once per positive. Runs are cut anew in every pass, so no two positives
/// always meet.
/// </summary>
internal sealed class VisitOrder
{
    private readonly QuerySet _queries;
    private readonly int _run;
    private readonly int[] _shuffled;
    private readonly Visit[] _runs;

    /// <summary>In the order of the queries, until the first shuffle.</summary>
    /// <param name="queries">Whose positives.</param>
    /// <param name="run">Most positives in a run; 0 for all of a query.</param>
    public VisitOrder(QuerySet queries, int run)
    {
        _queries = queries;
        _run = run == 0 ? int.MaxValue : run;
        Positives = new int[queries.PositiveCount];
        _shuffled = new int[queries.PositiveCount];
        int runs = 0;
        for (int q = 0; q < queries.Count; q++) { runs += 1 + ((queries.Starts[q + 1] - queries.Starts[q] - 1) / _run); }
        (_runs, Visits) = (new Visit[runs], new Visit[runs]);
        Cut();
        Gather();
    }

    /// <summary>All positives as the pass visits them.</summary>
    public int[] Positives { get; }

    /// <summary>The runs of <see cref="Positives"/>, one after the other.</summary>
    public Visit[] Visits { get; }

    /// <summary>Orders everything anew; what came before has no influence.</summary>
    public void Shuffle(SeededRandom random)
    {
        Cut();
        for (int q = 0; q < (_run == int.MaxValue ? 0 : _queries.Count); q++)
        {
            random.Shuffle(_shuffled.AsSpan(_queries.Starts[q], _queries.Starts[q + 1] - _queries.Starts[q]));
        }
        random.Shuffle(_runs.AsSpan());
        Gather();
    }

    private void Cut()
    {
        for (int p = 0; p < _shuffled.Length; p++) { _shuffled[p] = p; }
        int runs = 0;
        for (int q = 0; q < _queries.Count; q++)
        {
            for (int p = _queries.Starts[q], left = _queries.Starts[q + 1] - p; left > 0;
                p += Math.Min(_run, left), left -= Math.Min(_run, left))
            {
                _runs[runs++] = new Visit(q, p, Math.Min(_run, left));
            }
        }
    }

    private void Gather()
    {
        int at = 0;
        for (int r = 0; r < _runs.Length; r++)
        {
            Visit run = _runs[r];
            _shuffled.AsSpan(run.Start, run.Count).CopyTo(Positives.AsSpan(at));
            Visits[r] = run with { Start = at };
            at += run.Count;
        }
    }
}
