using System.Globalization;
using Facto.Numerics;
using Facto.Retrieval.Approximate;
using Facto.Retrieval.Recall;

namespace Facto.Retrieval.Ivf;

/// <summary>
/// An inverted file for inner products: items lie in lists of items that users score alike, as int8 codes; a search reads the lists that
/// promise most and scores their best again in float32, so returned scores are exact. Codes take a byte per coordinate, or, as product
/// codes, as few bytes as wished; float rows are only touched for the few that are scored again, so a mapped file may be larger than
/// memory.
/// </summary>
internal sealed unsafe partial class IvfIndex : IApproximateIndex
{
    private readonly CodedItems _items;   // a graph without links: its slots lie list by list
    private readonly ItemSpace _space;
    private readonly RowMatrix _centres;   // (list, ρ)
    private readonly float[] _offsets;     // what the best of a list scores above its centre, on average over users
    private readonly float[] _leads;       // mean quality of a list
    private readonly int[] _starts;        // list l holds slots starts[l] … starts[l+1]−1
    private readonly ProductCodes? _product;   // null: int8 codes in the slots
    private readonly ScratchPool _scratch = new();
    private readonly int _firstNprobe;
    private readonly int _firstRescored;
    private int _nprobe;
    private int _rescored;

    internal IvfIndex(
        CodedItems items, ItemSpace space, RowMatrix centres, float[] offsets, float[] leads, int[] starts, ProductCodes? product,
        int probes, int rescored)
    {
        _items = items;
        _space = space;
        _centres = centres;
        _offsets = offsets;
        _leads = leads;
        _starts = starts;
        _product = product;
        _nprobe = _firstNprobe = probes;
        _rescored = _firstRescored = rescored;
    }

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public int Dimension => _space.Dimension;

    /// <summary>Number of lists.</summary>
    public int Nlist => _offsets.Length;

    /// <summary>Lists that a search reads, 1 to 1024: recall grows with it. Lists without an admissible item are not counted.</summary>
    /// <exception cref="FactoException">The value is out of its range.</exception>
    public int Nprobe
    {
        get => Volatile.Read(ref _nprobe);
        set
        {
            IvfOptions.RequireNprobe(value);
            Volatile.Write(ref _nprobe, value);
        }
    }

    /// <summary>
    /// Product codes only: a search for n items scores this many times n + 16 candidates again in float32, 1 to 64: recall grows with it up
    /// to what the lists hold.
    /// </summary>
    /// <exception cref="FactoException">The value is out of its range.</exception>
    public int Rescored
    {
        get => Volatile.Read(ref _rescored);
        set
        {
            IvfOptions.RequireRescored(value);
            Volatile.Write(ref _rescored, value);
        }
    }

    /// <summary>Bytes of a product code, 0 when every coordinate has a byte of its own.</summary>
    public int CodeBytes => _product?.Book.GroupCount ?? 0;

    /// <summary>
    /// Bytes an item that searches keep in memory: its code, scale, quality and row number, and where it lies. Its float row is read only
    /// when it is scored again.
    /// </summary>
    public int BytesPerItem => (_product?.Book.GroupCount ?? _items.Width) + sizeof(CodeScale) + (2 * sizeof(int));

    /// <inheritdoc/>
    public RecallCertificate? Recall { get; init; }

    /// <inheritdoc/>
    public bool TrySetEffort(int level)
    {
        if (level < 0 || (level > 0 && EffortAt(level) == EffortAt(level - 1))) { return false; }
        (Nprobe, Rescored) = EffortAt(level);
        return true;
    }

    /// <inheritdoc/>
    public double SearchCost(int wanted, double admitted)
    {
        double read = Count * Math.Min(1, (double)Nprobe / Nlist);
        return read * PlannedIndex.ScanShare * Math.Max(1, wanted / Math.Max(1, read * admitted));
    }

    /// <inheritdoc/>
    public void Save(string path, RecallCertificate? recall) => IvfFile.Save(this, path, recall);

    /// <inheritdoc/>
    public void Save(string path) => Save(path, Recall);

    /// <summary>What it is in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"inverted file, nlist {Nlist}, nprobe {Nprobe}, {BytesPerItem} bytes an item in memory");

    // Twice as much from level to level, as far as there are lists to read and candidates to score again.
    private (int Nprobe, int Rescored) EffortAt(int level)
    {
        int most = Math.Min(IvfOptions.MostNprobe, Nlist), shift = Math.Min(level, 20);
        int nprobe = (int)Math.Min(Math.Max(most, _firstNprobe), (long)_firstNprobe << shift);
        return (nprobe, CodeBytes == 0 ? _firstRescored : (int)Math.Min(IvfOptions.MostRescored, (long)_firstRescored << shift));
    }

    internal CodedItems Items => _items;

    internal ItemSpace Space => _space;

    internal RowMatrix Centres => _centres;

    internal float[] Offsets => _offsets;

    internal float[] Leads => _leads;

    internal int[] Starts => _starts;

    internal ProductCodes? Product => _product;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The query or the bitmap has another length than the index needs.</exception>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
    {
        SearchArguments.Check(this, query, filter);
        if (best.IsEmpty || Count == 0) { return 0; }
        SearchScratch scratch = _scratch.Rent();
        int breadth = Breadth(best.Length);
        QueryScore score = Prepare(scratch, query, breadth);
        foreach (int row in filter.Denied) { CodedSearch.Bar(_items, scratch, row, true); }
        int found;
        if (filter.IsEmpty)
        {
            found = Probe(scratch, score, query[0], default(OpenAdmission), breadth, best);
        }
        else
        {
            var admission = new FilteredAdmission(_items, filter.Allowed, scratch.Barred);
            found = Probe(scratch, score, query[0], admission, breadth, best);
            if (found < best.Length)
            {
                scratch.Begin(_items, breadth);
                if (_product is null) { CodedSearch.ScanAdmitted(_items, scratch, score, filter.Allowed, admission); }
                else { ScoreAll(scratch, score, query[0], admission); }
                found = CodedSearch.Rescore(_items, scratch, best, breadth);
            }
        }

        foreach (int row in filter.Denied) { CodedSearch.Bar(_items, scratch, row, false); }
        _scratch.Return(scratch);
        GC.KeepAlive(this);
        return found;
    }

    // Lists by descending promise, until as many as wanted gave something and there is enough to choose from.
    private int Probe<TAdmission>(SearchScratch scratch, QueryScore score, float lead, TAdmission admission, int breadth, Span<Scored> best)
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int wanted = Math.Min(Nprobe, Nlist), ranked = Math.Min(TAdmission.IsOpen ? wanted : Math.Max(4 * wanted, 64), Nlist);
        Span<Scored> lists = stackalloc Scored[ranked];
        int known = RankLists(scratch, lead, lists), read = 0;
        for (int i = 0; i < known && read < wanted; i++)
        {
            long before = scratch.Scored;
            ScoreList(lists[i].Index, scratch, score, lead, admission);
            if (scratch.Scored > before) { read++; }
        }

        if (TAdmission.IsOpen && scratch.Best.Count < Math.Min(best.Length, Count))
        {
            scratch.Begin(_items, breadth);
            ScoreAll(scratch, score, lead, admission);
        }

        return CodedSearch.Rescore(_items, scratch, best, breadth);
    }

    // Candidates kept for n wanted. Product codes round more than int8 does, so more are scored again.
    private int Breadth(int n) => _product is null
        ? n + CodedSearch.Spare(n)
        : (int)Math.Max(n + CodedSearch.Spare(n), Math.Min(Count, (long)Rescored * (n + 16)));

    private QueryScore Prepare(SearchScratch scratch, ReadOnlySpan<float> query, int breadth)
    {
        scratch.Begin(_items, breadth);
        QueryScore score = CodedSearch.Prepare(_items, _space, scratch, query);
        if (_product is { } product) { product.Book.FillTable(Sigma(scratch), scratch.TableOf(product.TableLength)); }
        return score;
    }

    private ReadOnlySpan<float> Sigma(SearchScratch scratch) => new(CodedSearch.Sigma(_items, scratch), _centres.ColumnCount);

    private void ScoreList<TAdmission>(int list, SearchScratch scratch, QueryScore score, float lead, TAdmission admission)
        where TAdmission : struct, IAdmission, allows ref struct
    {
        int first = _starts[list], count = _starts[list + 1] - first;
        if (_product is null) { CodeScoring.ScoreRun(_items, scratch, first, count, score, admission); }
        else { _product.ScoreRun(_items, scratch, lead, VectorOps.Dot(Sigma(scratch), _centres.Row(list)), first, count, admission); }
    }

    private void ScoreAll<TAdmission>(SearchScratch scratch, QueryScore score, float lead, TAdmission admission)
        where TAdmission : struct, IAdmission, allows ref struct
    {
        for (int list = 0; list < Nlist; list++) { ScoreList(list, scratch, score, lead, admission); }
    }

    private int RankLists(SearchScratch scratch, float lead, Span<Scored> lists)
    {
        var top = new TopK(lists);
        ReadOnlySpan<float> sigma = Sigma(scratch);
        for (int list = 0; list < Nlist; list++)
        {
            if (_starts[list] < _starts[list + 1]) { top.Add(list, Promise(list, lead, sigma) + _offsets[list]); }
        }

        return top.Finish();
    }

    private float Promise(int list, float lead, ReadOnlySpan<float> sigma) =>
        (lead * _leads[list]) + VectorOps.Dot(sigma, _centres.Row(list));
}
