using System.CommandLine;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Data;
using Facto.Import.Life;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Faiss;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Ivf;
using Facto.Serving;

namespace Facto.Cli.Commands;

/// <summary>`facto index`: builds what finds items fast, measures its recall, and shows what it costs beside the exact scan.</summary>
internal static class IndexCommand
{
    private const int TimedQueries = 200;

    private static VerbCommand Verb() => new(
        "index", "Build an index over a bundle's or other vectors, with its measured recall",
        "facto index --kind graph                                    # the project's bundle: writes a new version with a graph",
        "facto index --items items.npy --users users.npy --kind graph --floor 0.99 --out index/",
        "facto index --items items.fvecs --users users.fvecs --kind ivf --at 10 --json",
        "facto index --items items.npy --users users.npy --kind ivf --code-bytes 16 --out index/   # product codes, for catalogues "
            + "beyond memory");

    public static Command Create()
    {
        VerbCommand command = Verb();
        var bundle = new BundleOptions();
        var items = new Option<string?>("--items") { Description = "Item vectors (.npy, .fvecs or Facto's own) instead of a bundle" };
        var users = new Option<string?>("--users") { Description = "With --items: user vectors, by which recall is measured" };
        var kind = new Option<string>("--kind")
        { Description = "auto, exact, bounded (exact results from codes), graph or ivf", DefaultValueFactory = _ => "auto" };
        var floor = new Option<double>("--floor")
        {
            Description = "Recall that must be reached, also with the popular half filtered out; below it nothing is written",
            DefaultValueFactory = _ => 0.98
        };
        var at = new Option<int>("--at") { Description = "n of the recall@n", DefaultValueFactory = _ => 100 };
        var queries = new Option<int>("--queries") { Description = "User vectors to measure with", DefaultValueFactory = _ => 500 };
        var links = new Option<int?>("--m") { Description = "Graph: links that an item chooses, 4 to 64" };
        var breadth = new Option<int?>("--ef-construction") { Description = "Graph: candidates while an item is linked" };
        var lists = new Option<int?>("--nlist") { Description = "Inverted file: number of lists" };
        var codeBytes = new Option<int>("--code-bytes")
        { Description = "Inverted file: bytes of an item's product code, 1 to 64; 0 keeps a byte per coordinate" };
        var version = new Option<string?>("--version") { Description = "Bundle: name of the new version" };
        var output = new Option<string?>("--out") { Description = "With --items: folder for the files" };
        var faiss = new Option<string?>("--faiss")
        { Description = "With --items and a graph: also an IDMap,HNSW,Flat file for Faiss, row numbers as ids" };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        bundle.AddTo(command);
        Option[] all =
            [items, users, kind, floor, at, queries, links, breadth, lists, codeBytes, version, output, faiss, threads, json, quiet];
        foreach (Option option in all) { command.Options.Add(option); }
        command.SetAction((parsed, cancellation) =>
        {
            int bytes = CodeBytes(parsed.GetValue(codeBytes));
            IndexKind wanted = Known(parsed.GetValue(kind)!);
            Report report = parsed.Report(json, quiet);
            var options = new IndexOptions
            {
                Kind = wanted,
                Floor = parsed.GetValue(floor),
                At = parsed.GetValue(at),
                Queries = parsed.GetValue(queries),
                Graph = new GraphOptions
                {
                    Workers = parsed.GetValue(threads),
                    M = parsed.GetValue(links) ?? new GraphOptions().M,
                    EfConstruction = parsed.GetValue(breadth) ?? new GraphOptions().EfConstruction,
                },
                Ivf = new IvfOptions { Nlist = parsed.GetValue(lists) ?? 0, CodeBytes = bytes },
            };
            if (parsed.GetValue(items) is not { } path)
            {
                if (parsed.GetValue(users) is not null || parsed.GetValue(output) is not null || parsed.GetValue(faiss) is not null)
                {
                    throw new UsageException(
                        "--users, --out and --faiss go with --items; a bundle has users of its own and gets a new version");
                }
                OfBundle(bundle.Path(parsed, report), parsed.GetValue(version), options, report, cancellation);
                return Task.FromResult(FactoProgram.Ok);
            }

            if (parsed.GetValue(version) is not null)
            {
                throw new UsageException("--version names a bundle's new version; with --items give --out FOLDER");
            }
            OfFiles(path, parsed.GetValue(users), parsed.GetValue(output), parsed.GetValue(faiss), options, report, cancellation);
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static int CodeBytes(int given) => given is >= 0 and <= 64
        ? given
        : throw new UsageException($"--code-bytes is {given}; it must be 1 to 64, or 0 for a byte per coordinate");

    private static IndexKind Known(string name) => IndexKinds.IsKnown(new IndexKind(name))
        ? new IndexKind(name)
        : throw new UsageException($"--kind is {name}; choose {string.Join(", ", IndexKinds.Names)}");

    private static void OfFiles(
        string itemFile, string? userFile, string? folder, string? faiss, IndexOptions options, Report report,
        CancellationToken cancellation)
    {
        VectorTable items = VectorReader.Read(itemFile);
        RowMatrix? users = userFile is null ? null : VectorReader.Read(userFile).Vectors;
        long begin = TimeProvider.System.GetTimestamp();
        var progress = new StepProgress(report, "index", "linking");
        IndexSet built = IndexSet.Build(new IndexSource(items.Vectors, users, options, progress, cancellation));
        double seconds = TimeProvider.System.GetElapsedTime(begin).TotalSeconds;
        if (faiss is not null)
        {
            if (built.Approximate is not GraphIndex graph)
            {
                throw new UsageException(
                    $"--faiss writes a graph; this index is of the kind {built.Kind.ToString().ToLowerInvariant()}: add --kind graph");
            }
            FaissExport.FromGraph(graph).Save(faiss);
        }

        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            built.Save(folder);
        }

        Show(built, items.Vectors, users, options.At, seconds, folder, report);
    }

    private static void OfBundle(string path, string? version, IndexOptions options, Report report, CancellationToken cancellation)
    {
        Bundle old = BundleFolder.Open(path);
        if (old.Manifest.Stages is not null)
        {
            throw new FactoException(
                $"bundle {old.Manifest.Version} is a cascade of stages: set retrieval.index in the project and train it anew");
        }
        string folder = Path.GetDirectoryName(Path.GetFullPath(old.Folder))!, project = Path.Combine(old.Folder, "project.json");
        IndexKind kind = options.Resolve(old.ItemVectors.Count, old.ItemVectors.Dimension);
        BundleManifest manifest = old.Manifest with { Version = version ?? $"{old.Manifest.Version}-{kind.ToString().ToLowerInvariant()}" };
        long begin = TimeProvider.System.GetTimestamp();
        Bundle bundle = BundleFolder.Write(
            folder, manifest, old.Model, old.Data, File.Exists(project) ? File.ReadAllText(project) : null, options.Graph.Workers,
            index: options with { Kind = kind }, seen: old.SeenLog, cancel: cancellation);
        double seconds = TimeProvider.System.GetElapsedTime(begin).TotalSeconds;
        Show(bundle.Indexes, bundle.ItemVectors.Vectors, bundle.UserVectors.Vectors, options.At, seconds, bundle.Folder, report);
    }

    private static void Show(IndexSet built, RowMatrix items, RowMatrix? users, int at, double seconds, string? output, Report report)
    {
        var rows = new List<(string Name, double Recall, double Filtered, double Microseconds)>();
        if (users is { RowCount: > 0 } && items.RowCount > 0)
        {
            at = Math.Min(at, items.RowCount);
            if (built.Approximate is { } approximate)
            {
                rows.Add((built.ToString(), built.Recall!.Recall, built.Recall.FilteredRecall, Time(approximate, users, at)));
            }
            if (built.Scan is BoundedIndex) { rows.Add(("bounded scan", 1, 1, Time(built.Scan, users, at))); }
            rows.Add(("exact scan", 1, 1, Time(built.Scan as ExactIndex ?? new ExactIndex(items), users, at)));
        }

        JsonObject result = IndexReport.ToJson(built.Kind, built.Recall);
        if (built.Approximate is IvfIndex inverted) { result["bytes_per_item"] = inverted.BytesPerItem; }
        result["items"] = items.RowCount;
        result["dimension"] = items.ColumnCount;
        result["seconds"] = seconds;
        result["out"] = output;
        result["searches"] = new JsonArray(
            [.. rows.Select(
                r =>
                new JsonObject { ["index"] = r.Name, ["recall"] = r.Recall, ["filtered_recall"] = r.Filtered,
                    ["microseconds"] = r.Microseconds })]);
        report.Json(result);
        report.Say(
            $"{items.RowCount} items of {items.ColumnCount} coordinates: {built}, in {Report.Number(seconds, "0.0")} s with its "
                + $"measurement{(output is null ? string.Empty : $": {output}")}");
        if (built.Recall is { } recall) { report.Say(recall.ToString()); }
        if (rows.Count > 0)
        {
            report.Table(null, ["index", $"recall@{at}", "popular half out", "µs a search"], rows.Select(r => (IReadOnlyList<string>)
                [r.Name, Report.Number(r.Recall), Report.Number(r.Filtered), Report.Number(r.Microseconds, "0")]));
        }
    }

    // One search after another, the second round counts: the first one compiles and warms.
    private static double Time(IItemIndex index, RowMatrix users, int at)
    {
        var best = new Scored[at];
        int count = Math.Min(TimedQueries, users.RowCount);
        double microseconds = 0;
        for (int round = 0; round < 2; round++)
        {
            long begin = TimeProvider.System.GetTimestamp();
            for (int q = 0; q < count; q++) { index.Search(users.Row((int)((long)q * users.RowCount / count)), default, best); }
            microseconds = TimeProvider.System.GetElapsedTime(begin).TotalMicroseconds / count;
        }

        return microseconds;
    }
}
