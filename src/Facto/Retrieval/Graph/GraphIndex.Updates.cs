using Facto.Retrieval.Approximate;

namespace Facto.Retrieval.Graph;

/// <content>
/// Puts and deletes. One writer at a time; searches read the graph they began with. Deleting sets a bit; replacing buries the old slot
/// before the new one is linked, so that no search sees both. When a graph is full, or a share of it dead, a new one takes its place.
/// </content>
internal sealed unsafe partial class GraphIndex
{
    // Updates per item after which a compaction links everything anew instead of mending: on its own, and when asked for.
    private const double RelinkShare = 1, ThoroughShare = 0.1;

    private readonly Lock _writing = new();
    private GraphWriter? _writer;
    private CodedItems? _writerGraph;
    private float[]? _rho;
    private int _live;
    private long _updates;   // since all links were made

    /// <summary>Adds an item or replaces its vector; searches that begin after the return find it.</summary>
    /// <param name="row">Item row, ≥ 0; rows above <see cref="RowLimit"/> extend the index.</param>
    /// <param name="vector"><see cref="Dimension"/> finite floats.</param>
    /// <exception cref="ArgumentException">The vector has another length or holds a value that is no finite number.</exception>
    public void Put(int row, ReadOnlySpan<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        if (vector.Length != Dimension)
        {
            throw new ArgumentException($"the vector has {vector.Length} coordinates, the index {Dimension}", nameof(vector));
        }
        foreach (float value in vector)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException(
                    $"the vector of item row {row} holds {value}; every coordinate must be a finite number", nameof(vector));
            }
        }

        lock (_writing)
        {
            CodedItems graph = MakeRoom(row);
            int slot = graph.Count, old = graph.SlotOf(row);
            graph.Store(_space, slot, row, vector, _rho ??= new float[_space.RestDimension]);
            if (old >= 0) { graph.Bury(old); }
            else { Volatile.Write(ref _live, _live + 1); }
            Volatile.Write(ref graph.Slots.Pointer[row], slot);
            graph.Count = slot + 1;
            graph.NoteRisen(slot);
            if (_writerGraph != graph)
            {
                _writer = new GraphWriter(graph, _options.EfConstruction, null);
                _writerGraph = graph;
            }

            _updates++;
            _writer!.Insert(slot);
        }
    }

    /// <summary>Removes an item; no search that begins after the return finds it.</summary>
    /// <returns>False when there is no such item.</returns>
    public bool Delete(int row)
    {
        lock (_writing)
        {
            if (_graph.SlotOf(row) < 0) { return false; }
            CodedItems graph = MakeOwn(_graph);
            int slot = graph.SlotOf(row);
            Volatile.Write(ref graph.Slots.Pointer[row], -1);
            graph.Bury(slot);
            _updates++;
            Volatile.Write(ref _live, _live - 1);
            return true;
        }
    }

    /// <summary>
    /// Drops deleted and replaced vectors and restores the order of promise; after many updates all links are made anew, which takes as
    /// long as a build. Searches go on meanwhile, updates wait.
    /// </summary>
    public void Compact(CancellationToken cancel = default)
    {
        lock (_writing)
        {
            if (_graph.DeadCount > 0 || _graph.Built < _graph.Count) { CompactNow(thoroughly: true, cancel); }
        }
    }

    /// <summary>Hands out the compacted graph; updates wait until <paramref name="read"/> returns.</summary>
    internal void ReadCompacted(Action<CodedItems, ItemSpace, GraphOptions> read)
    {
        lock (_writing)
        {
            Compact();
            read(_graph, _space, _options);
        }
    }

    private CodedItems CompactNow(bool thoroughly, CancellationToken cancel)
    {
        bool relink = _updates > (thoroughly ? ThoroughShare : RelinkShare) * Count;
        CodedItems graph = GraphBuilder.Compact(_graph, _options, relink, cancel);
        if (relink) { _updates = 0; }
        Volatile.Write(ref _graph, graph);
        return graph;
    }

    private CodedItems MakeRoom(int row)
    {
        CodedItems graph = _graph;
        bool stale = graph.DeadCount > _options.DeadShare * graph.Count
            || graph.Count - graph.Built > Math.Max(1024, (long)(_options.DeadShare * graph.Count));
        if (stale && graph.Count > 1024) { graph = CompactNow(thoroughly: false, CancellationToken.None); }
        if (graph.Count < graph.Capacity && row < graph.RowLimit && !graph.IsMapped) { return graph; }
        int capacity = graph.Count < graph.Capacity
            ? graph.Capacity
            : Grown(graph.Count), rows = row < graph.RowLimit ? graph.RowLimit : Grown(row);
        graph = graph.Resized(Math.Max(capacity, graph.Count + 1), rows);
        Volatile.Write(ref _graph, graph);
        return graph;
    }

    private CodedItems MakeOwn(CodedItems graph)
    {
        if (!graph.IsMapped) { return graph; }
        graph = graph.Resized(graph.Count + (graph.Count / 8) + 64, graph.RowLimit);
        Volatile.Write(ref _graph, graph);
        return graph;
    }

    private static int Grown(int count) => checked(count + (count / 4) + 1024);
}
