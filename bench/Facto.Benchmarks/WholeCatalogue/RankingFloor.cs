using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Benchmarks.WholeCatalogue;

/// <summary>
/// What a pass of a shared-negative ranking solver cannot go below: its three matrix products (scores, and the derivatives of both sides),
/// 6·visits·negatives·k flops, at the speed that the product kernel reaches on this machine with nothing else to do and the same shapes.
/// </summary>
internal static unsafe class RankingFloor
{
    public static double Seconds(Dataset train, SolverSettings options)
    {
        int k = RowMatrix.PaddedLength(options.Factors), most = (int)options["positives"];
        int visits = train.Interactions.Users!.Span.ToArray().CountBy(u => u).Sum(user => most == 0 ? 1 : (user.Value + most - 1) / most);
        int batch = (int)options["batch"], n = ((int)options["negatives"] + 31) / 32 * 32;
        using var s = new RowMatrix(batch, k);
        using var r = new RowMatrix(n, k);
        using var scores = new RowMatrix(batch, n + 32);
        double best = double.PositiveInfinity;
        for (int attempt = 0; attempt < 200; attempt++)
        {
            long begin = TimeProvider.System.GetTimestamp();
            MatrixProduct.MultiplyTransposed(
                s.Storage.Pointer, k, r.Storage.Pointer, k, scores.Storage.Pointer, scores.Stride, batch, n, k);
            MatrixProduct.Multiply(
                scores.Storage.Pointer, scores.Stride, 1, r.Storage.Pointer, k, s.Storage.Pointer, k, batch, k, n, false);
            MatrixProduct.Multiply(
                scores.Storage.Pointer, 1, scores.Stride, s.Storage.Pointer, k, r.Storage.Pointer, k, n, k, batch, false);
            best = Math.Min(best, TimeProvider.System.GetElapsedTime(begin).TotalSeconds);
        }

        Console.WriteLine(
            FormattableString.Invariant(
                $"matrix products of {batch} × {n} × {k}: {6.0 * batch * n * k / best / 1e9:0} GFLOP/s on one thread"));
        return best * visits / batch / options.Threads;
    }
}
