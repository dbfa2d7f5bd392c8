using Facto.Numerics;

namespace Facto.Retrieval.Recall;

/// <summary>Users and their exact lists, unfiltered and with the popular half of the items filtered out, to ask any number of indexes for.</summary>
internal sealed class RecallQuestions
{
    private readonly RowMatrix _users;
    private readonly int _at;
    private readonly ulong[] _unpopular;
    private readonly int[][] _open;
    private readonly int[][] _filtered;

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

    private int[][] Answers(IItemIndex exact, ulong[]? allowed, CancellationToken cancel)
    {
        var answers = new int[_users.RowCount][];
        Parallel.For(0, answers.Length, new ParallelOptions { CancellationToken = cancel }, user =>
        {
            var best = new Scored[_at];
            int found = exact.Search(_users.Row(user), new ItemFilter { Allowed = allowed }, best);
            answers[user] = [.. best.Take(found).Select(s => s.Index)];
        });
        return answers;
    }

    private (double Mean, double Worst) Ask(IItemIndex index, ulong[]? allowed, int[][] answers, CancellationToken cancel)
    {
        var best = new Scored[_at];
        var returned = new HashSet<int>();
        double sum = 0, worst = 1;
        for (int user = 0; user < answers.Length; user++)
        {
            cancel.ThrowIfCancellationRequested();
            int found = index.Search(_users.Row(user), new ItemFilter { Allowed = allowed }, best);
            returned.Clear();
            foreach (Scored s in best.AsSpan(0, found)) { returned.Add(s.Index); }
            // Each expected item counts once, however often it was returned.
            double share = answers[user].Length == 0 ? 1 : (double)answers[user].Count(returned.Contains) / answers[user].Length;
            sum += share;
            worst = Math.Min(worst, share);
        }

        return (sum / answers.Length, worst);
    }
}
