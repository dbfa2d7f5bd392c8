using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>A team of workers, each with a scratch of its own.</summary>
internal sealed class Workers<TScratch>(int count, Func<TScratch> create)
{
    private readonly TScratch[] _scratch = [.. Enumerable.Range(0, count).Select(_ => create())];

    /// <summary>Who works.</summary>
    public WorkerTeam Team { get; } = new(count);

    /// <summary>How many workers there are.</summary>
    public int Count => _scratch.Length;

    /// <summary>The first worker's scratch, for work that is not shared.</summary>
    public TScratch First => _scratch[0];

    /// <summary>Calls <paramref name="body"/> for runs that cover 0 … <paramref name="rows"/>−1.</summary>
    public void Run(int rows, int run, Action<TScratch, int, int> body, CancellationToken cancellation) =>
        Team.Run(rows, run, (worker, start, end) => body(_scratch[worker], start, end), cancellation);
}
