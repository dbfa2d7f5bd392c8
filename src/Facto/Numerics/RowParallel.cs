namespace Facto.Numerics;

/// <summary>
/// Runs a loop over rows on several workers, each with scratch memory of its own. Which worker takes which rows is left to chance, so the
/// body must write only what belongs to its rows; then the result does not depend on the number of workers.
/// </summary>
internal static class RowParallel
{
    /// <summary>Calls <paramref name="body"/>(first, end, scratch) until rows 0 … <paramref name="count"/>−1 are done.</summary>
    /// <param name="count">Rows.</param>
    /// <param name="grain">Rows per call, ≥ 1.</param>
    /// <param name="scratch">One element per worker.</param>
    /// <param name="body">The loop over a run of rows.</param>
    /// <param name="cancellation">Checked before every call.</param>
    public static void Run<TScratch>(
        int count, int grain, TScratch[] scratch, Action<int, int, TScratch> body, CancellationToken cancellation = default)
    {
        int runs = (int)(((long)count + grain - 1) / grain), next = 0;
        int workers = Math.Min(scratch.Length, runs);
        if (workers <= 1)
        {
            if (runs > 0) { Work(0); }
        }
        else
        {
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, Work);
        }

        cancellation.ThrowIfCancellationRequested();

        void Work(int worker)
        {
            for (int run = Interlocked.Increment(ref next) - 1; run < runs && !cancellation.IsCancellationRequested;
                run = Interlocked.Increment(ref next) - 1)
            {
                body(run * grain, Math.Min(count, (run + 1) * grain), scratch[worker]);
            }
        }
    }
}
