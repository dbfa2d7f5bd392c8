using Facto.Numerics;
using Facto.Retrieval.Hnsw;

namespace Facto.Retrieval.Ivf;

/// <summary>
/// An inverted file for inner products: items lie in lists of items that users score alike, as int8 codes; a search reads the lists that promise most and
/// scores their best again in float32, so returned scores are exact. Codes take a byte per coordinate; float rows are only touched for
/// the few that are scored again, so a mapped file may be larger than memory.
/// </summary>
public sealed unsafe class IvfIndex : IItemIndex
{
    private readonly HnswGraph _items;   // a graph without links: its slots lie list by list
    private readonly ItemSpace _space;
    private readonly RowMatrix _centres;   // (list, ρ)
    private readonly float[] _offsets;     // what the best of a list scores above its centre, on average over users
    private readonly float[] _leads;       // mean quality of a list
    private readonly int[] _starts;        // list l holds slots starts[l] … starts[l+1]−1
    private readonly ScratchPool _scratch = new();
    private int _probes;

    internal IvfIndex(HnswGraph items, ItemSpace space, RowMatrix centres, float[] offsets, float[] leads, int[] starts, int probes)
    {
        _items = items;
        _space = space;
        _centres = centres;
        _offsets = offsets;
        _leads = leads;
        _starts = starts;
        _probes = probes;
    }

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public int Dimension => _space.Dimension;

    /// <summary>Number of lists.</summary>
    public int ListCount => _offsets.Length;

    /// <summary>Lists that a search reads, 1 to 1024: recall grows with it. Lists without an admissible item are not counted.</summary>
    /// <exception cref="FactoException">The value is out of its range.</exception>
    public int Probes
    {
        get => Volatile.Read(ref _probes);
        set
        {
            IvfOptions.RequireProbes(value);
            Volatile.Write(ref _probes, value);
        }
    }

    internal HnswGraph Items => _items;

    internal ItemSpace Space => _space;

    internal RowMatrix Centres => _centres;

    internal float[] Offsets => _offsets;

    internal float[] Leads => _leads;

    internal int[] Starts => _starts;

    /// <summary>Clusters the rows of <paramref name="items"/>.</summary>
    /// <param name="items">Item vectors; coordinate 0 is the item's own quality when they come from a factorization machine.</param>
    /// <param name="users">Real user vectors, which shape the space and teach what each list promises. Null when there are none.</param>
    /// <param name="options">How to build; null for the defaults.</param>
    /// <param name="cancel">Stops the build.</param>
    /// <exception cref="FactoException">An option or an item is unusable.</exception>
    public static IvfIndex Build(RowMatrix items, RowMatrix? users = null, IvfOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new IvfOptions();
        options.Validate();
        if (items.ColumnCount < 1) { throw new FactoException("items have no coordinates; export vectors of at least one"); }
        if (users is not null && users.ColumnCount != items.ColumnCount)
        {
            throw new FactoException($"users have {users.ColumnCount} coordinates, items {items.ColumnCount}; export both from one model");
        }

        HnswBuilder.RequireFinite(items);
        ItemSpace space = ItemSpace.Measure(items, users);
        int lists = Math.Clamp(options.Lists == 0 ? (int)(2 * Math.Sqrt(items.RowCount)) : options.Lists, 1, Math.Max(1, items.RowCount));
        CoarseClusters clusters = CoarseClusters.Train(items, space, lists, options.Iterations, options.Seed, cancel);
        int[] nearest = clusters.AssignAll(items, space, cancel), order = [.. Enumerable.Range(0, items.RowCount)];
        Array.Sort((int[])nearest.Clone(), order);
        var starts = new int[lists + 1];
        foreach (int list in nearest) { starts[list + 1]++; }
        for (int list = 0; list < lists; list++) { starts[list + 1] += starts[list]; }
        for (int list = 0; list < lists; list++) { Array.Sort(order, starts[list], starts[list + 1] - starts[list]); }
        HnswGraph coded = HnswBuilder.StoreInOrder(items, order, space, linkStride: 0);
        var centres = new RowMatrix(lists, Math.Max(1, space.RestDimension));
        for (int list = 0; list < lists; list++) { clusters.Centres.Row(list)[..space.RestDimension].CopyTo(centres.Row(list)); }
        var leads = new float[lists];
        for (int list = 0; list < lists; list++)
        {
            for (int slot = starts[list]; slot < starts[list + 1]; slot++) { leads[list] += coded.Scales[slot].Lead / (starts[list + 1] - starts[list]); }
        }

        var index = new IvfIndex(coded, space, centres, new float[lists], leads, starts, options.Probes);
        index.LearnOffsets(users ?? items, cancel);
        return index;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The query or the bitmap has another length than the index needs.</exception>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
    {
        SearchArguments.Check(this, query, filter);
        if (best.IsEmpty || Count == 0) { return 0; }
        SearchScratch scratch = _scratch.Rent();
        scratch.Begin(_items, best.Length + CodedSearch.Spare(best.Length));
        QueryScore score = CodedSearch.Prepare(_items, _space, scratch, query);
        foreach (int row in filter.Denied) { CodedSearch.Bar(_items, scratch, row, true); }
        int found;
        if (filter.IsEmpty)
        {
            found = Probe(scratch, score, query[0], default(OpenAdmission), best);
        }
        else
        {
            var admission = new FilteredAdmission(_items, filter.Allowed, scratch.Barred);
            found = Probe(scratch, score, query[0], admission, best);
            if (found < best.Length)
            {
                scratch.Begin(_items, best.Length + CodedSearch.Spare(best.Length));
                CodedSearch.ScanAdmitted(_items, scratch, score, filter.Allowed, admission);
                found = CodedSearch.Rescore(_items, scratch, best);
            }
        }

        foreach (int row in filter.Denied) { CodedSearch.Bar(_items, scratch, row, false); }
        _scratch.Return(scratch);
        GC.KeepAlive(this);
        return found;
    }

    // Lists by descending promise, until as many as wanted gave something and there is enough to choose from.
    private int Probe<TAdmission>(SearchScratch scratch, QueryScore score, float lead, TAdmission admission, Span<Scored> best)
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int wanted = Math.Min(Probes, ListCount), ranked = Math.Min(TAdmission.IsOpen ? wanted : Math.Max(4 * wanted, 64), ListCount);
        Span<Scored> lists = stackalloc Scored[ranked];
        int known = RankLists(scratch, lead, lists), read = 0;
        for (int i = 0; i < known && read < wanted; i++)
        {
            long before = scratch.Scored;
            int list = lists[i].Index;
            BeamSearch.ScoreRun(_items, scratch, _starts[list], _starts[list + 1] - _starts[list], score, admission);
            if (scratch.Scored > before) { read++; }
        }

        if (TAdmission.IsOpen && scratch.Count < Math.Min(best.Length, Count))
        {
            scratch.Begin(_items, best.Length + CodedSearch.Spare(best.Length));
            BeamSearch.ScoreRun(_items, scratch, 0, Count, score, admission);
        }

        return CodedSearch.Rescore(_items, scratch, best);
    }

    private int RankLists(SearchScratch scratch, float lead, Span<Scored> lists)
    {
        var top = new TopK(lists);
        var sigma = new ReadOnlySpan<float>(CodedSearch.Sigma(_items, scratch), _centres.ColumnCount);
        for (int list = 0; list < ListCount; list++)
        {
            if (_starts[list] < _starts[list + 1]) { top.Add(list, Promise(list, lead, sigma) + _offsets[list]); }
        }

        return top.Finish();
    }

    private float Promise(int list, float lead, ReadOnlySpan<float> sigma) => (lead * _leads[list]) + VectorOps.Dot(sigma, _centres.Row(list));

    // offset = mean over users of (best score in the list − its centre's score)
    private void LearnOffsets(RowMatrix users, CancellationToken cancel)
    {
        int sampled = Math.Min(users.RowCount, 200);
        SearchScratch scratch = _scratch.Rent();
        for (int sample = 0; sample < sampled; sample++)
        {
            cancel.ThrowIfCancellationRequested();
            ReadOnlySpan<float> user = users.Row((int)((long)sample * users.RowCount / sampled));
            scratch.Begin(_items, 1);
            QueryScore score = CodedSearch.Prepare(_items, _space, scratch, user);
            for (int list = 0; list < ListCount; list++)
            {
                if (_starts[list] == _starts[list + 1]) { continue; }
                scratch.Begin(_items, 1);
                BeamSearch.ScoreRun(_items, scratch, _starts[list], _starts[list + 1] - _starts[list], score, default(OpenAdmission));
                var sigma = new ReadOnlySpan<float>(CodedSearch.Sigma(_items, scratch), _centres.ColumnCount);
                if (scratch.Count > 0) { _offsets[list] += (scratch.Best[0].Value - Promise(list, user[0], sigma)) / sampled; }
            }
        }

        _scratch.Return(scratch);
    }
}
