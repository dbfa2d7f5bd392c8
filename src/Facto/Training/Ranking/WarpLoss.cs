namespace Facto.Training.Ranking;

/// <summary>
/// WARP (Weston, Bengio and Usunier 2011): candidates are drawn until one violates the margin, y₋ &gt; y₊ − 1; how many it took tells the
/// positive's rank, about (|I| − 1)/draws, and the hinge weighs ln of it, at most 10, so that positives far from the top are pulled
/// hardest.
/// </summary>
internal readonly struct WarpLoss : IPairLoss
{
    private const float MostWeight = 10;

    public static bool TakesHighest => false;

    public static bool TakesAtOnce(float positive, float negative) => negative > positive - 1;

    public static float Slope(float positive, float negative, int draws, int itemCount, out float loss)
    {
        float weight = MathF.Min(MostWeight, MathF.Log(Math.Max(1, (itemCount - 1) / draws)));
        loss = weight * (1 - positive + negative);
        return weight;
    }
}
