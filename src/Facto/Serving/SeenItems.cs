using Facto.Data;
using Facto.Retrieval;

namespace Facto.Serving;

/// <summary>Items of each user, ascending: those of all interactions, or of those with a label high enough.</summary>
internal sealed class SeenItems
{
    private readonly long[] _offsets;   // userCount + 1
    private readonly int[] _items;

    /// <summary>Groups interactions by user; repeats count once.</summary>
    /// <param name="log">Users and items.</param>
    /// <param name="userCount">Number of users.</param>
    /// <param name="positiveFrom">Interactions with a lower label do not count; −∞ takes all.</param>
    public SeenItems(Interactions log, int userCount, float positiveFrom = float.NegativeInfinity)
    {
        (int[] users, int[] items) = Positives(log, positiveFrom);
        long[] starts = new long[userCount + 1];
        foreach (int user in users) { starts[user + 1]++; }
        for (int u = 0; u < userCount; u++) { starts[u + 1] += starts[u]; }
        int[] all = new int[users.Length];
        long[] next = starts.AsSpan(0, userCount).ToArray();
        for (int i = 0; i < users.Length; i++) { all[next[users[i]]++] = items[i]; }
        (_offsets, _items) = Distinct(starts, all);
        Lists = new ItemLists(_offsets, _items);
    }

    /// <summary>All users' lists, as a batch search takes them.</summary>
    internal ItemLists Lists { get; }

    /// <summary>Number of users.</summary>
    public int UserCount => _offsets.Length - 1;

    /// <summary>The user's items, ascending.</summary>
    public ReadOnlySpan<int> this[int user] => _items.AsSpan((int)_offsets[user], (int)(_offsets[user + 1] - _offsets[user]));

    private static (int[] Users, int[] Items) Positives(Interactions log, float positiveFrom)
    {
        int[] users = log.Users!.Span.ToArray(), items = log.Items!.Span.ToArray();
        int kept = 0;
        for (int i = 0; i < users.Length; i++)
        {
            if (log.Labels[i] >= positiveFrom) { (users[kept], items[kept++]) = (users[i], items[i]); }
        }

        return (users[..kept], items[..kept]);
    }

    private static (long[] Offsets, int[] Items) Distinct(long[] starts, int[] all)
    {
        long[] offsets = new long[starts.Length];
        int kept = 0;
        for (int u = 0; u + 1 < starts.Length; u++)
        {
            Span<int> list = all.AsSpan((int)starts[u], (int)(starts[u + 1] - starts[u]));
            list.Sort();
            int previous = -1;
            foreach (int item in list)
            {
                if (item != previous) { all[kept++] = item; }
                previous = item;
            }

            offsets[u + 1] = kept;
        }

        return (offsets, all[..kept]);
    }
}
