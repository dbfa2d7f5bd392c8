namespace Facto.Training.Bayesian;

/// <summary>
/// Shares rows among a fixed number of workers, each with a scratch of its own. Rows are handed out in runs as workers become free, so what a
/// row computes must not depend on who computes it.
/// </summary>
internal sealed class Workers<TScratch>(int count, Func<TScratch> create)
{
    private readonly TScratch[] _scratch = [.. Enumerable.Range(0, count).Select(_ => create())];

    /// <summary>How many workers there are.</summary>
    public int Count => _scratch.Length;

    /// <summary>The first worker's scratch, for work that is not shared.</summary>
    public TScratch First => _scratch[0];

    /// <summary>Calls <paramref name="body"/> for runs that cover 0 … <paramref name="rows"/>−1.</summary>
    public void Run(int rows, int run, Action<TScratch, int, int> body, CancellationToken cancellation)
    {
        int next = 0;
        if (_scratch.Length == 1 || rows <= run)
        {
            Work(0);
            return;
        }

        Parallel.For(0, _scratch.Length, new ParallelOptions { MaxDegreeOfParallelism = _scratch.Length }, Work);

        void Work(int worker)
        {
            while (true)
            {
                int start = Interlocked.Add(ref next, run) - run;
                if (start >= rows) { return; }
                cancellation.ThrowIfCancellationRequested();
                body(_scratch[worker], start, Math.Min(start + run, rows));
            }
        }
    }
}
