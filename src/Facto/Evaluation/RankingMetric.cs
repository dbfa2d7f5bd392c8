using Facto.Numerics;

namespace Facto.Evaluation;

/// <summary>A metric of one ranked list. To add one: write its function, add one line to <see cref="All"/>.</summary>
/// <param name="Name">Name without the cutoff.</param>
/// <param name="Function">(hits at each rank of the list, number of relevant items, n) → value in [0, 1].</param>
internal sealed record RankingMetric(string Name, Func<bool[], int, int, double> Function)
{
    /// <summary>Hits over all relevant items.</summary>
    public static RankingMetric Recall { get; } = new("recall", static (hits, relevant, _) => (double)hits.Count(h => h) / relevant);

    /// <summary>
    /// hr: was anything found. recall: hits over all relevant items (the LightGCN/BARS denominator). recall_min: hits over min(n, relevant)
    /// (the VAE denominator). ndcg: binary gain, ideal over min(n, relevant). map: mean of precision at each hit over min(n, relevant).
    /// mrr: 1/rank of the first hit.
    /// </summary>
    public static IReadOnlyList<RankingMetric> All { get; } =
    [
        new("hr", static (hits, _, _) => hits.Contains(true) ? 1 : 0),
        Recall,
        new("recall_min", static (hits, relevant, n) => (double)hits.Count(h => h) / Math.Min(n, relevant)),
        new("precision", static (hits, _, n) => (double)hits.Count(h => h) / n),
        new("ndcg", static (hits, relevant, n) => Gain(hits) / Gain(Enumerable.Repeat(true, Math.Min(n, relevant)))),
        new("map", static (hits, relevant, n) => AveragePrecision(hits) / Math.Min(n, relevant)),
        new("mrr", static (hits, _, _) => Array.IndexOf(hits, true) is >= 0 and int rank ? 1.0 / (rank + 1) : 0),
    ];

    /// <summary>The metric of one list.</summary>
    /// <param name="list">Best first.</param>
    /// <param name="relevant">Items that were to be found, ascending.</param>
    /// <param name="n">How long a list was asked for.</param>
    public double Of(ReadOnlySpan<Scored> list, ReadOnlySpan<int> relevant, int n)
    {
        bool[] hits = new bool[list.Length];
        for (int i = 0; i < hits.Length; i++) { hits[i] = relevant.BinarySearch(list[i].Index) >= 0; }
        return Function(hits, relevant.Length, n);
    }

    private static double Gain(IEnumerable<bool> hits) => hits.Select((hit, rank) => hit ? 1 / Math.Log2(rank + 2) : 0).Sum();

    private static double AveragePrecision(bool[] hits)
    {
        double sum = 0;
        int found = 0;
        for (int i = 0; i < hits.Length; i++)
        {
            if (hits[i]) { sum += (double)++found / (i + 1); }
        }

        return sum;
    }
}
