using System.Globalization;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Ivf;

namespace Facto.Benchmarks.Retrieval;

/// <summary>
/// ivf prefix=PATH [items=N] [n=100] [queries=1000] [codes=0,16,…] [efforts=PROBES:RESCORED,…] [save=1]: recall against speed and bytes an
/// item of inverted files with int8 codes (0) and with product codes of so many bytes, beside the bounded scan, on one thread. Vectors as
/// for hnsw. With save=1 each is written to PATH.ivf-CODES.facto, the scan to PATH.scan.facto.
/// </summary>
internal static class IvfBench
{
    public static int Run(string[] arguments)
    {
        var options = arguments.Select(a => a.Split('=', 2)).ToDictionary(p => p[0], p => p.Length > 1 ? p[1] : "");
        string prefix = options.GetValueOrDefault("prefix", "catalogue");
        int n = GraphBench.Whole(options, "n", 100), queryCount = GraphBench.Whole(options, "queries", 1000);
        (RowMatrix items, RowMatrix users) = GraphBench.Load(options, prefix, queryCount);
        queryCount = Math.Min(queryCount, users.RowCount);
        RowMatrix queries = users.Resized(queryCount), others = GraphBench.Others(users, queryCount);
        NpyFile.Write(prefix + ".queries.npy", queries);
        BoundedIndex scan = BoundedIndex.Build(items, others, 1);
        if (options.ContainsKey("save")) { ScanFile.Save(scan, prefix + ".scan.facto"); }
        ulong[] unpopular = GraphBench.UnpopularHalf(items);
        int[] truth = Truth(scan, queries, n, default), filteredTruth = Truth(scan, queries, n, unpopular);
        Console.WriteLine(
            $"{items.RowCount} items × {items.ColumnCount} ({items.ColumnCount * sizeof(float)} bytes an item in float32), {queryCount} "
                + $"queries, recall@{n}, lanes {LaneWidth.Best}");
        GraphBench.Measure(scan, queries, truth, n, null, "bounded scan (exact)");
        foreach (int bytes in Numbers(options.GetValueOrDefault("codes", "0,16,32")))
        {
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            var index = IvfIndex.Build(items, others, new IvfOptions { CodeBytes = bytes });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"inverted file, {(bytes == 0 ? "int8 codes" : $"product codes of {index.CodeBytes} bytes")}: {index.BytesPerItem} "
                    + $"bytes an item in memory, built in "
                    + $"{(Environment.CpuUsage.TotalTime - processor).TotalSeconds:F1} processor seconds"));
            if (options.ContainsKey("save")) { IvfFile.Save(index, $"{prefix}.ivf-{bytes}.facto"); }
            foreach (string effort in options.GetValueOrDefault("efforts", "16:4,32:4,64:4,128:4,128:8").Split(','))
            {
                int[] parts = [.. Numbers(effort.Replace(':', ','))];
                (index.Nprobe, index.Rescored) = (parts[0], parts[1]);
                GraphBench.Measure(index, queries, truth, n, null, effort);
                GraphBench.Measure(index, queries, filteredTruth, n, unpopular, effort + ", popular half filtered out");
            }
        }

        return 0;
    }

    // The bounded scan is exact and needs no second copy of the items in panels.
    private static int[] Truth(BoundedIndex scan, RowMatrix queries, int n, ulong[]? allowed)
    {
        var truth = new int[queries.RowCount * n];
        Array.Fill(truth, -1);
        Parallel.For(0, queries.RowCount, q =>
        {
            var best = new Scored[n];
            int found = scan.Search(queries.Row(q), new ItemFilter { Allowed = allowed }, best);
            for (int i = 0; i < found; i++) { truth[(q * n) + i] = best[i].Index; }
        });
        return truth;
    }

    private static IEnumerable<int> Numbers(string text) => text.Split(',').Select(t => int.Parse(t, CultureInfo.InvariantCulture));
}
