using Facto.Numerics;
using Facto.Training.Ranking;

namespace Facto.Tests.Training.Ranking;

public sealed class NegativeSamplerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Items_come_as_often_as_their_popularity_to_the_power_says(double power)
    {
        int[] counts = [0, 3, 99, 8, 24, 0, 1];
        var sampler = new NegativeSampler(counts, power);
        double[] share = [.. counts.Select(c => Math.Pow(Math.Max(1, c), power))];
        double total = share.Sum();
        var random = new SeededRandom(7);
        const int Draws = 400_000;
        int[] seen = new int[counts.Length];
        for (int d = 0; d < Draws; d++) { seen[sampler.Next(ref random)]++; }
        for (int i = 0; i < counts.Length; i++)
        {
            double p = share[i] / total;
            Assert.Equal(p, (double)seen[i] / Draws, 5 * Math.Sqrt(p / Draws));
            Assert.Equal(Math.Log(p), sampler.LogProbability[i], 1e-5);
        }
    }
}
