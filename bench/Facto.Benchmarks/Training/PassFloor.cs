using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Benchmarks.Training;

/// <summary>
/// The least time a pass can take on this machine: the larger of the arithmetic and the memory traffic. Per feature and register of
/// factors: two loads and two fused multiply-adds for the score; a load, two multiply-adds and a store for the step, AdaGrad a load, a
/// store, two multiply-adds and an inverse root more. Bytes: the example's ids and label once, and each parameter row read and written when
/// the model exceeds the cache.
/// </summary>
internal static class PassFloor
{
    private static readonly Lazy<(double Flops, double Bytes)> Machine = new(() =>
    {
        (double Flops, double Bytes) machine = Measure();
        // The block that was read goes back, so that no working set told later holds it.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        return machine;
    });

    public static double Seconds(Dataset train, SolverSettings options)
    {
        double nonZeros = (double)train.Count * ActivePerExample(train);
        int k = RowMatrix.PaddedLength(options.Factors);
        int sums = options.Solver switch { "adagrad" => 1, "adam" => 2, _ => 0 };
        double operations = nonZeros * k * (4 + (3 * sums)) * 2;
        double rowBytes = k * (1.0 + sums) * sizeof(float);
        bool outside = train.Schema.FeatureCount * rowBytes > 32 << 20;
        double bytes = (nonZeros * sizeof(int)) + (train.Count * sizeof(float)) + (outside ? 2 * nonZeros * rowBytes : 0);
        return Math.Max(operations / Machine.Value.Flops, bytes / Machine.Value.Bytes) / options.Threads;
    }

    /// <summary>Time of so many floating-point operations at the machine's multiply-add rate.</summary>
    public static double FlopSeconds(double operations, int threads) => operations / Machine.Value.Flops / threads;

    private static double ActivePerExample(Dataset data)
    {
        double active = data.Contexts is null ? 0 : (double)data.Contexts.NonZeroCount / data.Contexts.RowCount;
        active += data.Users is null ? 0 : (double)data.Users.NonZeroCount / data.Users.RowCount;
        return active + (data.Items is null ? 0 : (double)data.Items.NonZeroCount / data.Items.RowCount);
    }

    // Multiply-adds in registers, and a read of memory far larger than the last cache; one thread.
    private static (double Flops, double Bytes) Measure()
    {
        using var large = new NativeBlock<float>(64 << 20);
        float sink = 0;
        double flops = Best(() => sink += MultiplyAdds(1 << 22), (1 << 22) * 8.0 * 16 * 2);
        double bytes = Best(() => sink += Read(large), (64 << 20) * (double)sizeof(float));
        return sink == 12345 ? default : (flops, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MultiplyAdds(int rounds)
    {
        Vector512<float> x = Vector512.Create(0.999f), a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x;
        for (int i = 0; i < rounds; i++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, x);
            b = Vector512.FusedMultiplyAdd(b, x, x);
            c = Vector512.FusedMultiplyAdd(c, x, x);
            d = Vector512.FusedMultiplyAdd(d, x, x);
            e = Vector512.FusedMultiplyAdd(e, x, x);
            f = Vector512.FusedMultiplyAdd(f, x, x);
            g = Vector512.FusedMultiplyAdd(g, x, x);
            h = Vector512.FusedMultiplyAdd(h, x, x);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Read(NativeBlock<float> block)
    {
        ref float start = ref block.Slice(0, 1)[0];
        Vector512<float> a = default, b = default, c = default, d = default;
        for (nuint i = 0; i < (nuint)block.Length; i += 64)
        {
            a += Vector512.LoadUnsafe(ref start, i);
            b += Vector512.LoadUnsafe(ref start, i + 16);
            c += Vector512.LoadUnsafe(ref start, i + 32);
            d += Vector512.LoadUnsafe(ref start, i + 48);
        }

        return Vector512.Sum(a + b + c + d);
    }

    private static double Best(Action work, double amount)
    {
        double best = 0;
        for (int repeat = 0; repeat < 5; repeat++)
        {
            long start = TimeProvider.System.GetTimestamp();
            work();
            best = Math.Max(best, amount / TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
