namespace Facto.Tests;

/// <summary>Measures what a piece of work allocates once it is warm.</summary>
internal static class Allocation
{
    private const int Tries = 8;

    /// <summary>
    /// Bytes that <paramref name="work"/> allocates on this thread in the best of a few runs after a first one: the runtime's own work (a method
    /// compiled again, a pooled array given back to the collector) falls into some runs, the work's own allocation into every one.
    /// </summary>
    public static long Of(Action work)
    {
        work();
        long least = long.MaxValue;
        for (int i = 0; i < Tries && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
