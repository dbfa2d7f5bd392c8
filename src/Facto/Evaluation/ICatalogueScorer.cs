using Facto.Numerics;

namespace Facto.Evaluation;

/// <summary>Scores every item of the catalogue for a block of queries: a model's vectors, or a baseline. Safe for concurrent use.</summary>
internal interface ICatalogueScorer
{
    /// <summary>Writes the scores of all items, query after query.</summary>
    /// <param name="task">Where the queries come from.</param>
    /// <param name="firstQuery">First query of the block.</param>
    /// <param name="queryCount">Queries in the block.</param>
    /// <param name="scores">queryCount rows of <see cref="RankingTask.ScoreStride"/> floats; only the first ItemCount of each are
    /// read.</param>
    void Score(RankingTask task, int firstQuery, int queryCount, Span<float> scores);

    /// <summary>
    /// Each query's best items without scoring all of them one query after another, for a scorer that can; null otherwise.
    /// </summary>
    /// <param name="task">The queries.</param>
    /// <param name="count">Items per query, ≥ 1.</param>
    /// <param name="threads">Workers, ≥ 1.</param>
    /// <param name="cancellation">Stops the search.</param>
    Scored[][]? Best(RankingTask task, int count, int threads, CancellationToken cancellation) => null;
}
