using Facto.Numerics;
using Facto.Retrieval.Approximate;

namespace Facto.Retrieval.Graph;

/// <summary>Lays out the slots by promise and links them, on one thread or several.</summary>
internal static unsafe class GraphBuilder
{
    private const int ReportEvery = 4096;

    public static CodedItems Build(
        RowMatrix items, ItemSpace space, GraphOptions options, IProgress<double>? progress, CancellationToken cancel)
    {
        CodedItems graph = Layout(items, space, options);
        var locks = options.Workers > 1 ? new NativeBlock<int>(graph.Count) : null;
        Link(graph, options, locks, progress, cancel);
        progress?.Report(1);
        return graph;
    }

    private static void Link(
        CodedItems graph, GraphOptions options, NativeBlock<int>? locks, IProgress<double>? progress, CancellationToken cancel)
    {
        int next = 0, count = graph.Count;
        CodedItems placed = graph.WithPlaces();
        Run(options.Workers, () =>
        {
            var writer = new GraphWriter(placed, options.EfConstruction, locks);
            for (int slot; (slot = Interlocked.Increment(ref next) - 1) < count;)
            {
                if (slot % ReportEvery == 0)
                {
                    cancel.ThrowIfCancellationRequested();
                    progress?.Report((double)slot / count);
                }

                writer.Insert(slot);
            }
        }, cancel);
        GC.KeepAlive(placed);
    }

    /// <summary>
    /// The same graph without its dead slots, in the order of promise: links to dead slots become links to what those linked to, or, with
    /// <paramref name="relink"/>, all are made anew as in a build.
    /// </summary>
    public static CodedItems Compact(CodedItems old, GraphOptions options, bool relink, CancellationToken cancel)
    {
        int[] order = LiveByPromise(old), place = new int[old.Count];
        Array.Fill(place, -1);
        for (int slot = 0; slot < order.Length; slot++) { place[order[slot]] = slot; }
        var graph = new CodedItems(old.Dimension, old.LinkStride, order.Length + (order.Length / 8) + 64, old.RowLimit);
        for (int slot = 0; slot < order.Length; slot++) { Move(old, order[slot], graph, slot); }
        graph.Count = graph.Built = order.Length;
        var locks = options.Workers > 1 ? new NativeBlock<int>(order.Length) : null;
        if (relink)
        {
            Link(graph, options, locks, null, cancel);
            return graph;
        }

        var mended = new bool[order.Length];
        int moved = 0, linked = 0;
        Run(options.Workers, () =>
        {
            var writer = new GraphWriter(graph, options.EfConstruction, null);
            var candidates = new int[writer.MostCandidates];
            for (int slot; (slot = Interlocked.Increment(ref moved) - 1) < order.Length;)
            {
                if (slot % ReportEvery == 0) { cancel.ThrowIfCancellationRequested(); }
                mended[slot] = MoveLinks(old, order[slot], place, graph, slot, writer, candidates);
            }
        }, cancel);
        Run(options.Workers, () =>
        {
            var writer = new GraphWriter(graph, options.EfConstruction, locks);
            for (int slot; (slot = Interlocked.Increment(ref linked) - 1) < order.Length;)
            {
                if (mended[slot]) { writer.LinkBack(slot); }
            }
        }, cancel);
        return graph;
    }

    private static CodedItems Layout(RowMatrix items, ItemSpace space, GraphOptions options)
    {
        var unordered = new float[items.RowCount];
        var order = new int[items.RowCount];
        Span<float> rho = new float[space.RestDimension];
        for (int row = 0; row < order.Length; row++)
        {
            unordered[row] = -(space.MapItem(items.Row(row), rho) + (3 * MathF.Sqrt(VectorOps.SumOfSquares(rho))));
            order[row] = row;
        }

        Array.Sort(unordered, order);
        return CodedItems.StoreInOrder(items, order, space, 2 * options.M);
    }

    private static int[] LiveByPromise(CodedItems graph)
    {
        int[] slots = [.. Enumerable.Range(0, graph.Count).Where(s => !graph.IsDead(s))];
        float[] promise = [.. slots.Select(s => -graph.Promise(s))];
        Array.Sort(promise, slots);
        return slots;
    }

    private static void Move(CodedItems old, int from, CodedItems graph, int to)
    {
        old.Rows.PaddedRow(from).CopyTo(graph.Rows.PaddedRow(to));
        old.Codes.Slice((long)from * old.Width, old.Width).CopyTo(graph.Codes.Slice((long)to * old.Width, old.Width));
        graph.Scales[to] = old.Scales[from];
        graph.Norms[to] = old.Norms[from];
        graph.Means[to] = old.Means[from];
        int row = graph.Items[to] = old.Items[from];
        graph.Slots[row] = to;
    }

    // Live links stay; in the place of a dead one come those that it linked to. True when there was one.
    private static bool MoveLinks(CodedItems old, int from, int[] place, CodedItems graph, int to, GraphWriter writer, int[] candidates)
    {
        int* source = old.Links.Pointer + ((long)from * old.LinkStride);
        int kept = 0, found = source[0];
        for (int i = 1; i <= found; i++)
        {
            if (place[source[i]] >= 0) { candidates[kept++] = place[source[i]]; }
        }

        int count = kept;
        for (int i = 1; i <= found; i++)
        {
            if (place[source[i]] >= 0) { continue; }
            int* bridged = old.Links.Pointer + ((long)source[i] * old.LinkStride);
            for (int j = 1; j <= bridged[0] && count < candidates.Length; j++)
            {
                int slot = place[bridged[j]];
                if (slot >= 0 && slot != to && !candidates.AsSpan(0, count).Contains(slot)) { candidates[count++] = slot; }
            }
        }

        writer.Mend(to, candidates.AsSpan(0, kept), candidates.AsSpan(kept, count - kept));
        return kept < found;
    }

    private static void Run(int workers, Action work, CancellationToken cancel)
    {
        if (workers == 1)
        {
            work();
            return;
        }

        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel };
            Parallel.For(0, workers, options, _ => work());
        }
        catch (AggregateException e) when (e.InnerExceptions.Any(i => i is OperationCanceledException))
        {
            throw new OperationCanceledException(cancel);
        }
    }
}
