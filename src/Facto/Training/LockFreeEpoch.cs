using System.Runtime.ExceptionServices;

namespace Facto.Training;

/// <summary>What the workers of an epoch do, as a type argument of <see cref="LockFreeEpoch"/>.</summary>
internal interface IEpoch
{
    /// <summary>Learns the chunk at a place of the epoch's order; returns its summed loss.</summary>
    /// <param name="worker">Who does it, from 0.</param>
    /// <param name="place">From 0.</param>
    double Learn(int worker, int place);

    /// <summary>A worker has no more to do.</summary>
    void End(int worker);
}

/// <summary>
/// One epoch of workers that take chunks from one queue and update shared parameters without locks (Hogwild, Niu et al. 2011). Every worker
/// has a thread, so none waits for a pool that is busy elsewhere; one worker visits the chunks in their order, on the caller's thread.
/// </summary>
internal static class LockFreeEpoch
{
    /// <summary>
    /// Learns every chunk once; returns the summed loss, which is not finite when the parameters no longer are (the rest is then left out).
    /// </summary>
    /// <param name="epoch">What is done.</param>
    /// <param name="workers">≥ 1.</param>
    /// <param name="chunks">Chunks in all.</param>
    /// <param name="cancellation">Checked before every chunk.</param>
    public static double Run<TEpoch>(TEpoch epoch, int workers, int chunks, CancellationToken cancellation)
        where TEpoch : struct, IEpoch
    {
        int next = -1;
        var losses = new double[workers];
        if (workers == 1) { Work(0); }
        else { OnThreads(workers, Work); }
        cancellation.ThrowIfCancellationRequested();
        return losses.Sum();

        void Work(int worker)
        {
            double sum = 0;
            for (int place = Interlocked.Increment(ref next); place < chunks; place = Interlocked.Increment(ref next))
            {
                if (cancellation.IsCancellationRequested || !double.IsFinite(sum)) { break; }
                sum += epoch.Learn(worker, place);
            }

            epoch.End(worker);
            losses[worker] = sum;
        }
    }

    private static void OnThreads(int workers, Action<int> work)
    {
        ExceptionDispatchInfo? failure = null;
        var threads = new Thread[workers - 1];
        for (int w = 0; w < threads.Length; w++)
        {
            int worker = w + 1;
            threads[w] = new Thread(() => Try(worker)) { IsBackground = true, Name = $"Facto epoch {worker}" };
            threads[w].Start();
        }

        Try(0);
        foreach (Thread thread in threads) { thread.Join(); }
        failure?.Throw();

        void Try(int worker)
        {
            try { work(worker); }
            catch (Exception e) { Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null); }
        }
    }
}
