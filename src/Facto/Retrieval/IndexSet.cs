using Facto.Numerics;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Recall;

namespace Facto.Retrieval;

/// <summary>
/// The indexes of one catalogue: an exact scan and, when asked for or when the catalogue is large, an approximate index with the recall
/// that it was measured to reach. Building fails below the requested recall.
/// </summary>
internal sealed class IndexSet
{
    private const string ScanFileName = "scan.facto";

    private IndexSet(IndexKind kind, IItemIndex scan, IApproximateIndex? approximate = null, RecallCertificate? recall = null)
    {
        Kind = kind;
        Scan = scan;
        Approximate = approximate;
        Recall = recall;
        Planned = new PlannedIndex(scan, approximate, kind.Name, recall is { FilteredByScan: true });
    }

    /// <summary>What was built; never <see cref="IndexKind.Auto"/>.</summary>
    public IndexKind Kind { get; }

    /// <summary>The exact scan.</summary>
    public IItemIndex Scan { get; }

    /// <summary>The graph, the inverted file or whatever kind was registered; null for the exact kinds.</summary>
    public IApproximateIndex? Approximate { get; }

    /// <summary>What <see cref="Approximate"/> was measured to find; null for the exact kinds.</summary>
    public RecallCertificate? Recall { get; }

    /// <summary>All of them as one, which chooses for each request.</summary>
    public PlannedIndex Planned { get; }

    /// <summary>Builds the indexes and measures the recall. The effort of an approximate index is raised until the floor is reached for
    /// everything; when it is not reached with the popular half filtered out, requests with a bitmap go to the exact scan.</summary>
    /// <param name="source">Items and options; real user vectors shape the index and measure the recall. Without users the exact kinds will
    /// do.</param>
    /// <param name="popularity">How popular each item is, in any unit; empty takes the first coordinate, an item's own bias.</param>
    /// <exception cref="FactoException">An option or a vector is unusable, users are missing, or the recall floor cannot be
    /// reached.</exception>
    public static IndexSet Build(IndexSource source, ReadOnlySpan<float> popularity = default)
    {
        IndexOptions options = source.Options;
        RowMatrix items = source.Items;
        options.Validate();
        RequireFitting(source, popularity.Length);
        IndexKind kind = options.Resolve(items.RowCount, items.ColumnCount);
        if (kind == IndexKind.Exact) { return new IndexSet(IndexKind.Exact, new ExactIndex(items)); }
        var scan = BoundedIndex.Build(items, source.Users, options.Graph.Workers, source.Cancel);
        if (kind == IndexKind.Bounded || items.RowCount == 0) { return new IndexSet(IndexKind.Bounded, scan); }
        if (source.Users is not { RowCount: > 0 } users)
        {
            throw new FactoException(
                $"an index of the kind {kind} is measured with real user vectors and there are none; give user vectors, or choose the "
                    + $"kind exact or bounded");
        }

        float[] popular = popularity.IsEmpty ? Biases(items) : popularity.ToArray();
        IApproximateIndex built = IndexKinds.Find(kind).Build(source)
            ?? throw new FactoException($"the build of the index kind {kind} gave no index: it must return one");
        RequireSame(built, items, $"the index of the kind {kind}");
        var questions =
            new RecallQuestions(scan, Spread(users, options.Queries), popular, Math.Min(options.At, items.RowCount), source.Cancel);
        for (int level = 0; built.TrySetEffort(level) && questions.Recall(built, source.Cancel) < options.Floor; level++) { }
        RecallCertificate recall = questions.Certify(built, options.Floor, source.Cancel);
        if (recall.Recall >= recall.Floor && !recall.Holds)
        {
            recall = recall with { FilteredRecall = 1, WorstFilteredRecall = 1, FilteredByScan = true };
        }
        recall.Require();
        GC.KeepAlive(source);
        return new IndexSet(kind, scan, built, recall);
    }

    /// <summary>
    /// Writes the files of the set into a folder, each whole or not at all. The exact kind has none: it is made from the vectors.
    /// </summary>
    public void Save(string folder)
    {
        (Scan as BoundedIndex)?.Save(Path.Combine(folder, ScanFileName), null);
        Approximate?.Save(Path.Combine(folder, IndexKinds.Find(Kind).FileName), Recall);
    }

    /// <summary>Maps what <see cref="Save"/> wrote.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="kind">The kind that was built.</param>
    /// <param name="items">The vectors, for the exact kind.</param>
    /// <exception cref="FactoException">The kind is not known here.</exception>
    /// <exception cref="FileNotFoundException">A file of the set is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or holds other items.</exception>
    public static IndexSet Open(string folder, IndexKind kind, RowMatrix items)
    {
        if (kind == IndexKind.Exact || kind == IndexKind.Auto) { return new IndexSet(IndexKind.Exact, new ExactIndex(items)); }
        IItemIndex scan = ScanFile.Open(Path.Combine(folder, ScanFileName));
        RequireSame(scan, items, Path.Combine(folder, ScanFileName));
        if (kind == IndexKind.Bounded) { return new IndexSet(kind, scan); }
        RegisteredKind registered = IndexKinds.Find(kind);
        string path = Path.Combine(folder, registered.FileName);
        IApproximateIndex other = registered.Open(path);
        RequireSame(other, items, path);
        return new IndexSet(kind, scan, other, other.Recall);
    }

    /// <summary>What it is in one line.</summary>
    public override string ToString() => Approximate?.ToString()
        ?? (Kind == IndexKind.Exact ? "exact scan" : "bounded scan (exact results)");

    private static void RequireFitting(IndexSource source, int popularities)
    {
        (RowMatrix items, RowMatrix? users) = (source.Items, source.Users);
        if (users is not null && users.ColumnCount != items.ColumnCount)
        {
            throw new FactoException(
                $"users have {users.ColumnCount} coordinates, items {items.ColumnCount}; export both from one model with one recipe");
        }

        if (popularities > 0 && popularities != items.RowCount)
        {
            throw new FactoException($"there are {items.RowCount} items and {popularities} popularities");
        }
        SearchArguments.RequireFinite(items, "item");
        if (users is not null) { SearchArguments.RequireFinite(users, "user"); }
    }

    private static void RequireSame(IItemIndex index, RowMatrix items, string what)
    {
        if (index.Count == items.RowCount && index.Dimension == items.ColumnCount) { return; }
        throw new InvalidDataException(
            $"{what}: an index of {index.Count} × {index.Dimension} does not belong to {items.RowCount} items of {items.ColumnCount} "
                + $"coordinates");
    }

    private static RowMatrix Spread(RowMatrix users, int count)
    {
        int taken = Math.Min(count, users.RowCount);
        var queries = new RowMatrix(taken, users.ColumnCount);
        for (int i = 0; i < taken; i++) { users.Row((int)((long)i * users.RowCount / taken)).CopyTo(queries.Row(i)); }
        return queries;
    }

    private static float[] Biases(RowMatrix items)
    {
        var biases = new float[items.RowCount];
        for (int i = 0; i < biases.Length; i++) { biases[i] = items.Row(i)[0]; }
        return biases;
    }
}
