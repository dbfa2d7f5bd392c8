using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Recall;

namespace Facto.Benchmarks.Retrieval;

/// <summary>
/// facto-bench retrieval [--items 41000,1000000] [--vectors ITEMS.npy USERS.npy] [--peers PYTHON or DRIVER] [--wanted 100]: exact search,
/// one thread, one query at a time and in batches of 256, beside Faiss IndexFlatIP in the same run. Times exclude building and opening,
/// which have their own lines.
/// </summary>
internal static class RetrievalBench
{
    public static int Run(string[] arguments)
    {
        string? python = Value(arguments, "--peers");
        int wanted = int.Parse(Value(arguments, "--wanted") ?? "100", CultureInfo.InvariantCulture);
        int vectors = Array.IndexOf(arguments, "--vectors");
        Console.WriteLine(
            $"one thread, vectors of {LaneWidth.Best} floats, read floor {ReadFloor() / 1e9:F1} GB/s, multiply-add floor "
                + $"{FlopFloor() / 1e9:F0} GFLOP/s");
        if (vectors >= 0) { Measure(Catalogue.Read(arguments[vectors + 1], arguments[vectors + 2]), wanted, python); }
        foreach (string count in (Value(arguments, "--items") ?? (vectors >= 0 ? "" : "41000,1000000"))
            .Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            Measure(Catalogue.Generate(int.Parse(count, CultureInfo.InvariantCulture)), wanted, python);
        }

        return 0;
    }

    private static void Measure(Catalogue catalogue, int wanted, string? python)
    {
        (RowMatrix items, RowMatrix users) = (catalogue.Items, catalogue.Users);
        Console.WriteLine($"\n## {catalogue.Name}: {items.RowCount} x {items.ColumnCount}, {wanted} wanted");
        double bytes = (double)items.RowCount * items.ColumnCount * sizeof(float);
        (double One, double Batch, int[] Ids)? faiss = python is null
            ? null
            : Path.GetFileName(python)
            .StartsWith("python", StringComparison.Ordinal) ? Faiss(catalogue, wanted, python) : FaissDriver(catalogue, wanted, python);
        Console.WriteLine("| index | one at a time, us | x Faiss | batch of 256, us/query | x Faiss | same as exact | note |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        if (faiss is { } f)
        {
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                    $"| Faiss IndexFlatIP | {f.One:F0} | 1 | {f.Batch:F1} | 1 | | {bytes / f.One / 1e3:F1} GB/s, "
                        + $"{bytes / 2 / f.Batch / 1e3:F0} GFLOP/s |"));
        }
        var exact = new ExactIndex(items);
        using var batch = new RowMatrix(Math.Min(256, users.RowCount), users.ColumnCount);
        for (int q = 0; q < batch.RowCount; q++) { users.Row(q).CopyTo(batch.Row(q)); }
        ScoredLists truth = exact.SearchBatch(batch, wanted, workers: 1);
        double one = Median(3, () => One(exact, users, wanted, default, 4_000_000)),
            many = Median(3, () => Time(() => exact.SearchBatch(batch, wanted, workers: 1)) / batch.RowCount);
        string same = faiss is { } g
            ? Same(truth, g.Ids).ToString("F4", CultureInfo.InvariantCulture) + " of Faiss's"
            : "is the definition";
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"| exact float32 | {one:F0} | {faiss?.One / one:F1} | {many:F1} | {faiss?.Batch / many:F1} | "
                    + $"{same} | {bytes / one / 1e3:F1} GB/s, {bytes / 2 / many / 1e3:F0} GFLOP/s |"));
        float[] quality = [.. Enumerable.Range(0, items.RowCount).Select(i => items.Row(i)[0])];
        ulong[] unpopular = RecallMeter.UnpopularHalf(quality);
        double slow = Median(3, () => One(exact, users, wanted, unpopular, 4_000_000));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| exact float32, popular half filtered out | {slow:F0} | | | | | |"));
        Bounded(items, users, batch, truth, faiss, unpopular, slow);
    }

    private static void Bounded(
        RowMatrix items, RowMatrix users, RowMatrix batch, ScoredLists truth, (double One, double Batch, int[] Ids)? faiss,
            ulong[] unpopular, double slow)
    {
        int wanted = truth.Capacity;
        BoundedIndex? bounded = null;
        double build = Time(() => bounded = BoundedIndex.Build(items, users, workers: 1));
        var best = new Scored[wanted];
        double panels = 0, rows = 0;
        int same = 0;
        for (int q = 0; q < batch.RowCount; q++)
        {
            int found = bounded!.Search(batch.Row(q), default, best, out ScanEffort effort);
            panels += (double)effort.Panels / batch.RowCount;
            rows += (double)effort.Rows / batch.RowCount;
            same += truth[q].SequenceEqual(best.AsSpan(0, found)) ? 1 : 0;
        }

        const string name = "bounded int8";
        double fast = Median(3, () => One(bounded!, users, wanted, default, 40_000_000)),
            filtered = Median(3, () => One(bounded!, users, wanted, unpopular, 10_000_000));
        double bytes = panels * CodePanels.PanelBytes(items.ColumnCount);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {fast:F0} | {faiss?.One / fast:F1} | {fast:F1} (one by one) | {faiss?.Batch / fast:F1} | "
                    + $"{(double)same / batch.RowCount:F4} bit for bit | {panels * 64 / items.RowCount:P1} of the items read as codes "
                        + $"({bytes / fast / 1e3:F1} GB/s), {rows:F0} in float32; built in {build / 1e6:F1} s |"));
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"| {name}, popular half filtered out | {filtered:F0} | {slow / filtered:F1} x the exact scan | | | | |"));
        Open(bounded!, users, wanted);
    }

    private static void Open(BoundedIndex index, RowMatrix users, int wanted)
    {
        string path = Path.Combine(Path.GetTempPath(), $"facto-bench-{Environment.ProcessId}.index");
        try
        {
            ScanFile.Save(index, path);
            IItemIndex? opened = null;
            double open = Time(() => opened = ScanFile.Open(path, verify: false));
            double first = Time(() => opened!.Search(users.Row(0), default, new Scored[wanted]));
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                    $"\nfile of {new FileInfo(path).Length / 1e6:F0} MB: opened in {open / 1e3:F2} ms, first query answered after "
                        + $"{first / 1e3:F2} ms more (mapped, file in the page cache)"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static (double One, double Batch, int[] Ids) Faiss(Catalogue catalogue, int wanted, string python)
    {
        string folder = Directory.CreateTempSubdirectory("facto-bench-").FullName;
        try
        {
            string items = Path.Combine(folder, "items.npy"), users = Path.Combine(folder, "users.npy"),
                ids = Path.Combine(folder, "ids.bin");
            Catalogue.WriteNpy(items, catalogue.Items);
            Catalogue.WriteNpy(users, catalogue.Users);
            string script = Path.Combine(AppContext.BaseDirectory, "peers", "faiss_flat.py");
            using Process process = Process.Start(
                new ProcessStartInfo(
                    python, [script, items, users, wanted.ToString(CultureInfo.InvariantCulture), ids])
                { RedirectStandardOutput = true })!;
            string[] words = process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.TrimEntries);
            process.WaitForExit();
            if (process.ExitCode != 0 || words.Length != 4)
            {
                throw new FactoException($"{python} {script} failed; install Faiss for that Python (Debian: python3-faiss)");
            }
            Console.WriteLine($"Faiss {words[0]}, {words[1]}");
            return (double.Parse(words[2], CultureInfo.InvariantCulture), double.Parse(words[3], CultureInfo.InvariantCulture),
                MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(ids)).ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A program of one's own around a Faiss built for this machine: DRIVER flat ITEMS.npy USERS.npy TRUTH.npy N THREADS bs=1,256 blas=20,
    // one line per batch size: 0, size, recall, queries per second.
    private static (double One, double Batch, int[] Ids) FaissDriver(Catalogue catalogue, int wanted, string driver)
    {
        string folder = Directory.CreateTempSubdirectory("facto-bench-").FullName;
        try
        {
            string items = Path.Combine(folder, "items.npy"), users = Path.Combine(folder, "users.npy"),
                truth = Path.Combine(folder, "truth.npy");
            RowMatrix some = catalogue.Users.Resized(Math.Min(256, catalogue.Users.RowCount));
            NpyFile.Write(items, catalogue.Items);
            NpyFile.Write(users, some);
            ScoredLists lists = new ExactIndex(catalogue.Items).SearchBatch(some, wanted);
            int[] ids = [.. Enumerable.Range(0, lists.Count).SelectMany(q => lists[q].ToArray()).Select(s => s.Index)];
            NpyFile.Write(truth, ids, lists.Count, wanted);
            using Process process = Process.Start(
                new ProcessStartInfo(
                    driver,
                    ["flat", items, users, truth, $"{wanted}", "1", "bs=1,256", "blas=20", "reps=3"])
                { RedirectStandardOutput = true })!;
            var microseconds = new Dictionary<string, double>();
            while (process.StandardOutput.ReadLine() is { } line)
            {
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (words.Length > 4 && words[0] == "0")
                {
                    microseconds[words[1]] = 1e6 / double.Parse(words[3], CultureInfo.InvariantCulture);
                    if (words[2] != "1.0000") { ids = []; }
                }
                else if (words is ["faiss", ..]) { Console.WriteLine(line); }
            }

            process.WaitForExit();
            return (microseconds["1"], microseconds["256"], ids);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Share of Faiss's neighbours that we return as well.
    private static double Same(ScoredLists ours, int[] theirs)
    {
        int wanted = theirs.Length / ours.Count;
        int hits = 0;
        for (int q = 0; q < ours.Count; q++)
        {
            var set = new HashSet<int>(theirs[(q * wanted)..((q + 1) * wanted)]);
            foreach (Scored s in ours[q]) { hits += set.Contains(s.Index) ? 1 : 0; }
        }

        return (double)hits / theirs.Length;
    }

    // Microseconds per query; as many queries as read about so many items.
    private static double One(IItemIndex index, RowMatrix users, int wanted, ulong[]? allowed, int items)
    {
        int queries = Math.Clamp(items / index.Count, 10, users.RowCount);
        var best = new Scored[wanted];
        return Time(() =>
        {
            for (int q = 0; q < queries; q++) { index.Search(users.Row(q), new ItemFilter { Allowed = allowed }, best); }
        }) / queries;
    }

    private static double Time(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static double Median(int repeats, Func<double> run) =>
        Enumerable.Range(0, repeats).Select(_ => run()).Order().ElementAt(repeats / 2);

    // Bytes per second of one thread that only adds up what it reads.
    private static double ReadFloor()
    {
        using var block = new NativeBlock<float>(64 << 20);
        block.Span.Fill(1);
        double sum = 0;
        double seconds = Median(5, () => Time(() => sum += Sum(block))) / 1e6;
        return sum > 0 ? block.Length * sizeof(float) / seconds : 0;
    }

    private static unsafe double Sum(NativeBlock<float> block)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        float* x = block.Pointer;
        for (float* end = x + block.Length; x < end; x += 64)
        {
            a += Vector512.Load(x);
            b += Vector512.Load(x + 16);
            c += Vector512.Load(x + 32);
            d += Vector512.Load(x + 48);
        }

        return Vector512.Sum(a + b + c + d);
    }

    // Operations per second of one thread that only multiplies and adds in registers.
    private static double FlopFloor()
    {
        const int rounds = 20_000_000;
        float kept = 0;
        double seconds = Median(3, () => Time(() => kept += MulAdds(rounds))) / 1e6;
        return float.IsNaN(kept) ? 0 : rounds * 8.0 * 2 * Vector512<float>.Count / seconds;
    }

    private static float MulAdds(int rounds)
    {
        Vector512<float> x = Vector512.Create(0.5f), y = Vector512.Create(0.25f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x;
        for (int i = 0; i < rounds; i++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h);
    }

    private static string? Value(string[] arguments, string name)
    {
        int place = Array.IndexOf(arguments, name);
        return place >= 0 && place + 1 < arguments.Length ? arguments[place + 1] : null;
    }
}
