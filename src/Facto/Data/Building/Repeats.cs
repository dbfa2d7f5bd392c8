namespace Facto.Data.Building;

/// <summary>What happens to users and items that meet more than once.</summary>
internal static class Repeats
{
    /// <summary>
    /// The rows that stay, in the log's order, or null when all do; sums are written into the labels of those. Takes 4 bytes a row on the
    /// way.
    /// </summary>
    public static int[]? Resolve(Interactions log, RepeatedPairs rule, IReadOnlyList<string> userIds, IReadOnlyList<string> itemIds)
    {
        if (rule == RepeatedPairs.KeepAll) { return null; }
        Span<int> users = log.Users!.Span, items = log.Items!.Span;
        int[] byUser = ByUser(users, userIds.Count);
        byte[]? gone = null;
        long[] keys = [];
        for (int start = 0, end; start < byUser.Length; start = end)
        {
            for (end = start + 1; end < byUser.Length && users[byUser[end]] == users[byUser[start]];) { end++; }
            if (keys.Length < end - start) { keys = new long[Math.Max(end - start, 2 * keys.Length)]; }
            Span<long> own = keys.AsSpan(0, end - start);
            for (int i = 0; i < own.Length; i++) { own[i] = ((long)items[byUser[start + i]] << 32) | (uint)byUser[start + i]; }
            own.Sort();
            for (int i = 1, stays = (int)own[0]; i < own.Length; i++)
            {
                int row = (int)own[i];
                if (items[row] != items[stays])
                {
                    stays = row;
                    continue;
                }

                if (rule == RepeatedPairs.Error) { throw Twice(userIds[users[row]], itemIds[items[row]]); }
                bool isOlder = log.Times is { } times && times[row] < times[stays];
                int drops = isOlder ? row : stays;
                stays = isOlder ? stays : row;
                if (rule == RepeatedPairs.Sum)
                {
                    log.Labels[stays] += log.Labels[drops];
                    if (!float.IsFinite(log.Labels[stays])) { throw TooLarge(userIds[users[row]], itemIds[items[row]]); }
                }

                (gone ??= new byte[log.Count])[drops] = 1;
            }
        }

        return gone is null ? null : [.. Enumerable.Range(0, gone.Length).Where(i => gone[i] == 0)];
    }

    // Rows grouped by user, in the log's order within each.
    private static int[] ByUser(ReadOnlySpan<int> users, int userCount)
    {
        int[] next = new int[userCount + 1];
        foreach (int user in users) { next[user + 1]++; }
        for (int u = 0; u < userCount; u++) { next[u + 1] += next[u]; }
        int[] rows = new int[users.Length];
        for (int i = 0; i < users.Length; i++) { rows[next[users[i]]++] = i; }
        return rows;
    }

    private static FactoException TooLarge(string user, string item) =>
        new($"the labels of user '{user}' and item '{item}' add up to more than a number can hold: give them in a larger unit, or keep "
            + $"the last");

    private static FactoException Twice(string user, string item) =>
        new($"user '{user}' and item '{item}' meet more than once: set interactions.repeated to keepLast, sum or keepAll");
}
