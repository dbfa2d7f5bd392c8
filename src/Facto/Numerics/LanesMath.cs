using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>Functions over whole registers, written once for every width.</summary>
internal static class LanesMath
{
    private const float Log2E = 1.44269504f;
    private const float Shift = 12582912f;          // 1.5·2²³: adding it rounds to an integer that then stands in the low bits

    // ln 2 in two parts; the first has so few bits that n·Ln2High is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>
    /// eˣ to within 2 units in the last place for −87 ≤ x ≤ 88; x is clamped to that range, so the result is never 0, infinite or
    /// subnormal. x = n·ln 2 + r with |r| ≤ ½ ln 2; eʳ by a polynomial of degree 6, 2ⁿ by its exponent bits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        x = TLanes.Min(TLanes.Max(x, TLanes.All(-87f)), TLanes.All(88f));
        TLanes shifted = TLanes.MulAdd(x, TLanes.All(Log2E), TLanes.All(Shift));
        TLanes n = shifted - TLanes.All(Shift);
        TLanes r = TLanes.MulAdd(n, TLanes.All(-Ln2Low), TLanes.MulAdd(n, TLanes.All(-Ln2High), x));
        TLanes p = TLanes.MulAdd(TLanes.All(1f / 720), r, TLanes.All(1f / 120));
        p = TLanes.MulAdd(p, r, TLanes.All(1f / 24));
        p = TLanes.MulAdd(p, r, TLanes.All(1f / 6));
        p = TLanes.MulAdd(p, r, TLanes.All(0.5f));
        p = TLanes.MulAdd(p, r, TLanes.All(1f));
        p = TLanes.MulAdd(p, r, TLanes.All(1f));
        return p * TLanes.PowerOfTwo(shifted);
    }
}
