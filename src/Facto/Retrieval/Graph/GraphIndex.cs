using System.Globalization;
using Facto.Numerics;
using Facto.Retrieval.Approximate;
using Facto.Retrieval.Recall;

namespace Facto.Retrieval.Graph;

/// <summary>
/// A graph index for inner products of very uneven norm (after HNSW, Malkov and Yashunin 2018, with one layer: the items with the highest
/// promise take the place of the upper ones and are scored outright). The graph is built by how alike users score two items
/// (<see cref="ItemSpace"/>), followed by the query's own score on int8 codes, and the best are scored again in float32: returned scores
/// are exact. Items may be put and deleted while searches run; searches never wait.
/// </summary>
internal sealed unsafe partial class GraphIndex : IApproximateIndex
{
    private readonly ItemSpace _space;
    private readonly GraphOptions _options;
    private readonly ScratchPool _scratch = new();
    private CodedItems _graph;
    private EffortBox _effort;
    private SearchEffort[]? _levels;

    internal GraphIndex(CodedItems graph, ItemSpace space, GraphOptions options, int count)
    {
        _graph = graph;
        _space = space;
        _options = options;
        _effort = new EffortBox(options.Effort ?? new SearchEffort(160, 2048));
        _live = count;
    }

    /// <summary>Number of live items.</summary>
    public int Count => Volatile.Read(ref _live);

    /// <summary>One more than the highest item row; filters are bitmaps over that many rows.</summary>
    public int RowLimit => Volatile.Read(ref _graph).RowLimit;

    /// <inheritdoc/>
    public int Dimension => _space.Dimension;

    /// <summary>What a search may spend; may be changed at any time.</summary>
    /// <exception cref="FactoException">A value is out of its range.</exception>
    public SearchEffort Effort
    {
        get => Volatile.Read(ref _effort).Value;
        set
        {
            value.Validate();
            Volatile.Write(ref _effort, new EffortBox(value));
        }
    }

    /// <inheritdoc/>
    public RecallCertificate? Recall { get; init; }

    /// <inheritdoc/>
    public bool TrySetEffort(int level)
    {
        SearchEffort[] levels = _levels ??= [.. EffortLadder.Rungs(Count, _options.Effort)];
        if ((uint)level >= (uint)levels.Length) { return false; }
        Effort = levels[level];
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>A search meets about twelve vectors for each that it keeps: its links, divided by how often it meets one again. With a
    /// filter it walks on until it has met enough.</remarks>
    public double SearchCost(int wanted, double admitted) => Math.Max((int)EffortLadder.Cost(Effort), wanted) * 12.0 / admitted;

    /// <inheritdoc/>
    public void Save(string path, RecallCertificate? recall) => GraphFile.Save(this, path, recall);

    /// <inheritdoc/>
    public void Save(string path) => Save(path, Recall);

    /// <summary>What it is in one line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"graph, efSearch {Effort.EfSearch}, head {Effort.Head}");

    /// <summary>Builds a graph over the rows of <paramref name="items"/>.</summary>
    /// <param name="items">Item vectors; coordinate 0 is the item's bias when they come from a factorization machine.</param>
    /// <param name="users">Real user vectors, of the same length; a few thousand shape the space. Null when there are none.</param>
    /// <param name="options">How to build; null for the defaults.</param>
    /// <param name="progress">Told the finished share, 0 to 1.</param>
    /// <param name="cancel">Stops the build.</param>
    /// <exception cref="FactoException">An option, an item or a user is unusable.</exception>
    public static GraphIndex Build(
        RowMatrix items, RowMatrix? users = null, GraphOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancel = default)
    {
        options ??= new GraphOptions();
        options.Validate();
        if (items.ColumnCount < 1) { throw new FactoException("items have no coordinates; export vectors of at least one"); }
        if (users is not null && users.ColumnCount != items.ColumnCount)
        {
            throw new FactoException($"users have {users.ColumnCount} coordinates, items {items.ColumnCount}; export both from one model");
        }

        SearchArguments.RequireFinite(items, "item");
        if (users is not null) { SearchArguments.RequireFinite(users, "user"); }
        ItemSpace space = ItemSpace.Measure(items, users);
        CodedItems graph = GraphBuilder.Build(items, space, options, progress, cancel);
        GC.KeepAlive(users);
        return new GraphIndex(graph, space, options, items.RowCount);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The query has another length than <see cref="Dimension"/>.</exception>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
    {
        SearchArguments.CheckQuery(Dimension, query);
        CodedItems graph = Volatile.Read(ref _graph);
        if (best.IsEmpty || graph.Count == 0) { return 0; }
        SearchEffort effort = Volatile.Read(ref _effort).Value;
        SearchScratch scratch = _scratch.Rent();
        int breadth = Math.Max(effort.EfSearch, best.Length + CodedSearch.Spare(best.Length));
        scratch.Begin(graph, breadth);
        QueryScore score = CodedSearch.Prepare(graph, _space, scratch, query);
        int found;
        if (filter.IsEmpty && graph.DeadCount == 0)
        {
            found = SearchOpen(graph, scratch, score, effort, breadth, best);
        }
        else
        {
            foreach (int row in filter.Denied) { CodedSearch.Bar(graph, scratch, row, true); }
            found = SearchFiltered(graph, scratch, score, effort, filter, breadth, best);
            foreach (int row in filter.Denied) { CodedSearch.Bar(graph, scratch, row, false); }
        }

        _scratch.Return(scratch);
        GC.KeepAlive(graph);
        return found;
    }

    private static int SearchOpen(
        CodedItems graph, SearchScratch scratch, QueryScore score, SearchEffort effort, int breadth, Span<Scored> best)
    {
        int first = Math.Min(effort.Head, graph.Built);
        CodeScoring.ScoreRun(graph, scratch, 0, first, score, default(OpenAdmission));
        scratch.VisitFirst(first);
        EnterNewest(graph, scratch, score, default(OpenAdmission));
        BeamSearch.Run(graph, scratch, score, default(OpenAdmission), effort.EfSearch);
        int found = CodedSearch.Rescore(graph, scratch, best);
        if (found == best.Length || found == graph.Count) { return found; }

        // No link leads to some item of a catalogue hardly larger than the list: look at all of them.
        scratch.Begin(graph, breadth);
        CodeScoring.ScoreRun(graph, scratch, 0, graph.Count, score, default(OpenAdmission));
        return CodedSearch.Rescore(graph, scratch, best);
    }

    // Slots appended since the last compaction are not in the head's order: those that promise much stand beside it, and some of the
    // others.
    private static void EnterNewest<TAdmission>(CodedItems graph, SearchScratch scratch, QueryScore score, TAdmission admission)
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int risen = graph.RisenCount, found = 0;
        for (int i = 0; i < risen; i++)
        {
            int slot = graph.Risen.Pointer[i];
            if (!admission.Admits(slot) || scratch.Visit(slot) == 0) { continue; }
            scratch.Slots[found++] = slot;
            if (found < SearchScratch.Batch) { continue; }
            CodeScoring.ScoreGathered(graph, scratch, found, score);
            found = 0;
        }

        int first = graph.Built, count = graph.Count - first, sampled = Math.Min(count, 256);
        for (int i = 0; i < sampled; i++)
        {
            int slot = first + (int)((long)i * count / sampled);
            if (admission.Admits(slot) && scratch.Visit(slot) == 1) { scratch.Slots[found++] = slot; }
        }

        CodeScoring.ScoreGathered(graph, scratch, found, score);
    }

    // A reference, so that a change is seen whole.
    private sealed record EffortBox(SearchEffort Value);
}
