using System.Runtime.ExceptionServices;

namespace Facto.Numerics;

/// <summary>
/// Workers that share rows. Between <see cref="Gather"/> and its end they stay awake, so that a parallel region costs a shared counter and
/// not the waking of a sleeping thread, which on a virtual machine takes as long as hundreds of rows. Rows are handed out in runs as
/// workers become free: what a row computes must not depend on who computes it. One caller at a time.
/// </summary>
internal sealed class WorkerTeam(int count)
{
    private Watch? _watch;

    /// <summary>How many workers there are, the caller included.</summary>
    public int Count { get; } = count;

    /// <summary>
    /// Keeps the workers awake until the result is disposed: for a few milliseconds of short regions, with little between them.
    /// </summary>
    public IDisposable Gather()
    {
        if (_watch is not null) { throw new InvalidOperationException("the team is gathered already"); }
        return _watch = new Watch(this);
    }

    /// <summary>
    /// Calls <paramref name="body"/>(worker, first, end) for runs of <paramref name="run"/> rows that cover 0 … <paramref name="rows"/>−1.
    /// </summary>
    public void Run(int rows, int run, Action<int, int, int> body, CancellationToken cancellation = default)
    {
        int next = 0;
        if (Count == 1 || rows <= run) { Work(0); }
        else if (_watch is { } watch) { watch.Run(Work); }
        else { Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = Count }, Work); }
        cancellation.ThrowIfCancellationRequested();

        void Work(int worker)
        {
            for (int start = Interlocked.Add(ref next, run) - run; start < rows && !cancellation.IsCancellationRequested;
                start = Interlocked.Add(ref next, run) - run)
            {
                body(worker, start, Math.Min(start + run, rows));
            }
        }
    }

    /// <summary>
    /// One gathering. Helpers come from the thread pool; whoever has not come yet when a region ends was not needed. A helper enters a
    /// region by counting itself in and then looking whether the region is still open; the caller closes it and then waits until nobody is
    /// inside.
    /// </summary>
    private sealed class Watch : IDisposable
    {
        private readonly WorkerTeam _team;
        private Action<int>? _work;
        private ExceptionDispatchInfo? _failure;
        private int _inside;
        private volatile bool _over;

        public Watch(WorkerTeam team)
        {
            _team = team;
            for (int w = 1; w < team.Count; w++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static s => s.Watch.Help(s.Worker), (Watch: this, Worker: w), preferLocal: false);
            }
        }

        public void Run(Action<int> work)
        {
            _failure = null;
            Interlocked.Exchange(ref _work, work);
            try { work(0); }
            finally
            {
                Interlocked.Exchange(ref _work, null);
                var wait = default(SpinWait);
                while (Volatile.Read(ref _inside) > 0) { wait.SpinOnce(sleep1Threshold: -1); }
            }

            _failure?.Throw();
        }

        public void Dispose()
        {
            _over = true;
            _team._watch = null;
        }

        private void Help(int worker)
        {
            var wait = default(SpinWait);
            Action<int>? done = null;
            while (!_over)
            {
                if (Volatile.Read(ref _work) is not { } work || ReferenceEquals(work, done))
                {
                    wait.SpinOnce(sleep1Threshold: -1);
                    continue;
                }

                Interlocked.Increment(ref _inside);
                try
                {
                    if (ReferenceEquals(Volatile.Read(ref _work), work)) { work(worker); }
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
                }
                finally
                {
                    Interlocked.Decrement(ref _inside);
                }

                done = work;
                wait.Reset();
            }
        }
    }
}
