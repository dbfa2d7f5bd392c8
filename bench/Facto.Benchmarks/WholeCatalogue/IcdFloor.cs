using Facto.Numerics;

namespace Facto.Benchmarks.WholeCatalogue;

/// <summary>
/// Multiply-adds that a pass over plain ids cannot do without, both sides together, over this machine's measured multiply-add rate: per
/// pair the upper triangle of the block's outer product for every block, a score and a gradient; per row k²·b/2 … of Cholesky; per side one
/// Gram matrix and one product with it.
/// </summary>
internal static class IcdFloor
{
    public static double Seconds(Dataset train, int factors, int block, int threads)
    {
        double k = RowMatrix.PaddedLength(factors), b = Math.Min(k, block), rows = train.Users!.RowCount + (double)train.Items!.RowCount;
        double perPair = (k * (b + 1) / 2) + (k / b * k) + k, perRow = (k / b * b * b * b / 6) + (k * b) + (k * k) + (k * k / 2);
        return ((2 * train.Count * perPair) + (rows * perRow)) / MultiplyAddsPerSecond() / threads;
    }

    // The rate of the register tile itself on a panel in the first cache: 64 × 64 outer products, counted as the triangle that is needed.
    private static double MultiplyAddsPerSecond()
    {
        float[] panel = new float[96 * 64], gram = new float[64 * 64];
        Array.Fill(panel, 0.5f);
        double best = 0;
        for (int repeat = 0; repeat < 7; repeat++)
        {
            long start = TimeProvider.System.GetTimestamp();
            for (int i = 0; i < 500; i++) { GramKernel.AddOuterProducts(panel, 96, 64, gram, 1e-9f); }
            best = Math.Max(best, 500.0 * 96 * 2560 / TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
