using System.Diagnostics;
using System.Globalization;

namespace Facto.Benchmarks.Data;

/// <summary>
/// facto-bench building [ROWS]: ten million interactions as objects into a dataset; time, and memory beside the columns' own size.
/// </summary>
internal static class BuildingBench
{
    private const int Users = 200_000, Items = 50_000;

    public static int Run(string[] arguments)
    {
        int rows = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10_000_000;
        long before = Memory();
        long start = Stopwatch.GetTimestamp();
        Dataset data = Dataset.From(Log(rows), r => r.User, r => r.Item).Time(r => (long)r.At).Build();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long peak = Process.GetCurrentProcess().PeakWorkingSet64, kept = Memory();
        double columns = 20.0 * data.Count;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{rows} rows read, {data.Count} kept, {data.UserIds!.Count} users, {data.ItemIds!.Count} items: {seconds:F1} s, "
                    + $"{rows / seconds / 1e6:F2} million rows/s"));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"columns {columns / 1e6:F0} MB; memory kept {(kept - before) / 1e6:F0} MB; peak of the process {peak / 1e6:F0} MB, "
                    + $"{before / 1e6:F0} MB of them before"));
        GC.KeepAlive(data);
        return 0;
    }

    private static IEnumerable<(int User, int Item, int At)> Log(int rows)
    {
        ulong state = 1;
        for (int i = 0; i < rows; i++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            yield return ((int)((state >> 33) % Users), (int)((state >> 20) % Items), i);
        }
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
