using Facto.Numerics;

namespace Facto.Retrieval.Recall;

/// <summary>
/// Users and their exact lists, unfiltered and with the popular half of the items filtered out, to ask any number of indexes for. What
/// counts is the score:
/// an item as good as the n-th best is a hit, whichever of several equal ones it is.
/// </summary>
internal sealed class RecallQuestions
{
    private readonly RowMatrix _users;
    private readonly int _at;
    private readonly ulong[] _unpopular;
    private readonly Scored[][] _open;
    private readonly Scored[][] _filtered;

    public RecallQuestions(IItemIndex exact, RowMatrix users, ReadOnlySpan<float> popularity, int at, CancellationToken cancel)
    {
        _users = users;
        _at = at;
        _unpopular = RecallMeter.UnpopularHalf(popularity);
        _open = Answers(exact, default, cancel);
        _filtered = Answers(exact, _unpopular, cancel);
    }

    /// <summary>Mean recall, everything admissible.</summary>
    public double Recall(IItemIndex index, CancellationToken cancel) => Ask(index, default, _open, cancel).Mean;

    /// <summary>All that a certificate says.</summary>
    public RecallCertificate Certify(IItemIndex index, double floor, CancellationToken cancel)
    {
        (double all, double worst) = Ask(index, default, _open, cancel);
        (double filtered, double worstFiltered) = Ask(index, _unpopular, _filtered, cancel);
        return new RecallCertificate(_at, _users.RowCount, all, worst, filtered, worstFiltered, floor);
    }

    private Scored[][] Answers(IItemIndex exact, ulong[]? allowed, CancellationToken cancel)
    {
        var answers = new Scored[_users.RowCount][];
        Parallel.For(0, answers.Length, new ParallelOptions { CancellationToken = cancel }, user =>
        {
            var best = new Scored[_at];
            int found = exact.Search(_users.Row(user), new ItemFilter { Allowed = allowed }, best);
            answers[user] = best[..found];
        });
        return answers;
    }

    private (double Mean, double Worst) Ask(IItemIndex index, ulong[]? allowed, Scored[][] answers, CancellationToken cancel)
    {
        var best = new Scored[_at];
        var returned = new HashSet<int>();
        double sum = 0, worst = 1;
        for (int user = 0; user < answers.Length; user++)
        {
            cancel.ThrowIfCancellationRequested();
            int found = index.Search(_users.Row(user), new ItemFilter { Allowed = allowed }, best);
            returned.Clear();
            double share = Share(best.AsSpan(0, found), answers[user], allowed, returned);
            sum += share;
            worst = Math.Min(worst, share);
        }

        return (sum / answers.Length, worst);
    }

    // Each returned item counts once. Indexes may sum in another order, so scores within rounding are equal.
    private static double Share(ReadOnlySpan<Scored> returned, Scored[] expected, ulong[]? allowed, HashSet<int> seen)
    {
        if (expected.Length == 0) { return 1; }
        float last = expected[^1].Score, least = last - (1e-5f * Math.Abs(last));
        int hits = 0;
        foreach (Scored item in returned)
        {
            bool admitted = allowed is null || (allowed[item.Index >> 6] >> (item.Index & 63) & 1) != 0;
            if (admitted && item.Score >= least && seen.Add(item.Index)) { hits++; }
        }

        return Math.Min(1, (double)hits / expected.Length);
    }
}
