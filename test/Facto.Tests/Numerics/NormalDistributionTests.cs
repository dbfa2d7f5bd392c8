using Facto.Numerics;

namespace Facto.Tests.Numerics;

public class NormalDistributionTests
{
    [Fact]
    public void The_distribution_function_is_the_integral_of_the_density()
    {
        for (double x = -6; x <= 6; x += 0.25)
        {
            double integral = 0.5 + Integral(0, x);
            Assert.Equal(integral, NormalDistribution.Cumulative(x), 1e-13);
            // the integral loses digits in the tail
            if (x > -4) { Assert.Equal(Math.Log(integral), NormalDistribution.LogCumulative(x), 1e-8); }
        }
    }

    [Theory]
    [InlineData(-15)]
    [InlineData(-37.5)]
    [InlineData(-200)]
    public void The_logarithm_follows_the_asymptotic_series_far_out(double x)
    {
        // Φ(x) ~ φ(x)/|x| · (1 − 1/x² + 3/x⁴ − 15/x⁶ + 105/x⁸)
        double q = 1 / (x * x), series = 1 - q + (3 * q * q) - (15 * q * q * q) + (105 * q * q * q * q);
        double expected = (-0.5 * x * x) - (0.5 * Math.Log(2 * Math.PI)) - Math.Log(-x) + Math.Log(series);
        Assert.Equal(expected, NormalDistribution.LogCumulative(x), 1e-8);
    }

    [Fact]
    public void Quantiles_invert_the_distribution_function()
    {
        foreach (double p in (double[])[1e-300, 1e-12, 1e-4, 0.02, 0.3, 0.5, 0.84, 0.999, 1 - 1e-12])
        {
            Assert.Equal(p, NormalDistribution.Cumulative(NormalDistribution.Quantile(p)), 1e-10 * p);
        }
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(3, 3.5)]
    [InlineData(-9, -8.9)]
    [InlineData(12, 12.01)]
    [InlineData(double.NegativeInfinity, -4)]
    [InlineData(4, double.PositiveInfinity)]
    public void Logarithms_of_intervals_add_up(double low, double high)
    {
        double middle = double.IsInfinity(low) ? high - 1 : double.IsInfinity(high) ? low + 1 : 0.5 * (low + high);
        double parts = Math.Exp(NormalDistribution.LogInterval(low, middle)) + Math.Exp(NormalDistribution.LogInterval(middle, high));
        Assert.Equal(1, parts / Math.Exp(NormalDistribution.LogInterval(low, high)), 1e-8);
    }

    [Theory]
    [InlineData(0.3, double.NegativeInfinity, 0)]
    [InlineData(-2, 0, double.PositiveInfinity)]
    [InlineData(0, 5, double.PositiveInfinity)]
    [InlineData(1, -8, -6)]
    [InlineData(0, -0.2, 0.1)]
    [InlineData(0, 0.2, 4)]
    [InlineData(0, -3, 3)]
    [InlineData(0, 1, 1.3)]
    [InlineData(0, 2, 2.1)]
    [InlineData(0, double.NegativeInfinity, 0.4)]
    [InlineData(0, -0.3, double.PositiveInfinity)]
    public void Truncated_draws_follow_the_truncated_distribution(double mean, double low, double high)
    {
        const int n = 20_000;
        var random = new SeededRandom(11);
        var draws = new double[n];
        for (int i = 0; i < n; i++)
        {
            draws[i] = NormalDistribution.NextTruncated(ref random, mean, low, high);
            Assert.InRange(draws[i], low, high);
        }

        double whole = NormalDistribution.LogInterval(low - mean, high - mean);
        RequireKolmogorov(draws, x => x <= low ? 0 : Math.Exp(NormalDistribution.LogInterval(low - mean, x - mean) - whole));
    }

    [Fact]
    public void Ziggurat_draws_are_standard_normal_in_the_middle_and_in_the_tail()
    {
        var random = new SeededRandom(5);
        var draws = new double[200_000];
        for (int i = 0; i < draws.Length; i++) { draws[i] = Ziggurat.Next(ref random); }
        RequireKolmogorov(draws, NormalDistribution.Cumulative);
        double beyond = draws.Count(x => Math.Abs(x) > 3.7) / (double)draws.Length, expected = 2 * NormalDistribution.Cumulative(-3.7);
        Assert.Equal(expected, beyond, 5 * Math.Sqrt(expected / draws.Length));
    }

    // The largest distance from the distribution function; 2.2/√n is passed by chance once in ten thousand.
    private static void RequireKolmogorov(double[] draws, Func<double, double> cumulative)
    {
        Array.Sort(draws);
        double distance = 0;
        for (int i = 0; i < draws.Length; i++)
        {
            double f = cumulative(draws[i]);
            distance = Math.Max(distance, Math.Max(f - ((double)i / draws.Length), ((i + 1.0) / draws.Length) - f));
        }

        Assert.True(distance < 2.2 / Math.Sqrt(draws.Length), $"distance {distance}");
    }

    // Simpson's rule.
    private static double Integral(double from, double to)
    {
        const int steps = 4000;
        double h = (to - from) / steps, sum = NormalDistribution.Density(from) + NormalDistribution.Density(to);
        for (int i = 1; i < steps; i++) { sum += (i % 2 == 0 ? 2 : 4) * NormalDistribution.Density(from + (i * h)); }
        return sum * h / 3;
    }
}
