namespace Facto.Training.Ranking;

/// <summary>
/// BPR (Rendle et al. 2009): −ln σ(y₊ − y₋). With more than one candidate the highest scored is taken, the hard negative of dynamic
/// negative sampling (Zhang et al. 2013).
/// </summary>
internal readonly struct BprLoss : IPairLoss
{
    public static bool TakesHighest => true;

    public static bool TakesAtOnce(float positive, float negative) => false;

    public static float Slope(float positive, float negative, int draws, int itemCount, out float loss)
    {
        float difference = positive - negative, e = MathF.Exp(-MathF.Abs(difference));
        loss = MathF.Max(-difference, 0) + MathF.Log(1 + e);
        return difference >= 0 ? e / (1 + e) : 1 / (1 + e);
    }
}
