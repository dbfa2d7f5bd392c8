using System.Numerics;
using System.Runtime.CompilerServices;
using Facto.Numerics;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Recall;

namespace Facto.Retrieval.Bounded;

/// <summary>
/// The exact index's results from a fraction of the bytes. Items lie in panels of 64, the likely ones first; a panel whose best possible
/// score (Cauchy–Schwarz on its largest quality and norm) stays below the worst kept one is skipped; the others are scored from int8
/// codes with a proven error bound, and only items that may still belong to the best are scored in float32.
/// Results equal <see cref="ExactIndex"/>'s to the last bit, ties included.
/// </summary>
internal sealed unsafe partial class BoundedIndex : IApproximateIndex
{
    /// <summary>Most coordinates that codes are made for.</summary>
    public const int MaxDimension = 4096;

    // An item read by itself costs about as much as this many read as codes in a row.
    private const int RowCost = 24;

    private readonly CodePanels _panels;
    private readonly NativeBlock<int> _items;       // item at each position
    private readonly NativeBlock<int> _positions;   // position of each item
    private readonly NativeBlock<float> _rows;      // count × dimension, by position
    private readonly float _largestLead;

    internal BoundedIndex(CodePanels panels, NativeBlock<int> items, NativeBlock<int> positions, NativeBlock<float> rows)
    {
        _panels = panels;
        _items = items;
        _positions = positions;
        _rows = rows;
        for (int panel = 0; panel < panels.PanelCount; panel++)
        {
            _largestLead = Math.Max(_largestLead, Math.Max(panels.HighestLead[panel], -panels.LowestLead[panel]));
        }
    }

    /// <inheritdoc/>
    public int Count => _panels.Count;

    /// <inheritdoc/>
    public int Dimension => _panels.Dimension;

    internal CodePanels Panels => _panels;

    internal NativeBlock<int> ItemBlock => _items;

    internal NativeBlock<int> PositionBlock => _positions;

    internal NativeBlock<float> RowBlock => _rows;

    /// <summary>Null: it finds what the exact index does.</summary>
    public RecallCertificate? Recall => null;

    /// <summary>There is one effort, level 0.</summary>
    public bool TrySetEffort(int level) => level == 0;

    /// <inheritdoc/>
    public double SearchCost(int wanted, double admitted) => Math.Min(admitted, PlannedIndex.ScanShare) * Count;

    /// <inheritdoc/>
    public void Save(string path, RecallCertificate? recall) => ScanFile.Save(this, path);

    /// <inheritdoc/>
    public void Save(string path) => Save(path, Recall);

    /// <summary>What it is in one line.</summary>
    public override string ToString() => "bounded scan (exact results)";

    /// <summary>Copies the vector of an item.</summary>
    /// <param name="item">0-based row.</param>
    /// <param name="vector"><see cref="Dimension"/> floats.</param>
    public void CopyVector(int item, Span<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)item, (uint)Count, nameof(item));
        _rows.Slice((long)Position(item) * Dimension, Dimension).CopyTo(vector);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The query or the bitmap has another length than the index needs.</exception>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best) => Search(query, filter, best, out _);

    /// <summary>Searches and says how much had to be read.</summary>
    internal int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best, out ScanEffort effort)
    {
        SearchArguments.Check(this, query, filter);
        effort = default;
        if (best.IsEmpty || Count == 0) { return 0; }
        int* pairs = stackalloc int[_panels.PairCount + 1];
        var bounds = new QueryBounds(query, new Span<int>(pairs, _panels.PairCount));
        fixed (float* q = query)
        {
            var candidates = new Rescorer(_rows.Pointer, q, Dimension, best);
            if (!bounds.IsUsable || IsSelective(filter))
            {
                ScoreAdmitted(filter, ref candidates);
            }
            else
            {
                effort.Panels = ScanInt8(bounds, pairs, filter, ref candidates);
            }

            int found = candidates.Finish();
            effort.Rows = candidates.Scored;
            GC.KeepAlive(this);
            return found;
        }
    }

    private int ScanInt8(in QueryBounds query, int* pairs, ItemFilter filter, ref Rescorer candidates)
    {
        int count = _panels.PairCount;
        if (Codes16.IsSupported)
        {
            return Scan<Int8Bound<Codes16, Lanes16>, Lanes16>(query, new(pairs, count, query.Lead, query.Step), filter, ref candidates);
        }
        if (Codes8.IsSupported)
        {
            return Scan<Int8Bound<Codes8, Lanes8>, Lanes8>(query, new(pairs, count, query.Lead, query.Step), filter, ref candidates);
        }
        return Codes4.IsSupported
            ? Scan<Int8Bound<Codes4, Lanes4>, Lanes4>(query, new(pairs, count, query.Lead, query.Step), filter, ref candidates)
            : Scan<Int8Bound<Codes1, Lanes1>, Lanes1>(query, new(pairs, count, query.Lead, query.Step), filter, ref candidates);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Scan<TBound, TLanes>(in QueryBounds query, TBound bound, ItemFilter filter, ref Rescorer candidates)
        where TBound : struct, IPanelBound
        where TLanes : struct, ILanes<TLanes>
    {
        const int rows = CodePanels.Rows;
        float* uppers = stackalloc float[rows];
        float* leads = query.Lead >= 0 ? _panels.HighestLead : _panels.LowestLead, norms = _panels.LargestNorm;
        float leadSlack = query.LeadSlack(_largestLead), norm = query.SafeNorm;
        int count = Count, panelCount = _panels.PanelCount, visited = 0;
        bool everything = filter.IsEmpty;
        for (int group = 0; group < panelCount; group += 16)
        {
            uint open = CodeKernels.BoundPanels<TLanes>(leads + group, norms + group, query.Lead, norm, candidates.Threshold - leadSlack);
            if (panelCount - group < 16) { open &= (1u << (panelCount - group)) - 1; }
            for (; open != 0; open &= open - 1)
            {
                int panel = group + BitOperations.TrailingZeroCount(open), first = panel * rows;
                // Before anything admissible was found nothing can be skipped, so panels without an admissible item are looked for.
                if (!everything && float.IsNegativeInfinity(candidates.Threshold) && !AnyAdmitted(filter, first)) { continue; }
                float limit = candidates.Threshold - query.Slack(leadSlack, norms[panel]);
                float error = query.Error(_panels.LargestError[panel], _panels.LargestCode[panel]);
                ulong reached = bound.Of(_panels.Panel(panel), error, limit, uppers);
                if (count - first < rows) { reached &= (1UL << (count - first)) - 1; }
                visited++;
                for (; reached != 0; reached &= reached - 1)
                {
                    int row = BitOperations.TrailingZeroCount(reached), item = _items.Pointer[first + row];
                    if ((uint)item >= (uint)count) { ThrowDamaged(first + row, item); }
                    if (everything || filter.Admits(item)) { candidates.Add(first + row, item); }
                }
            }
        }

        return visited;
    }

    private bool AnyAdmitted(ItemFilter filter, int first)
    {
        for (int position = first; position < Math.Min(first + CodePanels.Rows, Count); position++)
        {
            int item = _items.Pointer[position];
            if ((uint)item >= (uint)Count) { ThrowDamaged(position, item); }
            if (filter.Admits(item)) { return true; }
        }

        return false;
    }

    private void ThrowDamaged(int position, int item) =>
        throw new InvalidDataException($"the index is damaged: position {position} holds item {item} of {Count}");

    private bool IsSelective(ItemFilter filter) =>
        !filter.Allowed.IsEmpty && (long)filter.CountAdmitted(Count) * RowCost < Count;

    // Every admissible item by itself, in the order of the items.
    private void ScoreAdmitted(ItemFilter filter, ref Rescorer candidates)
    {
        var admitted = new PanelFilter(filter, Count);
        for (int word = 0; word < _panels.PanelCount; word++)
        {
            ulong left = admitted.WithoutDenied(word, admitted.Allowed(word));
            for (; left != 0; left &= left - 1)
            {
                int item = (word * 64) + BitOperations.TrailingZeroCount(left);
                candidates.Add(Position(item), item);
            }
        }
    }

    // The file may have been damaged after its checksum was made: a position decides which memory is read.
    private int Position(int item)
    {
        int position = _positions.Pointer[item];
        return (uint)position < (uint)Count
            ? position
            : throw new InvalidDataException($"the index is damaged: item {item} has position {position} of {Count}");
    }
}

/// <summary>What a bounded search had to read.</summary>
internal record struct ScanEffort
{
    /// <summary>Panels of 64 items scored from codes.</summary>
    public int Panels { get; set; }

    /// <summary>Items scored in float32.</summary>
    public int Rows { get; set; }
}
