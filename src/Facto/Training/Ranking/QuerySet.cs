using Facto.Data;

namespace Facto.Training.Ranking;

/// <summary>
/// The positives of a dataset (label &gt; 0) by query: a query is a user, or a user in a context where there are contexts. All positives of
/// a query share its vector and its scores against the negatives, which is what makes a pass cost queries × negatives and not positives ×
/// negatives.
/// </summary>
internal sealed class QuerySet
{
    private QuerySet(Dataset data, int[] order)
    {
        Interactions interactions = data.Interactions;
        Span<int> users = interactions.Users!.Span, items = interactions.Items!.Span;
        Span<float> weights = interactions.Weights is null ? default : interactions.Weights.Span;
        var userRows = new List<int>();
        var contextRows = new List<int>();
        var starts = new List<int>();
        Items = new int[order.Length];
        Weights = new float[order.Length];
        for (int p = 0; p < order.Length; p++)
        {
            int example = order[p], user = users[example], context = data.ContextRow(example);
            if (userRows.Count == 0 || userRows[^1] != user || contextRows[^1] != context)
            {
                userRows.Add(user);
                contextRows.Add(context);
                starts.Add(p);
            }

            Items[p] = items[example];
            Weights[p] = weights.IsEmpty ? 1 : weights[example];
        }

        starts.Add(order.Length);
        (UserRows, ContextRows, Starts) = ([.. userRows], [.. contextRows], [.. starts]);
        _known = data.HasFoldedHistory ? KnownByUser() : null;
    }

    private readonly int[][]? _known;   // query → all its user's items, ascending; null when a query's own are all that it knows

    /// <summary>Number of queries.</summary>
    public int Count => UserRows.Length;

    /// <summary>Number of positives.</summary>
    public int PositiveCount => Items.Length;

    /// <summary>Query → row of the user table.</summary>
    public int[] UserRows { get; }

    /// <summary>Query → row of the context table, −1 without contexts.</summary>
    public int[] ContextRows { get; }

    /// <summary>Query q has the positives Starts[q] … Starts[q+1]−1.</summary>
    public int[] Starts { get; }

    /// <summary>Positive → item row; ascending within a query.</summary>
    public int[] Items { get; }

    /// <summary>Positive → weight.</summary>
    public float[] Weights { get; }

    /// <summary>Groups the positives of <paramref name="data"/>.</summary>
    /// <exception cref="FactoException">The data are flat, or no label is positive.</exception>
    public static QuerySet Of(Dataset data, string solver)
    {
        if (data.Interactions.Users is null || data.Interactions.Items is null)
        {
            throw new FactoException(
                $"solver '{solver}' ranks items for users, and the data have no sides; give a field-to-side map, or use a solver for "
                    + $"ratings or clicks");
        }

        int[] positives = [.. Enumerable.Range(0, data.Count).Where(i => data.Interactions.Labels[i] > 0)];
        if (positives.Length == 0)
        {
            throw new FactoException($"solver '{solver}' learns from examples with a label above 0, and there is none among {data.Count}");
        }
        int[] users = [.. positives.Select(i => data.Interactions.Users[i])];
        int[] items = [.. positives.Select(i => data.Interactions.Items[i])];
        int[] order = [.. Enumerable.Range(0, positives.Length)];
        Array.Sort(order, (a, b) =>
        {
            int byUser = users[a].CompareTo(users[b]);
            if (byUser != 0) { return byUser; }
            int byContext = data.ContextRow(positives[a]).CompareTo(data.ContextRow(positives[b]));
            if (byContext != 0) { return byContext; }
            int byItem = items[a].CompareTo(items[b]);
            return byItem != 0 ? byItem : a.CompareTo(b);
        });
        return new QuerySet(data, [.. order.Select(p => positives[p])]);
    }

    /// <summary>
    /// The items that must not count as turned down, ascending: those that the query chose; with folded histories all of its user's,
    /// because the query's context holds the others.
    /// </summary>
    public ReadOnlySpan<int> ItemsOf(int query) => _known is not null
        ? _known[query]
        : Items.AsSpan(Starts[query], Starts[query + 1] - Starts[query]);

    /// <summary>The most positives that <paramref name="queries"/> queries can have together.</summary>
    public int MostPositives(int queries)
    {
        int[] sizes = [.. Enumerable.Range(0, Count).Select(q => Starts[q + 1] - Starts[q])];
        Array.Sort(sizes);
        return sizes.TakeLast(queries).Sum();
    }

    private int[][] KnownByUser()
    {
        int[][] known = new int[Count][];
        for (int first = 0, end; first < Count; first = end)
        {
            end = first + 1;
            while (end < Count && UserRows[end] == UserRows[first]) { end++; }
            int[] items = [.. Items[Starts[first]..Starts[end]].Distinct().Order()];
            for (int q = first; q < end; q++) { known[q] = items; }
        }

        return known;
    }

    /// <summary>Positives per item row.</summary>
    public int[] ItemCounts(int itemCount)
    {
        int[] counts = new int[itemCount];
        foreach (int item in Items) { counts[item]++; }
        return counts;
    }
}
