using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Draws items that a user did not choose, with probability ∝ popularity^β among them (β = 0: uniform). Used where negatives become part of
/// the data; samplers that draw anew every pass belong to training.
/// </summary>
internal sealed class NegativeDraws
{
    private const int Attempts = 64;   // rejections before the exact but slow way is taken

    private readonly double[] _cumulative;
    private readonly int[] _starts;
    private readonly int[] _positives;   // each user's known items, ascending, at _starts[user] … _starts[user+1]−1

    /// <summary>Prepares draws.</summary>
    /// <param name="userCount">Number of users.</param>
    /// <param name="popularity">How often each item was chosen in training; an item never seen counts as once when β &gt; 0.</param>
    /// <param name="exponent">β ≥ 0.</param>
    /// <param name="known">(user, item) pairs that are never drawn.</param>
    public NegativeDraws(int userCount, ReadOnlySpan<int> popularity, double exponent, IReadOnlyList<(int User, int Item)> known)
    {
        if (!(exponent is >= 0 and <= 4))
        {
            throw new FactoException($"negatives.popularityExponent is {exponent}: it must lie between 0 (uniform) and 4");
        }
        _cumulative = new double[popularity.Length];
        double sum = 0;
        for (int i = 0; i < popularity.Length; i++) { _cumulative[i] = sum += Popularity.Weight(popularity[i], exponent); }
        _starts = new int[userCount + 1];
        foreach ((int user, int _) in known) { _starts[user + 1]++; }
        for (int u = 0; u < userCount; u++) { _starts[u + 1] += _starts[u]; }
        _positives = new int[known.Count];
        int[] next = [.. _starts];
        foreach ((int user, int item) in known) { _positives[next[user]++] = item; }
        for (int u = 0; u < userCount; u++) { Array.Sort(_positives, _starts[u], _starts[u + 1] - _starts[u]); }
    }

    /// <summary>An item that the user has no known pair with; −1 when there is none.</summary>
    public int Draw(int user, ref SeededRandom random)
    {
        ReadOnlySpan<int> positives = _positives.AsSpan(_starts[user].._starts[user + 1]);
        for (int attempt = 0; attempt < Attempts && _cumulative.Length > 0; attempt++)
        {
            int item = Find(random.NextDouble() * _cumulative[^1]);
            if (positives.BinarySearch(item) < 0) { return item; }
        }

        // The user knows nearly everything: weigh what is left.
        double left = 0;
        for (int i = 0; i < _cumulative.Length; i++) { left += positives.BinarySearch(i) < 0 ? Weight(i) : 0; }
        double target = random.NextDouble() * left;
        int last = -1;
        for (int i = 0; i < _cumulative.Length; i++)
        {
            if (positives.BinarySearch(i) >= 0) { continue; }
            last = i;
            target -= Weight(i);
            if (target < 0) { break; }
        }

        return last;
    }

    private double Weight(int item) => _cumulative[item] - (item == 0 ? 0 : _cumulative[item - 1]);

    private int Find(double target)
    {
        int at = Array.BinarySearch(_cumulative, target);
        return Math.Min(at < 0 ? ~at : at + 1, _cumulative.Length - 1);
    }
}
