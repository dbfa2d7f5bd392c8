using System.Globalization;
using Facto.Numerics;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Ivf;

namespace Facto.Retrieval;

/// <summary>
/// The indexes of one catalogue: an exact scan and, when asked for or when the catalogue is large, a graph or an inverted file with the recall that it was
/// measured to reach. Building fails below the requested recall.
/// </summary>
public sealed class IndexSet
{
    /// <summary>Names of the files that <see cref="Save"/> may write.</summary>
    internal const string ScanFileName = "scan.facto", GraphFileName = "graph.facto", ListsFileName = "lists.facto";

    private IndexSet(IndexKind kind, IItemIndex scan, IItemIndex? approximate, RecallCertificate? recall)
    {
        Kind = kind;
        Scan = scan;
        Approximate = approximate;
        Recall = recall;
        Planned = new PlannedIndex(scan, approximate as GraphIndex, approximate as IvfIndex, Costs(approximate, recall));
    }

    /// <summary>What was built; never <see cref="IndexKind.Auto"/>.</summary>
    public IndexKind Kind { get; }

    /// <summary>The exact scan.</summary>
    public IItemIndex Scan { get; }

    /// <summary>The graph or the inverted file, or null.</summary>
    public IItemIndex? Approximate { get; }

    /// <summary>What <see cref="Approximate"/> was measured to find; null for the exact kinds.</summary>
    public RecallCertificate? Recall { get; }

    /// <summary>All of them as one, which chooses for each request.</summary>
    public PlannedIndex Planned { get; }

    /// <summary>Builds the indexes and measures the recall. A graph's effort and an inverted file's probes are raised until the floor is
    /// reached for everything; when it is not reached with the popular half filtered out, requests with a bitmap go to the exact scan.</summary>
    /// <param name="items">Item vectors.</param>
    /// <param name="users">Real user vectors: they shape the space of a graph or lists and measure the recall. Null will do for the exact kinds.</param>
    /// <param name="popularity">How popular each item is, in any unit; empty takes the first coordinate, an item's own quality.</param>
    /// <param name="options">What to build; null for the defaults.</param>
    /// <param name="progress">Told the finished share of a graph, 0 to 1.</param>
    /// <param name="cancel">Stops the build.</param>
    /// <exception cref="FactoException">An option or a vector is unusable, users are missing, or the recall floor cannot be reached.</exception>
    public static IndexSet Build(
        RowMatrix items, RowMatrix? users, ReadOnlySpan<float> popularity, IndexOptions? options = null, IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        options ??= new IndexOptions();
        options.Validate();
        if (users is not null && users.ColumnCount != items.ColumnCount)
        {
            throw new FactoException($"users have {users.ColumnCount} coordinates, items {items.ColumnCount}; export both from one model with one recipe");
        }

        if (!popularity.IsEmpty && popularity.Length != items.RowCount) { throw new FactoException($"there are {items.RowCount} items and {popularity.Length} popularities"); }
        IndexKind kind = options.Resolve(items.RowCount, items.ColumnCount);
        if (kind == IndexKind.Exact) { return new IndexSet(kind, new ExactIndex(items), null, null); }
        var scan = BoundedIndex.Build(items, users, options.Graph.Workers, cancel: cancel);
        if (kind == IndexKind.Bounded || items.RowCount == 0) { return new IndexSet(IndexKind.Bounded, scan, null, null); }
        if (users is not { RowCount: > 0 }) { throw new FactoException("a graph or an inverted file is measured with real user vectors and there are none; give user vectors, or choose the kind exact or bounded"); }
        RowMatrix queries = Spread(users, options.Queries);
        float[] popular = popularity.IsEmpty ? Leads(items) : popularity.ToArray();
        IItemIndex built = kind == IndexKind.Graph ? GraphIndex.Build(items, users, options.Graph, progress, cancel) : IvfIndex.Build(items, users, options.Lists, cancel);
        var questions = new RecallQuestions(scan, queries, popular, Math.Min(options.At, items.RowCount), cancel);
        Raise(built, options, questions, cancel);
        RecallCertificate recall = questions.Certify(built, options.Floor, cancel);
        if (recall.Recall >= recall.Floor && !recall.Holds) { recall = recall with { FilteredRecall = 1, WorstFilteredRecall = 1, FilteredByScan = true }; }
        recall.Require();
        return new IndexSet(kind, scan, built, recall);
    }

    /// <summary>Writes the files of the set into a folder, each whole or not at all. The exact kind has none: it is made from the vectors.</summary>
    public void Save(string folder)
    {
        if (Scan is BoundedIndex scan) { IndexFile.Save(scan, Path.Combine(folder, ScanFileName)); }
        if (Approximate is GraphIndex graph) { GraphFile.Save(graph, Path.Combine(folder, GraphFileName), Recall!); }
        if (Approximate is IvfIndex lists) { IvfFile.Save(lists, Path.Combine(folder, ListsFileName), Recall!); }
    }

    /// <summary>Maps what <see cref="Save"/> wrote.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="kind">The kind that was built.</param>
    /// <param name="items">The vectors, for the exact kind.</param>
    /// <exception cref="FileNotFoundException">A file of the set is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or holds other items.</exception>
    public static IndexSet Open(string folder, IndexKind kind, RowMatrix items)
    {
        if (kind is IndexKind.Exact or IndexKind.Auto) { return new IndexSet(IndexKind.Exact, new ExactIndex(items), null, null); }
        string path = Path.Combine(folder, kind == IndexKind.Graph ? GraphFileName : ListsFileName);
        IItemIndex scan = IndexFile.Open(Path.Combine(folder, ScanFileName));
        IItemIndex? other = kind switch { IndexKind.Graph => GraphFile.Open(path), IndexKind.Ivf => IvfFile.Open(path), _ => null };
        foreach (IItemIndex index in new[] { scan, other ?? scan })
        {
            if (index.Count != items.RowCount || index.Dimension != items.ColumnCount)
            {
                throw new InvalidDataException($"{folder}: an index of {index.Count} × {index.Dimension} does not belong to {items.RowCount} items of {items.ColumnCount} coordinates");
            }
        }

        return new IndexSet(kind, scan, other, other is null ? null : IndexFile.ReadRecall(path));
    }

    /// <summary>What it is in one line.</summary>
    public override string ToString() => Approximate switch
    {
        GraphIndex graph => string.Create(CultureInfo.InvariantCulture, $"graph, breadth {graph.Effort.Breadth}, head {graph.Effort.Head}"),
        IvfIndex lists => string.Create(CultureInfo.InvariantCulture, $"inverted file, {lists.ListCount} lists, {lists.Probes} probes, {lists.BytesPerItem} bytes an item in memory"),
        _ => Kind == IndexKind.Exact ? "exact scan" : "bounded scan (exact results)",
    };

    // The least effort that reaches the floor, or the most there is.
    private static void Raise(IItemIndex index, IndexOptions options, RecallQuestions questions, CancellationToken cancel)
    {
        if (index is GraphIndex graph)
        {
            EffortLadder.Climb(graph, options.Graph.Effort, options.Floor, questions, cancel);
        }
        else if (index is IvfIndex lists)
        {
            int mostProbes = Math.Min(IvfOptions.MostProbes, lists.ListCount);
            while ((lists.Probes < mostProbes || (lists.CodeBytes > 0 && lists.Rescored < IvfOptions.MostRescored)) && questions.Recall(lists, cancel) < options.Floor)
            {
                lists.Probes = Math.Min(Math.Max(mostProbes, lists.Probes), 2 * lists.Probes);
                lists.Rescored = Math.Min(IvfOptions.MostRescored, 2 * lists.Rescored);
            }
        }
    }

    private static PlannerOptions Costs(IItemIndex? approximate, RecallCertificate? recall) => approximate switch
    {
        GraphIndex graph => new PlannerOptions { GraphBreadth = (int)EffortLadder.Cost(graph.Effort), ScansFiltered = recall is { FilteredByScan: true } },
        IvfIndex lists => new PlannerOptions { ListShare = Math.Min(1, (double)lists.Probes / lists.ListCount), ScansFiltered = recall is { FilteredByScan: true } },
        _ => new PlannerOptions(),
    };

    private static RowMatrix Spread(RowMatrix users, int count)
    {
        int taken = Math.Min(count, users.RowCount);
        var queries = new RowMatrix(taken, users.ColumnCount);
        for (int i = 0; i < taken; i++) { users.Row((int)((long)i * users.RowCount / taken)).CopyTo(queries.Row(i)); }
        return queries;
    }

    private static float[] Leads(RowMatrix items)
    {
        var leads = new float[items.RowCount];
        for (int i = 0; i < leads.Length; i++) { leads[i] = items.Row(i)[0]; }
        return leads;
    }
}
