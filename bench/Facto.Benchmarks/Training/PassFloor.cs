using Facto.Data;
using Facto.Numerics;
using Facto.Training;

namespace Facto.Benchmarks.Training;

/// <summary>
/// The least time a pass can take on this machine: the larger of the arithmetic and the memory traffic. Per feature and register of factors: two
/// loads and two fused multiply-adds for the score; a load, two multiply-adds and a store for the step, AdaGrad a load, a store, two multiply-adds and an
/// inverse root more. Bytes: the example's ids and label once, and each parameter row read and written when the model exceeds the cache.
/// </summary>
internal static class PassFloor
{
    private static readonly Lazy<(double Flops, double Bytes)> Machine = new(Measure);

    public static double Seconds(Dataset train, TrainOptions options)
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

    private static double ActivePerExample(Dataset data)
    {
        double active = data.Contexts is null ? 0 : (double)data.Contexts.NonZeroCount / data.Contexts.RowCount;
        active += data.Users is null ? 0 : (double)data.Users.NonZeroCount / data.Users.RowCount;
        return active + (data.Items is null ? 0 : (double)data.Items.NonZeroCount / data.Items.RowCount);
    }

    // Multiply-adds on data in the first cache, and a read of memory far larger than the last cache; one thread.
    private static (double Flops, double Bytes) Measure()
    {
        using var small = new NativeBlock<float>(2048);
        using var large = new NativeBlock<float>(64 << 20);
        float sink = 0;
        double flops = Best(() => { for (int i = 0; i < 20_000; i++) { sink += VectorOps.Dot(small.Slice(0, 1024), small.Slice(1024, 1024)); } }, 20_000.0 * 1024 * 2);
        double bytes = Best(() => sink += VectorOps.Dot(large.Slice(0, 32 << 20), large.Slice(32 << 20, 32 << 20)), (64 << 20) * (double)sizeof(float));
        return sink == 12345 ? default : (flops, bytes);
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
