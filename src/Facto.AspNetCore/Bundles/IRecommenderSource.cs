namespace Facto.AspNetCore;

/// <summary>
/// Names what answers a request. A request asks once and keeps its answer to the end, so a source may exchange it at any time.
/// </summary>
public interface IRecommenderSource
{
    /// <summary>What answers now; any number of requests ask at once.</summary>
    Recommender Current { get; }
}

/// <summary>Always the same one.</summary>
internal sealed class OneRecommender(Recommender recommender) : IRecommenderSource
{
    public Recommender Current { get; } = recommender;
}
