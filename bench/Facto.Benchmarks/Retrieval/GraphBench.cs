using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Recall;

namespace Facto.Benchmarks.Retrieval;

/// <summary>
/// hnsw prefix=PATH [items=N] [n=100] [threads=1] [queries=1000] [efforts=BREADTH:HEAD,…] [links=16] [breadth=128] [rival=DRIVER]
/// [spaces=space=ip+pad=16,…] [faiss=PYTHON or DRIVER] [faissSpaces=space=ip,index=ivf+probes=8:16,…] [rivalM=16,…] [rivalEfc=200]
/// [rivalFilter=1] [efs=100,200,…] [filtered=0] [floors=0.95,0.99] [svg=FILE] [index=FILE]: recall against speed of the graph index beside
/// a rival's own program and Faiss's graph and inverted file, on one thread, in one run. With items=N a catalogue is generated under the
/// prefix, otherwise PREFIX.items.npy and PREFIX.queries.npy (real users) are read. The first queries are searched, the others only shape
/// the space. With index=FILE the graph is kept there and opened by the next run.
/// </summary>
internal static class GraphBench
{
    public static int Run(string[] arguments)
    {
        var options = arguments.Select(a => a.Split('=', 2)).ToDictionary(p => p[0], p => p.Length > 1 ? p[1] : "");
        string prefix = options.GetValueOrDefault("prefix", "catalogue");
        int n = Whole(options, "n", 100), threads = Whole(options, "threads", 1), queryCount = Whole(options, "queries", 1000);
        (RowMatrix items, RowMatrix users) = Load(options, prefix, queryCount);
        queryCount = Math.Min(queryCount, users.RowCount);
        RowMatrix queries = users.Resized(queryCount);
        var exact = new ExactIndex(items);
        ulong[] unpopular = UnpopularHalf(items);
        int[] truth = Truth(exact, queries, n, default), filteredTruth = Truth(exact, queries, n, unpopular);
        NpyFile.Write(prefix + ".queries.npy", queries);
        NpyFile.Write(prefix + ".truth.npy", truth, queryCount, n);
        Console.WriteLine(
            $"{items.RowCount} items × {items.ColumnCount}, {queryCount} queries, recall@{n}, lanes {LaneWidth.Best}, {threads} build "
                + $"threads");

        (GraphIndex index, double build) = Graph(options, items, Others(users, queryCount), threads);
        List<CurvePoint> open = [], filtered = [];
        bool halves = Whole(options, "filtered", 1) == 1;
        foreach (string effort in options.GetValueOrDefault("efforts", "64:32,100:32,100:512,200:32,200:4096,400:8192").Split(','))
        {
            int[] parts = [.. effort.Split(':').Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
            index.Effort = new SearchEffort(parts[0], parts[1]);
            open.Add(Measure(index, queries, truth, n, default, effort));
            if (halves) { filtered.Add(Measure(index, queries, filteredTruth, n, unpopular, effort + ", popular half filtered out")); }
        }

        foreach (string chosen in Choose(options, index, exact, items, Others(users, queryCount), n))
        {
            open.Add(Measure(index, queries, truth, n, default, chosen));
        }
        var bounded = BoundedIndex.Build(items, Others(users, queryCount), 1);
        List<Curve> curves = [
            new("Facto graph", build, open), new("Facto graph, popular half filtered out", build, filtered),
            new("Facto exact scan", 0, [Measure(exact, queries, truth, n, default, "exact")])];
        curves.Add(new("Facto bounded scan (exact results)", 0, [Measure(bounded, queries, truth, n, default, "bounded")]));
        Measure(bounded, queries, filteredTruth, n, unpopular, "bounded, popular half filtered out");
        NpyFile.Write(prefix + ".unpopular-truth.npy", filteredTruth, queryCount, n);
        File.WriteAllBytes(prefix + ".unpopular.bin", MemoryMarshal.AsBytes<ulong>(unpopular));
        curves.AddRange(Rivals(options, "rival", "space=ip+pad=16,space=l2aug+pad=16,space=cos+pad=16", prefix, n, threads));
        curves.AddRange(Rivals(options, "faiss", "space=ip+pad=16,space=l2aug+pad=16,index=ivf+probes=8:16:32:64:128", prefix, n, threads));
        if (options.TryGetValue("svg", out string? svg))
        {
            CurvePlot.Write(svg, $"recall@{n} on {items.RowCount:N0} items × {items.ColumnCount}", curves);
        }
        return 0;
    }

    private static (GraphIndex Index, double BuildSeconds) Graph(
        Dictionary<string, string> options, RowMatrix items, RowMatrix users, int threads)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        bool isKept = options.TryGetValue("index", out string? saved) && File.Exists(saved);
        GraphIndex index = isKept ? GraphFile.Open(saved!)
            : GraphIndex.Build(
                items, users,
                new GraphOptions
                {
                    M = Whole(options, "links", 16),
                    EfConstruction = Whole(options, "breadth", new GraphOptions().EfConstruction),
                    Workers = threads
                });
        double build = clock.Elapsed.TotalSeconds;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Facto graph: {(isKept ? "opened and verified" : "built")} in {build:F2} s, "
                    + $"{(Environment.CpuUsage.TotalTime - processor).TotalSeconds:F2} processor seconds"));
        if (saved is not null && !isKept) { GraphFile.Save(index, saved); }
        return (index, build);
    }

    // Gives the graph the effort that an index set would choose for each floor.
    private static IEnumerable<string> Choose(
        Dictionary<string, string> options, GraphIndex index, ExactIndex exact, RowMatrix items, RowMatrix users, int n)
    {
        float[] quality = [.. Enumerable.Range(0, items.RowCount).Select(i => items.Row(i)[0])];
        var questions = new RecallQuestions(exact, Spread(users, 500), quality, n, CancellationToken.None);
        foreach (double floor in options.GetValueOrDefault("floors", "0.95,0.99").Split(',')
            .Select(f => double.Parse(f, CultureInfo.InvariantCulture)))
        {
            for (int level = 0; index.TrySetEffort(level) && questions.Recall(index, CancellationToken.None) < floor; level++) { }
            yield return string.Create(CultureInfo.InvariantCulture, $"chosen for {floor}: {index.Effort.EfSearch}:{index.Effort.Head}");
        }
    }

    private static IEnumerable<Curve> Rivals(
        Dictionary<string, string> options, string name, string spaces, string prefix, int n, int threads)
    {
        if (!options.TryGetValue(name, out string? driver)) { yield break; }
        int[] links = [.. options.GetValueOrDefault("rivalM", "16").Split(',').Select(m => int.Parse(m, CultureInfo.InvariantCulture))];
        string efs = options.GetValueOrDefault("efs", "100,200,400,800,1600");
        string allow = $"+allow={prefix}.unpopular.bin";
        bool[] halves = options.ContainsKey("rivalFilter") ? [false, true] : [false];
        var runs = options.GetValueOrDefault(name == "rival" ? "spaces" : name + "Spaces", spaces).Split(',')
            .SelectMany(
                space => space.Contains("index=ivf", StringComparison.Ordinal) ? [(space, links[0])] : links.Select(m => (space, m)))
            .SelectMany(run => halves.Select(half => (run.space, run.Item2, half)));
        foreach ((string space, int m, bool half) in runs)
        {
            Curve curve = RivalDriver.Run(
                driver, prefix, half ? ".unpopular-truth.npy" : ".truth.npy", n, m, Whole(options, "rivalEfc", 200), threads, efs,
                half ? space + allow : space);
            curve = curve with
            {
                Name = curve.Name.Replace(
                allow.Replace('+', ' '), ", popular half filtered out", StringComparison.Ordinal)
            };
            Print(curve);
            yield return curve;
        }
    }

    internal static (RowMatrix Items, RowMatrix Users) Load(Dictionary<string, string> options, string prefix, int queryCount)
    {
        if (!options.ContainsKey("items"))
        {
            return (NpyFile.ReadFloats(prefix + ".items.npy"),
                NpyFile.ReadFloats(prefix + (File.Exists(prefix + ".users.npy") ? ".users.npy" : ".queries.npy")));
        }
        RowMatrix items = FmVectors.Items(Whole(options, "items", 0), 1), users = FmVectors.Users(queryCount + 4000, 1);
        NpyFile.Write(prefix + ".items.npy", items);
        return (items, users);
    }

    internal static CurvePoint Measure(IItemIndex index, RowMatrix queries, int[] truth, int n, ulong[]? allowed, string setting)
    {
        var best = new Scored[n];
        double seconds = double.MaxValue;
        int hits = 0;
        var wanted = new HashSet<int>();
        for (var warm = Stopwatch.StartNew(); warm.ElapsedMilliseconds < 500;)   // until the compiler is done with it
        {
            for (int q = 0; q < queries.RowCount; q++) { index.Search(queries.Row(q), new ItemFilter { Allowed = allowed }, best); }
        }

        for (int round = 0; round < 3; round++)
        {
            var clock = Stopwatch.StartNew();
            for (int q = 0; q < queries.RowCount; q++) { index.Search(queries.Row(q), new ItemFilter { Allowed = allowed }, best); }
            seconds = Math.Min(seconds, clock.Elapsed.TotalSeconds);
        }

        for (int q = 0; q < queries.RowCount; q++)
        {
            int found = index.Search(queries.Row(q), new ItemFilter { Allowed = allowed }, best);
            wanted.Clear();
            for (int i = 0; i < n; i++) { wanted.Add(truth[(q * n) + i]); }
            foreach (Scored s in best.AsSpan(0, found)) { hits += wanted.Contains(s.Index) ? 1 : 0; }
        }

        var point = new CurvePoint(setting, (double)hits / truth.Count(t => t >= 0), queries.RowCount / seconds);
        Console.WriteLine(Text(point));
        return point;
    }

    private static int[] Truth(ExactIndex exact, RowMatrix queries, int n, ReadOnlyMemory<ulong> allowed)
    {
        var truth = new int[queries.RowCount * n];
        Array.Fill(truth, -1);
        ScoredLists lists = exact.SearchBatch(queries, n, default, allowed, Environment.ProcessorCount);
        for (int q = 0; q < queries.RowCount; q++)
        {
            for (int i = 0; i < lists[q].Length; i++) { truth[(q * n) + i] = lists[q][i].Index; }
        }

        return truth;
    }

    // Users whose queries are not searched, when there are others.
    internal static RowMatrix Others(RowMatrix users, int queryCount)
    {
        if (users.RowCount < queryCount + 100) { return users; }
        var others = new RowMatrix(users.RowCount - queryCount, users.ColumnCount);
        for (int user = 0; user < others.RowCount; user++) { users.Row(user + queryCount).CopyTo(others.Row(user)); }
        return others;
    }

    private static RowMatrix Spread(RowMatrix users, int count)
    {
        var some = new RowMatrix(Math.Min(count, users.RowCount), users.ColumnCount);
        for (int i = 0; i < some.RowCount; i++) { users.Row((int)((long)i * users.RowCount / some.RowCount)).CopyTo(some.Row(i)); }
        return some;
    }

    // Coordinate 0 is an item's own quality, which popularity drives.
    internal static ulong[] UnpopularHalf(RowMatrix items)
    {
        int[] order = [.. Enumerable.Range(0, items.RowCount).OrderBy(i => items.Row(i)[0]).Take(items.RowCount / 2)];
        var bitmap = new ulong[(items.RowCount + 63) / 64];
        foreach (int item in order) { bitmap[item / 64] |= 1UL << (item % 64); }
        return bitmap;
    }

    private static void Print(Curve curve)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{curve.Name}: build {curve.BuildSeconds:F2} s"));
        foreach (CurvePoint point in curve.Points) { Console.WriteLine(Text(point)); }
    }

    private static string Text(CurvePoint point) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"  {point.Setting,-40} recall {point.Recall:F4}  {point.Speed,9:F0} per second  {1e6 / point.Speed,8:F1} µs");

    internal static int Whole(Dictionary<string, string> options, string name, int fallback) =>
        options.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;
}
