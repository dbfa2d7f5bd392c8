using System.Diagnostics;
using System.Globalization;
using Facto.Data;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Ivf;

namespace Facto.Benchmarks.Retrieval;

/// <summary>
/// open index=FILE queries=FILE.npy [n=100]: milliseconds until an index file is open and until its first query is answered: in a process
/// that has done nothing else, so that compiling the code counts, and once more. Nothing is verified. Whether the file lies in the page
/// cache is the caller's affair.
/// </summary>
internal static class OpenBench
{
    public static int Run(string[] arguments)
    {
        var options = arguments.Select(a => a.Split('=', 2)).ToDictionary(p => p[0], p => p.Length > 1 ? p[1] : "");
        RowMatrix queries = NpyFile.ReadFloats(options["queries"]);
        string file = options["index"];
        var best = new Scored[int.Parse(options.GetValueOrDefault("n", "100"), CultureInfo.InvariantCulture)];
        foreach (string state in (string[])["first in the process, code compiled on the way", "opened anew, code compiled"])
        {
            long begin = Stopwatch.GetTimestamp();
            IItemIndex index = Open(file);
            double opened = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{index.GetType().Name}, {index.Count} items × {index.Dimension}, file of {new FileInfo(file).Length / 1e6:F0} MB, "
                        + $"{state}: opened in {opened:F1} ms"));
            for (int q = 0; q < Math.Min(4, queries.RowCount); q++)
            {
                begin = Stopwatch.GetTimestamp();
                int found = index.Search(queries.Row(q), default, best);
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  query {q + 1}: {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:F2} ms, {found} items"));
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Environment.WorkingSet / 1e6:F0} MB resident"));
        return 0;
    }

    private static IItemIndex Open(string file)
    {
        bool isGraph, isLists;
        using (var reader = new ArtefactReader(file, verify: false))
        {
            isGraph = reader.Meta.IndexOf("\"index\":\"hnsw\""u8) >= 0;
            isLists = reader.Meta.IndexOf("\"index\":\"ivf"u8) >= 0;
        }

        return isGraph
            ? GraphFile.Open(file, verify: false)
            : isLists ? IvfFile.Open(file, verify: false) : ScanFile.Open(file, verify: false);
    }
}
