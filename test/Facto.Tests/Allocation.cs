namespace Facto.Tests;

/// <summary>Measures what a piece of work allocates once it is warm.</summary>
internal static class Allocation
{
    private const int Tries = 8;

    /// <summary>
    /// Bytes that <paramref name="runs"/> runs of <paramref name="work"/> in a row allocate on this thread, after a first run; the best of
    /// a few such series, for the runtime allocates now and then on its own account (tables of literals and statics of code that it
    /// compiles while tests run side by side), and never in every series.
    /// </summary>
    public static long Of(Action work, int runs = 20)
    {
        work();
        long least = long.MaxValue;
        for (int i = 0; i < Tries && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int run = 0; run < runs; run++) { work(); }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
