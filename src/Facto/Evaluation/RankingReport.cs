namespace Facto.Evaluation;

/// <summary>How well one recommender ranks. Metric names are "recall@20", "ndcg@20" …; definitions stand in docs/metrics.md.</summary>
/// <param name="QueryCount">Queries behind the means.</param>
/// <param name="Metrics">Metric by name.</param>
internal sealed record RankingReport(int QueryCount, IReadOnlyDictionary<string, MetricValue> Metrics)
{
    /// <summary>The value of a metric.</summary>
    public double this[string name] => Metrics[name].Value;
}

/// <summary>Which part of the queries and of their relevant items to judge.</summary>
/// <param name="Name">How reports call it.</param>
/// <param name="MaxUserActivity">Only queries of users with at most so many positive training interactions.</param>
/// <param name="MaxItemPopularity">Only relevant items with at most so many positive training interactions.</param>
internal sealed record RankingSlice(string Name, int MaxUserActivity = int.MaxValue, int MaxItemPopularity = int.MaxValue)
{
    /// <summary>Everything.</summary>
    public static RankingSlice All { get; } = new("all");

    /// <summary>Users with at most five positive training interactions.</summary>
    public static RankingSlice ColdUsers { get; } = new("cold users", MaxUserActivity: 5);

    /// <summary>Relevant items with at most five positive training interactions.</summary>
    public static RankingSlice ColdItems { get; } = new("cold items", MaxItemPopularity: 5);
}
