using Facto.Data;

namespace Facto.Evaluation;

/// <summary>
/// What a full-catalogue ranking is judged on: queries, each with a user row, a context row (−1 for none), the items that it should find,
/// and the items that it must not return because the user has them already. Lists are ascending.
/// </summary>
internal sealed class RankingTask
{
    private readonly int[] _users;
    private readonly int[] _contexts;
    private readonly int[][] _relevant;
    private readonly int[][] _masked;

    private RankingTask(int itemCount, int[] users, int[] contexts, int[][] relevant, int[][] masked, int[] trainCounts, int[] userCounts)
    {
        ItemCount = itemCount;
        (_users, _contexts, _relevant, _masked) = (users, contexts, relevant, masked);
        ItemPopularity = trainCounts;
        UserActivity = userCounts;
    }

    /// <summary>Number of queries; each has at least one relevant item.</summary>
    public int QueryCount => _users.Length;

    /// <summary>Size of the catalogue.</summary>
    public int ItemCount { get; }

    /// <summary>
    /// Floats from one query's scores to the next in a block: <see cref="ItemCount"/> rounded up to whole tiles of the matrix product.
    /// </summary>
    public int ScoreStride => (ItemCount + 31) / 32 * 32;

    /// <summary>Positive training interactions of each item.</summary>
    public IReadOnlyList<int> ItemPopularity { get; }

    /// <summary>Positive training interactions of each user.</summary>
    public IReadOnlyList<int> UserActivity { get; }

    /// <summary>One query per user that has a test item: find all the user's test items.</summary>
    /// <param name="train">What was learnt from: two-sided; its positive items are masked.</param>
    /// <param name="test">Held-out interactions over the same tables.</param>
    /// <param name="positiveFrom">Interactions with at least this label are positive; −∞ takes all.</param>
    /// <param name="history">What is known of users that were not learnt from: masked too; null for none.</param>
    public static RankingTask PerUser(Dataset train, Dataset test, float positiveFrom = float.NegativeInfinity, Dataset? history = null)
    {
        int[][] seen = ItemsByUser(train, positiveFrom), held = ItemsByUser(test, positiveFrom);
        int[][] masked = history is null
            ? seen
            : [.. seen.Zip(ItemsByUser(history, float.NegativeInfinity), (a, b) => a.Union(b).Order().ToArray())];
        for (int u = 0; u < held.Length; u++) { held[u] = Except(held[u], masked[u]); }
        int[] users = [.. Enumerable.Range(0, held.Length).Where(u => held[u].Length > 0)];
        int[] none = new int[users.Length];
        Array.Fill(none, -1);
        return new(
            train.Items!.RowCount, users, none, Array.ConvertAll(users, u => held[u]), Array.ConvertAll(users, u => masked[u]),
            Popularity(train, seen), Array.ConvertAll(seen, s => s.Length));
    }

    /// <summary>
    /// One query per positive test interaction, with its own context: find that item. What the user has elsewhere is masked on request.
    /// </summary>
    /// <param name="train">What was learnt from.</param>
    /// <param name="test">Held-out interactions over the same tables.</param>
    /// <param name="maskSeen">Whether the user's training items may not be returned (except the one looked for).</param>
    /// <param name="positiveFrom">Interactions with at least this label are positive; −∞ takes all.</param>
    public static RankingTask PerInteraction(Dataset train, Dataset test, bool maskSeen, float positiveFrom = float.NegativeInfinity)
    {
        int[][] seen = ItemsByUser(train, positiveFrom);
        Interactions x = test.Interactions;
        int[] rows = [.. Enumerable.Range(0, x.Count).Where(i => x.Labels[i] >= positiveFrom)];
        return new(
            train.Items!.RowCount,
            Array.ConvertAll(rows, i => x.Users![i]),
            Array.ConvertAll(rows, test.ContextRow),
            Array.ConvertAll(rows, i => new[] { x.Items![i] }),
            Array.ConvertAll(rows, i => maskSeen ? Except(seen[x.Users![i]], [x.Items![i]]) : []),
            Popularity(train, seen),
            Array.ConvertAll(seen, s => s.Length));
    }

    /// <summary>The user row of a query.</summary>
    public int User(int query) => _users[query];

    /// <summary>The context row of a query in the test dataset, or −1.</summary>
    public int Context(int query) => _contexts[query];

    /// <summary>What the query should find, ascending item rows.</summary>
    public ReadOnlySpan<int> Relevant(int query) => _relevant[query];

    /// <summary>What the query must not return, ascending item rows.</summary>
    public ReadOnlySpan<int> Masked(int query) => _masked[query];

    /// <summary>Each user's distinct positive items, ascending.</summary>
    internal static int[][] ItemsByUser(Dataset data, float positiveFrom)
    {
        if (data.Users is null || data.Items is null)
        {
            throw new FactoException("ranking needs users and items: give the flat file a field-to-side map, or import a log with both");
        }
        var lists = new List<int>[data.Users.RowCount];
        Interactions x = data.Interactions;
        for (int i = 0; i < x.Count; i++)
        {
            if (x.Labels[i] >= positiveFrom) { (lists[x.Users![i]] ??= []).Add(x.Items![i]); }
        }

        return Array.ConvertAll(lists, l => l is null ? [] : l.Distinct().Order().ToArray());
    }

    private static int[] Popularity(Dataset train, int[][] seen)
    {
        int[] counts = new int[train.Items!.RowCount];
        foreach (int[] items in seen)
        {
            foreach (int item in items) { counts[item]++; }
        }

        return counts;
    }

    private static int[] Except(int[] from, int[] remove) => remove.Length == 0
        ? from
        : Array.FindAll(from, i => Array.BinarySearch(remove, i) < 0);
}
