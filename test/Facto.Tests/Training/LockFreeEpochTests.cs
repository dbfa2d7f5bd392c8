using System.Collections.Concurrent;
using Facto.Training;

namespace Facto.Tests.Training;

public class LockFreeEpochTests
{
    private const int Chunks = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Every_chunk_is_learned_once_and_no_worker_is_idle(int workers)
    {
        using var everybody = new Barrier(workers);
        var log = new Log(workers, everybody);
        double loss = LockFreeEpoch.Run(new Recorded(log), workers, Chunks, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, Chunks), log.Learned.Select(l => l.Place).Order());
        Assert.Equal(Enumerable.Range(0, workers), log.Learned.Select(l => l.Worker).Distinct().Order());
        Assert.Equal(Enumerable.Range(0, workers), log.Ended.Order());
        Assert.Equal(Chunks * (Chunks - 1) / 2, loss);
    }

    [Fact]
    public void One_worker_visits_the_chunks_in_their_order_on_the_callers_thread()
    {
        using var alone = new Barrier(1);
        var log = new Log(1, alone);
        LockFreeEpoch.Run(new Recorded(log), 1, Chunks, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, Chunks), log.Learned.Select(l => l.Place));
        Assert.All(log.Learned, l => Assert.Equal(Environment.CurrentManagedThreadId, l.Thread));
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_epoch_and_is_returned()
    {
        using var alone = new Barrier(1);
        var log = new Log(1, alone) { Broken = 3 };
        Assert.Equal(double.NaN, LockFreeEpoch.Run(new Recorded(log), 1, Chunks, TestContext.Current.CancellationToken));
        Assert.Equal(4, log.Learned.Count);
    }

    [Fact]
    public void A_workers_exception_reaches_the_caller_after_all_have_stopped()
    {
        using var everybody = new Barrier(3);
        var log = new Log(3, everybody) { Failing = 50 };
        Assert.Throws<InvalidOperationException>(
            () => LockFreeEpoch.Run(new Recorded(log), 3, Chunks, TestContext.Current.CancellationToken));
        Assert.Equal(Chunks, log.Learned.Count);
    }

    [Fact]
    public void Cancellation_ends_the_epoch()
    {
        using var alone = new Barrier(1);
        using var stop = new CancellationTokenSource();
        var log = new Log(1, alone) { Stop = stop };
        Assert.Throws<OperationCanceledException>(() => LockFreeEpoch.Run(new Recorded(log), 1, Chunks, stop.Token));
        Assert.Single(log.Learned);
    }

    private sealed record Log(int Workers, Barrier Everybody)
    {
        public ConcurrentQueue<(int Worker, int Place, int Thread)> Learned { get; } = new();

        public ConcurrentBag<int> Ended { get; } = [];

        public int[] Count { get; } = new int[Workers];

        public int Broken { get; init; } = -1;

        public int Failing { get; init; } = -1;

        public CancellationTokenSource? Stop { get; init; }
    }

    // Nobody goes on from the first chunk before everybody has one: workers that ran one after the other would wait for ever, and fail.
    private readonly struct Recorded(Log log) : IEpoch
    {
        public double Learn(int worker, int place)
        {
            log.Learned.Enqueue((worker, place, Environment.CurrentManagedThreadId));
            if (log.Count[worker]++ == 0) { Assert.True(log.Everybody.SignalAndWait(TimeSpan.FromMinutes(1)), "a worker is idle"); }
            if (place == log.Failing) { throw new InvalidOperationException("as asked"); }
            log.Stop?.Cancel();
            return place == log.Broken ? double.NaN : place;
        }

        public void End(int worker) => log.Ended.Add(worker);
    }
}
