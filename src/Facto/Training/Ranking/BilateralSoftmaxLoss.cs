namespace Facto.Training.Ranking;

/// <summary>
/// BSL (Wu et al. 2023): −y₊/τ + τ₂·ln mean_j c_j e^{y_j/τ}. The negatives' side is raised to τ₂ &gt; 1, which is robust to positives that
/// are noise, and the positive's pull never fades because it is not in the sum.
/// </summary>
internal readonly struct BilateralSoftmaxLoss : IQueryLoss
{
    public static unsafe double Differentiate<TLanes>(in QueryScores scores, RankingOptions options)
        where TLanes : struct, Numerics.ILanes<TLanes>
    {
        double logSum = scores.Exponentiate<TLanes>(options.Temperature, out float shift), loss = 0, total = 0;
        double logMean = logSum - Math.Log(scores.NegativeCount);
        for (int p = 0; p < scores.PositiveCount; p++)
        {
            double weight = scores.Weights[p];
            loss += weight * ((options.Exponent * logMean) - (scores.Positives[p] / options.Temperature));
            scores.Positives[p] = (float)(-weight / options.Temperature);
            total += weight;
        }

        scores.ScaleNegatives<TLanes>((float)(total * options.Exponent * Math.Exp(shift - logSum) / options.Temperature));
        return loss;
    }
}
