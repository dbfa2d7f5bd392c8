using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facto.Numerics;

/// <summary>Inner products and their kin over spans of any length; one traversal for every vector width.</summary>
internal static class VectorOps
{
    /// <summary>Σᵢ aᵢbᵢ.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        RequireSameLength(a.Length, b.Length);
        ref float ra = ref MemoryMarshal.GetReference(a);
        ref float rb = ref MemoryMarshal.GetReference(b);
        return LaneDispatch.Run<DotKernel, float>(new DotKernel(ref ra, ref rb, a.Length));
    }

    /// <summary>y ← y + αx.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddScaled(Span<float> y, float alpha, ReadOnlySpan<float> x)
    {
        RequireSameLength(y.Length, x.Length);
        ref float ry = ref MemoryMarshal.GetReference(y);
        ref float rx = ref MemoryMarshal.GetReference(x);
        LaneDispatch.Run(new AddScaledKernel(ref ry, alpha, ref rx, y.Length));
    }

    /// <summary>Σᵢ aᵢ².</summary>
    public static float SumOfSquares(ReadOnlySpan<float> a) => Dot(a, a);

    // Four accumulators hide the latency of the fused multiply-add.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Dot<TLanes>(ref float a, ref float b, int length)
        where TLanes : struct, ILanes<TLanes>
    {
        int i = 0, step = TLanes.Count;
        TLanes s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero;
        for (; i <= length - (4 * step); i += 4 * step)
        {
            s0 = TLanes.MulAdd(Load<TLanes>(ref a, i), Load<TLanes>(ref b, i), s0);
            s1 = TLanes.MulAdd(Load<TLanes>(ref a, i + step), Load<TLanes>(ref b, i + step), s1);
            s2 = TLanes.MulAdd(Load<TLanes>(ref a, i + (2 * step)), Load<TLanes>(ref b, i + (2 * step)), s2);
            s3 = TLanes.MulAdd(Load<TLanes>(ref a, i + (3 * step)), Load<TLanes>(ref b, i + (3 * step)), s3);
        }

        for (; i <= length - step; i += step)
        {
            s0 = TLanes.MulAdd(Load<TLanes>(ref a, i), Load<TLanes>(ref b, i), s0);
        }

        float sum = TLanes.Sum((s0 + s1) + (s2 + s3));
        for (; i < length; i++) { sum += Unsafe.Add(ref a, i) * Unsafe.Add(ref b, i); }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AddScaled<TLanes>(ref float y, float alpha, ref float x, int length)
        where TLanes : struct, ILanes<TLanes>
    {
        int i = 0, step = TLanes.Count;
        TLanes scale = TLanes.All(alpha);
        for (; i <= length - step; i += step)
        {
            TLanes.Store(TLanes.MulAdd(scale, Load<TLanes>(ref x, i), Load<TLanes>(ref y, i)), ref Unsafe.Add(ref y, i));
        }

        for (; i < length; i++) { Unsafe.Add(ref y, i) += alpha * Unsafe.Add(ref x, i); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Load<TLanes>(ref float source, int offset)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load(ref Unsafe.Add(ref source, offset));

    private static void RequireSameLength(int a, int b)
    {
        if (a != b) { throw new ArgumentException($"vectors of {a} and {b} elements do not go together"); }
    }

    private readonly ref struct DotKernel(ref float a, ref float b, int length) : ILaneKernel<float>
    {
        private readonly ref float _a = ref a;
        private readonly ref float _b = ref b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Dot<TLanes>(ref _a, ref _b, length);
    }

    private readonly ref struct AddScaledKernel(ref float y, float alpha, ref float x, int length) : ILaneKernel<Nothing>
    {
        private readonly ref float _y = ref y;
        private readonly ref float _x = ref x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            AddScaled<TLanes>(ref _y, alpha, ref _x, length);
            return default;
        }
    }
}
