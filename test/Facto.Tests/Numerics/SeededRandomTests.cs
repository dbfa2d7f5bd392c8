using Facto.Numerics;

namespace Facto.Tests.Numerics;

public class SeededRandomTests
{
    [Fact]
    public void The_same_seed_and_stream_give_the_same_draws_and_others_do_not()
    {
        var a = new SeededRandom(7, 3);
        var b = new SeededRandom(7, 3);
        var c = new SeededRandom(7, 4);
        ulong first = a.NextBits();
        Assert.Equal(first, b.NextBits());
        Assert.NotEqual(first, c.NextBits());
    }

    [Fact]
    public void Integers_are_uniform()
    {
        var random = new SeededRandom(1);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) { counts[random.NextInt(7)]++; }
        double chiSquare = counts.Sum(n => (n - 10_000.0) * (n - 10_000.0) / 10_000);
        Assert.True(chiSquare < 22.5, $"chi-square {chiSquare} with 6 degrees of freedom");   // p = 0.001
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(7.5)]
    public void Gamma_and_normal_have_their_moments(double shape)
    {
        var random = new SeededRandom(2);
        double sum = 0, squares = 0, normal = 0, normalSquares = 0;
        const int n = 200_000;
        for (int i = 0; i < n; i++)
        {
            double g = random.NextGamma(shape), z = random.NextNormal();
            (sum, squares, normal, normalSquares) = (sum + g, squares + (g * g), normal + z, normalSquares + (z * z));
        }

        double mean = sum / n;
        Assert.Equal(shape, mean, 5 * Math.Sqrt(shape / n));
        Assert.Equal(shape, (squares / n) - (mean * mean), 0.05 * shape);
        Assert.Equal(0, normal / n, 5 / Math.Sqrt(n));
        Assert.Equal(1, normalSquares / n, 0.02);
    }
}
