using System.Diagnostics;
using System.Globalization;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Graph;

namespace Facto.Benchmarks.Retrieval;

/// <summary>
/// hnsw-storm [items=50000] [operations=1000000] [n=100]: puts (two thirds) and deletes of random items on one thread while another
/// searches without a pause; then recall beside that of a fresh build over the items that are left.
/// </summary>
internal static class StormBench
{
    public static int Run(string[] arguments)
    {
        var options = arguments.Select(a => a.Split('=', 2)).ToDictionary(p => p[0], p => int.Parse(p[1], CultureInfo.InvariantCulture));
        int count = options.GetValueOrDefault("items", 50_000), operations = options.GetValueOrDefault("operations", 1_000_000),
            n = options.GetValueOrDefault("n", 100);
        RowMatrix items = FmVectors.Items(count, 1), users = FmVectors.Users(1200, 1), queries = users.Resized(200);
        var settings = new GraphOptions { Effort = new SearchEffort(150, 2048) };
        var index = GraphIndex.Build(items.Resized(count / 2), users, settings);
        var deletedAt = new long[count];   // number of the operation that deleted the item, 0 while it lives
        for (int item = count / 2; item < count; item++) { deletedAt[item] = 1; }
        long done = 1;
        bool stop = false;
        long searches = 0, wrong = 0;
        var clock = Stopwatch.StartNew();
        var reader = new Thread(() =>
        {
            var best = new Scored[n];
            while (!Volatile.Read(ref stop))
            {
                long begun = Volatile.Read(ref done);
                int found = index.Search(users.Row((int)(searches % users.RowCount)), default, best);
                foreach (Scored s in best.AsSpan(0, found))
                {
                    long at = Volatile.Read(ref deletedAt[s.Index]);
                    if (at > 0 && at < begun) { wrong++; }
                }

                searches++;
            }
        });
        reader.Start();
        Storm(index, items, operations, deletedAt, ref done);
        double seconds = clock.Elapsed.TotalSeconds;
        Volatile.Write(ref stop, true);
        reader.Join();
        Report(index, items, users, queries, settings, deletedAt, n, string.Create(
            CultureInfo.InvariantCulture,
                $"{operations} operations in {seconds:F1} s ({operations / seconds:F0} per second), {searches} searches meanwhile "
                    + $"({searches / seconds:F0} per second), deleted items returned: {wrong}"));
        return wrong == 0 ? 0 : 1;
    }

    private static void Storm(GraphIndex index, RowMatrix items, int operations, long[] deletedAt, ref long done)
    {
        var random = new SeededRandom(9);
        for (int i = 0; i < operations; i++)
        {
            int item = random.NextInt(items.RowCount);
            long number = done + 1;
            if (random.NextInt(3) == 0)
            {
                if (index.Delete(item)) { Volatile.Write(ref deletedAt[item], number); }
            }
            else
            {
                Volatile.Write(ref deletedAt[item], 0);
                index.Put(item, items.Row(item));
            }

            Volatile.Write(ref done, number);
        }
    }

    private static void Report(
        GraphIndex index, RowMatrix items, RowMatrix users, RowMatrix queries, GraphOptions settings, long[] deletedAt, int n, string what)
    {
        int[] live = [.. Enumerable.Range(0, items.RowCount).Where(i => deletedAt[i] == 0)];
        var left = new RowMatrix(live.Length, items.ColumnCount);
        for (int i = 0; i < live.Length; i++) { items.Row(live[i]).CopyTo(left.Row(i)); }
        ScoredLists truth = new ExactIndex(left).SearchBatch(queries, n);
        var fresh = GraphIndex.Build(left, users, settings);
        double stormed = Recall(index, queries, truth, n, i => live[i]), built = Recall(fresh, queries, truth, n, i => i);
        index.Compact();
        double compacted = Recall(index, queries, truth, n, i => live[i]);
        Console.WriteLine(what);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{live.Length} items left; recall@{n}: after the storm {stormed:F4}, compacted {compacted:F4}, fresh build {built:F4}"));
    }

    private static double Recall(GraphIndex index, RowMatrix queries, ScoredLists truth, int n, Func<int, int> row)
    {
        var best = new Scored[n];
        int hits = 0, possible = 0;
        for (int q = 0; q < queries.RowCount; q++)
        {
            int found = index.Search(queries.Row(q), default, best);
            var wanted = new HashSet<int>();
            foreach (Scored s in truth[q]) { wanted.Add(row(s.Index)); }
            foreach (Scored s in best.AsSpan(0, found)) { hits += wanted.Contains(s.Index) ? 1 : 0; }
            possible += wanted.Count;
        }

        return (double)hits / possible;
    }
}
