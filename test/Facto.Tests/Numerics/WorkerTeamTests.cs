using Facto.Numerics;

namespace Facto.Tests.Numerics;

public class WorkerTeamTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(5, true)]
    public void Every_row_is_done_once_in_every_region(int workers, bool gathered)
    {
        var team = new WorkerTeam(workers);
        int[] done = new int[1000];
        IDisposable? watch = gathered ? team.Gather() : null;
        for (int region = 1; region <= 300; region++)
        {
            int inside = 0;
            team.Run(done.Length, 7, (worker, first, end) =>
            {
                Assert.InRange(worker, 0, workers - 1);
                Interlocked.Increment(ref inside);
                for (int r = first; r < end; r++) { Interlocked.Increment(ref done[r]); }
                Interlocked.Decrement(ref inside);
            }, TestContext.Current.CancellationToken);
            Assert.Equal(0, inside);   // nobody is left in a region that has returned
            Assert.All(done, n => Assert.Equal(region, n));
        }

        watch?.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failure_and_a_cancellation_reach_the_caller(bool gathered)
    {
        var team = new WorkerTeam(3);
        using (gathered ? team.Gather() : null)
        {
            Assert.ThrowsAny<Exception>(
                () =>
                team.Run(
                    100, 1, (_, first, _) =>
                    { if (first == 50) { throw new InvalidOperationException("row 50"); } }, TestContext.Current.CancellationToken));
            using var cancelled = new CancellationTokenSource();
            cancelled.Cancel();
            Assert.Throws<OperationCanceledException>(() => team.Run(100, 1, (_, _, _) => { }, cancelled.Token));
            int sum = 0;
            team.Run(100, 1, (_, first, _) => Interlocked.Add(ref sum, first), TestContext.Current.CancellationToken);
            Assert.Equal(4950, sum);
        }

        using IDisposable again = team.Gather();
        Assert.Throws<InvalidOperationException>(() => team.Gather());
    }
}
