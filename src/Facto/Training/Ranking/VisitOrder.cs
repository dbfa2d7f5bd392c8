using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// A random order of the positives in which those of one query come in runs of a few. What a step needs of its query is then fetched from memory, and its
/// positives marked, once per run and not once per positive. Runs are cut anew in every pass, so no two positives always meet.
/// </summary>
internal sealed class VisitOrder
{
    /// <summary>Most positives in a run.</summary>
    public const int Run = 8;

    private readonly QuerySet _queries;
    private readonly int[] _shuffled;
    private readonly (int Start, int Length)[] _runs;

    public VisitOrder(QuerySet queries)
    {
        _queries = queries;
        Positives = new int[queries.PositiveCount];
        _shuffled = new int[queries.PositiveCount];
        int runs = 0;
        for (int q = 0; q < queries.Count; q++) { runs += (queries.Starts[q + 1] - queries.Starts[q] + Run - 1) / Run; }
        _runs = new (int, int)[runs];
    }

    /// <summary>All positives as the pass visits them.</summary>
    public int[] Positives { get; }

    /// <summary>Orders them anew.</summary>
    public void Shuffle(SeededRandom random)
    {
        int runs = 0;
        for (int q = 0; q < _queries.Count; q++)
        {
            int start = _queries.Starts[q], end = _queries.Starts[q + 1];
            for (int p = start; p < end; p++) { _shuffled[p] = p; }
            random.Shuffle(_shuffled.AsSpan(start, end - start));
            for (int p = start; p < end; p += Run) { _runs[runs++] = (p, Math.Min(Run, end - p)); }
        }

        random.Shuffle(_runs.AsSpan());
        int at = 0;
        foreach ((int start, int length) in _runs)
        {
            _shuffled.AsSpan(start, length).CopyTo(Positives.AsSpan(at));
            at += length;
        }
    }
}
