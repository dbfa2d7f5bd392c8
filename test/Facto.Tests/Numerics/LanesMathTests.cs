using Facto.Numerics;

namespace Facto.Tests.Numerics;

public sealed class LanesMathTests
{
    [Fact]
    public void Exp_is_within_two_units_in_the_last_place_over_its_whole_range_for_every_width()
    {
        for (int i = 0; i < 175_000; i++)
        {
            float x = -87 + (i * 0.001f);
            double exact = Math.Exp(x);
            foreach (float y in new[] { First<Lanes16>(x), First<Lanes8>(x), First<Lanes4>(x), First<Lanes1>(x) })
            {
                Assert.InRange(Math.Abs(y - exact) / exact, 0, 2.5e-7);
            }
        }
    }

    [Fact]
    public void Exp_outside_its_range_is_finite_and_positive()
    {
        foreach (float x in new[] { float.NegativeInfinity, -1e30f, -88, 89, 1e30f, float.PositiveInfinity })
        {
            Assert.InRange(First<Lanes16>(x), 1e-38f, 2e38f);
            Assert.Equal(First<Lanes16>(x), First<Lanes1>(x), 1e32f);
        }
    }

    private static float First<TLanes>(float x)
        where TLanes : struct, ILanes<TLanes>
    {
        Span<float> result = stackalloc float[16];
        TLanes.Store(LanesMath.Exp(TLanes.All(x)), ref result[0]);
        return result[0];
    }
}
