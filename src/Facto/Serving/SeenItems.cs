using Facto.Data;
using Facto.Retrieval;

namespace Facto.Serving;

/// <summary>Which items each user has already, ascending, from the training interactions.</summary>
public sealed class SeenItems
{
    private readonly long[] _offsets;   // userCount + 1
    private readonly int[] _items;

    /// <summary>Groups the interactions of <paramref name="data"/> by user; repeats count once.</summary>
    /// <param name="data">Two-sided training data.</param>
    /// <param name="positiveFrom">Interactions with a lower label do not count: a drawn negative is nothing that the user has.</param>
    public SeenItems(Dataset data, float positiveFrom)
    {
        (int[] users, int[] items) = Positives(data.Interactions, positiveFrom);
        int userCount = data.Users!.RowCount;
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
