namespace Facto.Training.Ranking;

/// <summary>
/// Sampled softmax: −y₊/τ + ln( e^{y₊/τ} + Σ_j c_j e^{y_j/τ} ), c_j = 1, or with logQ c_j = 1/(expected count of j in the sample).
/// The positive is in the sum because it is the positive, not because it was drawn, so it carries no correction: the gradient is then
/// (1 − p₊)·∇[−y₊/τ + ln Σ_j c_j e^{y_j/τ}], the corrected logQ of Khrylchenko et al. (RecSys 2025), not the biased one of Yi et al.
/// (2019).
/// </summary>
internal readonly struct SoftmaxLoss : IQueryLoss
{
    public static unsafe double Differentiate<TLanes>(in QueryScores scores, RankingOptions options)
        where TLanes : struct, Numerics.ILanes<TLanes>
    {
        double logSum = scores.Exponentiate<TLanes>(options.Temperature, out float shift), loss = 0, negatives = 0;
        for (int p = 0; p < scores.PositiveCount; p++)
        {
            double y = scores.Positives[p] / options.Temperature, weight = scores.Weights[p];
            double logTotal = LogAdd(y, logSum);
            loss += weight * (logTotal - y);
            scores.Positives[p] = (float)(-weight * Math.Exp(logSum - logTotal) / options.Temperature);
            negatives += weight * Math.Exp(shift - logTotal);
        }

        scores.ScaleNegatives<TLanes>((float)(negatives / options.Temperature));
        return loss;
    }

    /// <summary>ln(eᵃ + eᵇ).</summary>
    public static double LogAdd(double a, double b) => Math.Max(a, b) + Math.Log(1 + Math.Exp(-Math.Abs(a - b)));
}
