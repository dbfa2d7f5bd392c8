namespace Facto.Training.Ranking;

/// <summary>
/// SL@K (Yang et al., KDD 2025): the softmax loss of a positive times σ((y₊ − β)/τ_w), β the query's K-th highest score: positives that are
/// far from the first K weigh less. β is held between two estimates, and the weight is held while the loss is differentiated.
/// </summary>
internal readonly struct SoftmaxAtKLoss : IQueryLoss
{
    public static bool UsesQuantile => true;

    public static unsafe double Differentiate<TLanes>(in QueryScores scores, RankingOptions options)
        where TLanes : struct, Numerics.ILanes<TLanes>
    {
        for (int p = 0; p < scores.PositiveCount; p++)
        {
            scores.Weights[p] *= 1f / (1f + MathF.Exp((scores.Quantile - scores.Positives[p]) / options.TopKTemperature));
        }

        return SoftmaxLoss.Differentiate<TLanes>(scores, options);
    }
}
