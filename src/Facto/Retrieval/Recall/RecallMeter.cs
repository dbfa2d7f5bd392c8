using Facto.Numerics;

namespace Facto.Retrieval.Recall;

/// <summary>Measures an index against exact search.</summary>
internal static class RecallMeter
{
    /// <summary>Asks both indexes for every user, unfiltered and with the popular half of the items filtered out.</summary>
    /// <param name="index">The index under test.</param>
    /// <param name="exact">An exact index over the same items.</param>
    /// <param name="users">Real user vectors, one per row; item vectors would be the wrong test.</param>
    /// <param name="popularity">How popular each item is, in any unit; an item's own quality (its first coordinate) serves when nothing
    /// better is known.</param>
    /// <param name="at">n of recall@n, ≥ 1.</param>
    /// <param name="floor">Recall asked for, 0 to 1. The certificate says whether it is reached; it does not throw.</param>
    /// <param name="cancel">Stops the measurement.</param>
    /// <exception cref="ArgumentException">The indexes, users and popularity do not go together.</exception>
    public static RecallCertificate Measure(
        IItemIndex index,
        IItemIndex exact,
        RowMatrix users,
        ReadOnlySpan<float> popularity,
        int at = 100,
        double floor = 0.98,
        CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(at, 1);
        if (index.Dimension != exact.Dimension || index.Count != exact.Count || users.ColumnCount != exact.Dimension
            || popularity.Length != exact.Count)
        {
            throw new ArgumentException(
                $"an index of {index.Count} × {index.Dimension}, an exact one of {exact.Count} × {exact.Dimension}, users of "
                    + $"{users.ColumnCount} coordinates and {popularity.Length} popularities do not go together");
        }

        if (users.RowCount == 0) { throw new ArgumentException("recall needs at least one user vector", nameof(users)); }
        return new RecallQuestions(exact, users, popularity, at, cancel).Certify(index, floor, cancel);
    }

    /// <summary>The bitmap that leaves the less popular half of the items (ties: higher rows count as less popular).</summary>
    public static ulong[] UnpopularHalf(ReadOnlySpan<float> popularity)
    {
        float[] keys = popularity.ToArray();
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(order, (a, b) => keys[a] != keys[b] ? keys[b].CompareTo(keys[a]) : a.CompareTo(b));
        var bitmap = new ulong[(keys.Length + 63) / 64];
        foreach (int item in order.AsSpan(keys.Length / 2)) { bitmap[item / 64] |= 1UL << (item % 64); }
        return bitmap;
    }
}
