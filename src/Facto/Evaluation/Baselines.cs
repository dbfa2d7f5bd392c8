using Facto.Numerics;

namespace Facto.Evaluation;

/// <summary>Every user gets the items with the most positive training interactions.</summary>
internal sealed class PopularityScorer : ICatalogueScorer
{
    /// <inheritdoc/>
    public void Score(RankingTask task, int firstQuery, int queryCount, Span<float> scores)
    {
        for (int q = 0; q < queryCount; q++)
        {
            for (int i = 0; i < task.ItemCount; i++) { scores[(q * task.ScoreStride) + i] = task.ItemPopularity[i]; }
        }
    }

    /// <summary>One order for everybody; each query takes from its head what it may have.</summary>
    /// <inheritdoc/>
    public Scored[][] Best(RankingTask task, int count, int threads, CancellationToken cancellation)
    {
        int[] order = [.. Enumerable.Range(0, task.ItemCount)];
        int[] popularity = [.. task.ItemPopularity];
        Array.Sort(order, (a, b) => popularity[a] != popularity[b] ? popularity[b].CompareTo(popularity[a]) : a.CompareTo(b));
        var best = new Scored[task.QueryCount][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, best.Length, options, q =>
        {
            ReadOnlySpan<int> masked = task.Masked(q);
            var list = new Scored[Math.Min(count, task.ItemCount - masked.Length)];
            for (int i = 0, taken = 0; taken < list.Length; i++)
            {
                if (masked.BinarySearch(order[i]) < 0) { list[taken++] = new Scored(order[i], popularity[order[i]]); }
            }

            best[q] = list;
        });
        return best;
    }
}

/// <summary>Uniformly random scores that depend on the seed and the query alone.</summary>
/// <param name="seed">Start of the random sequences.</param>
internal sealed class RandomScorer(ulong seed) : ICatalogueScorer
{
    /// <inheritdoc/>
    public void Score(RankingTask task, int firstQuery, int queryCount, Span<float> scores)
    {
        for (int q = 0; q < queryCount; q++)
        {
            var random = new SeededRandom(seed, (ulong)(firstQuery + q));
            foreach (ref float score in scores.Slice(q * task.ScoreStride, task.ItemCount)) { score = random.NextFloat(); }
        }
    }
}

/// <summary>
/// Item-based neighbours (Deshpande and Karypis 2004): the cosine between two items' sets of users; an item scores the sum of its cosines
/// with the user's training items, each of those contributing to its nearest neighbours only.
/// </summary>
internal sealed class ItemKnnScorer : ICatalogueScorer
{
    private readonly int[][] _seen;          // per user, ascending items
    private readonly Scored[][] _neighbours; // per item, best first

    /// <summary>Counts co-occurrences in the training data.</summary>
    /// <param name="train">Two-sided training data.</param>
    /// <param name="neighbourCount">Neighbours kept per item, ≥ 1.</param>
    /// <param name="positiveFrom">Interactions with at least this label count.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    /// <param name="cancellation">Stops between items.</param>
    public ItemKnnScorer(Dataset train, int neighbourCount, float positiveFrom, int threads, CancellationToken cancellation)
    {
        _seen = RankingTask.ItemsByUser(train, positiveFrom);
        int itemCount = train.Items!.RowCount;
        var lists = new List<int>[itemCount];
        for (int i = 0; i < itemCount; i++) { lists[i] = []; }
        for (int u = 0; u < _seen.Length; u++)
        {
            foreach (int item in _seen[u]) { lists[item].Add(u); }
        }

        _neighbours = new Scored[itemCount][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, itemCount, options, () => new int[itemCount], (item, _, together) =>
        {
            _neighbours[item] = Nearest(item, lists, together, neighbourCount);
            return together;
        }, _ => { });
    }

    /// <inheritdoc/>
    public void Score(RankingTask task, int firstQuery, int queryCount, Span<float> scores)
    {
        scores.Clear();
        for (int q = 0; q < queryCount; q++)
        {
            Span<float> row = scores.Slice(q * task.ScoreStride, task.ItemCount);
            foreach (int seen in _seen[task.User(firstQuery + q)])
            {
                foreach (Scored neighbour in _neighbours[seen]) { row[neighbour.Index] += neighbour.Score; }
            }
        }
    }

    private Scored[] Nearest(int item, List<int>[] users, int[] together, int neighbourCount)
    {
        var touched = new List<int>();
        foreach (int user in users[item])
        {
            foreach (int other in _seen[user])
            {
                if (together[other]++ == 0) { touched.Add(other); }
            }
        }

        var storage = new Scored[neighbourCount];
        var top = new TopK(storage);
        foreach (int other in touched)
        {
            if (other != item) { top.Add(other, together[other] / MathF.Sqrt((float)users[item].Count * users[other].Count)); }
            together[other] = 0;
        }

        return storage[..top.Finish()];
    }
}
