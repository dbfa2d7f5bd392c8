using Facto.Numerics;

namespace Facto.Tests.Numerics;

public class LanesTests
{
    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 257)];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Every_width_computes_the_same_inner_product_and_sum(int length)
    {
        var random = new SeededRandom(1, (ulong)length);
        float[] a = new float[length + 1], b = new float[length + 1];
        for (int i = 0; i < length; i++) { (a[i], b[i]) = ((float)random.NextNormal(), (float)random.NextNormal()); }
        double expected = a.Zip(b, (x, y) => (double)x * y).Sum();
        Assert.Equal(expected, VectorOps.Dot(a, b), 1e-4);
        Assert.Equal(expected, VectorOps.Dot<Lanes16>(ref a[0], ref b[0], length), 1e-4);
        Assert.Equal(expected, VectorOps.Dot<Lanes8>(ref a[0], ref b[0], length), 1e-4);
        Assert.Equal(expected, VectorOps.Dot<Lanes4>(ref a[0], ref b[0], length), 1e-4);
        Assert.Equal(expected, VectorOps.Dot<Lanes1>(ref a[0], ref b[0], length), 1e-4);
        float[] y16 = [.. b], y8 = [.. b], y4 = [.. b];
        VectorOps.AddScaled<Lanes16>(ref y16[0], 0.5f, ref a[0], length);
        VectorOps.AddScaled<Lanes8>(ref y8[0], 0.5f, ref a[0], length);
        VectorOps.AddScaled<Lanes4>(ref y4[0], 0.5f, ref a[0], length);
        for (int i = 0; i < length; i++)
        {
            double element = b[i] + (0.5 * a[i]);
            Assert.Equal(element, y16[i], 1e-6);
            Assert.Equal(element, y8[i], 1e-6);
            Assert.Equal(element, y4[i], 1e-6);
        }
    }

    [Fact]
    public void Reciprocal_square_root_has_twelve_good_bits_at_every_width()
    {
        Check<Lanes16>();
        Check<Lanes8>();
        Check<Lanes4>();
        Check<Lanes1>();

        static void Check<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            for (float a = 1e-6f; a < 1e6f; a *= 1.7f)
            {
                Assert.Equal(1, TLanes.Sum(TLanes.ReciprocalSqrt(TLanes.All(a))) / TLanes.Count * Math.Sqrt(a), 3e-4);
            }
        }
    }

    [Fact]
    public void The_width_follows_the_switches_of_the_instruction_set_sweep()
    {
        // eng/test.sh says which width each of its runs must have, so that a dead switch cannot pass for a test.
        string? expected = Environment.GetEnvironmentVariable("FACTO_EXPECT_LANES");
        Assert.SkipWhen(expected is null, "FACTO_EXPECT_LANES is not set: not a run of the instruction-set sweep");
        Assert.Equal(expected, LaneWidth.Best.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
