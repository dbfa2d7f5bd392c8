using System.Globalization;
using Facto.Numerics;

namespace Facto.Retrieval;

/// <summary>What the planner chose for a request, and why.</summary>
public sealed class SearchPlan
{
    internal SearchPlan(string route, int admitted, double scanCost, double routeCost, string reason)
    {
        Route = route;
        Admitted = admitted;
        ScanCost = scanCost;
        RouteCost = routeCost;
        Reason = reason;
    }

    /// <summary>Where the search begins: "scan", or the name of the approximate index's kind.</summary>
    public string Route { get; }

    /// <summary>Items that the filter leaves.</summary>
    public int Admitted { get; }

    /// <summary>Estimated cost of scanning, in vectors read out of order.</summary>
    public double ScanCost { get; }

    /// <summary>Estimated cost of the chosen route, in vectors read out of order.</summary>
    public double RouteCost { get; }

    /// <summary>One sentence.</summary>
    public string Reason { get; }
}

/// <summary>
/// An exact scan and an approximate index over the same items as one: the scan when the catalogue is small or the filter leaves little, the
/// approximate index when it is expected to read less. When that returns fewer items than exist, the scan completes the answer, so a
/// request always gets n items if n admissible ones exist.
/// </summary>
internal sealed class PlannedIndex : IItemIndex
{
    /// <summary>The route of an exact scan.</summary>
    public const string Scan = "scan";

    /// <summary>
    /// Costs are in vectors read out of order; a scan reads in order and from codes, which costs about a thirtieth per vector.
    /// </summary>
    internal const double ScanShare = 1.0 / 30;

    private readonly IItemIndex _scan;
    private readonly IApproximateIndex? _approximate;
    private readonly string _name;
    private readonly bool _scansFiltered;

    /// <summary>Joins indexes over the same items.</summary>
    /// <param name="scan">An exact index.</param>
    /// <param name="approximate">Another, or null.</param>
    /// <param name="name">What the other is called.</param>
    /// <param name="scansFiltered">Whether requests with a bitmap are scanned, because the other was measured to lose too many
    /// there.</param>
    /// <exception cref="ArgumentException">The indexes do not hold the same number of items of the same dimension.</exception>
    public PlannedIndex(IItemIndex scan, IApproximateIndex? approximate = null, string name = "approximate", bool scansFiltered = false)
    {
        if (approximate is not null && (approximate.Count != scan.Count || approximate.Dimension != scan.Dimension))
        {
            throw new ArgumentException(
                $"indexes of {scan.Count} × {scan.Dimension} and {approximate.Count} × {approximate.Dimension} do not hold the same items");
        }

        _scan = scan;
        _approximate = approximate;
        _name = name;
        _scansFiltered = scansFiltered;
    }

    /// <inheritdoc/>
    public int Count => _scan.Count;

    /// <inheritdoc/>
    public int Dimension => _scan.Dimension;

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
    {
        SearchArguments.Check(this, query, filter);
        int admitted = filter.IsEmpty ? Count : filter.CountAdmitted(Count);
        (bool scans, _, _) = Choose(admitted, best.Length, !filter.Allowed.IsEmpty);
        if (scans) { return _scan.Search(query, filter, best); }
        int found = _approximate!.Search(query, filter, best);
        // Too few although more exist: only the scan is sure to find them.
        return found < Math.Min(best.Length, admitted) ? _scan.Search(query, filter, best) : found;
    }

    /// <summary>What <see cref="Search"/> does with such a request, and why.</summary>
    /// <param name="filter">Which items are admissible.</param>
    /// <param name="wanted">Items wanted.</param>
    public SearchPlan Explain(ItemFilter filter, int wanted)
    {
        int admitted = filter.IsEmpty ? Count : filter.CountAdmitted(Count);
        (bool scans, double scan, double cost) = Choose(admitted, wanted, !filter.Allowed.IsEmpty);
        CultureInfo plain = CultureInfo.InvariantCulture;
        string left = string.Create(plain, $"{admitted} of {Count} items are admissible and {wanted} are wanted");
        string why = !scans
            ? string.Create(plain, $"the {_name} index reads about {cost:F0} vectors, a scan would cost as much as {scan:F0}")
            : _approximate is null ? "there is only the exact scan"
            : _scansFiltered && !filter.Allowed.IsEmpty
                ? "with a filter the approximate index was measured below the requested recall, so all are scanned, exactly"
            : wanted >= admitted ? "everything admissible is returned, exactly"
            : string.Create(
                plain,
                $"an exact scan costs as much as {scan:F0} vectors read out of order, the {_name} index is not expected to cost less");
        return new SearchPlan(scans ? Scan : _name, admitted, scan, cost, $"{left}: {why}");
    }

    private (bool Scans, double ScanCost, double Cost) Choose(int admitted, int wanted, bool isFiltered)
    {
        // A selective filter is scanned item by item, otherwise panel by panel.
        double scan = Math.Min(admitted, Count * ScanShare);
        if (_approximate is null || wanted == 0 || wanted >= admitted || (isFiltered && _scansFiltered)) { return (true, scan, scan); }
        double cost = _approximate.SearchCost(wanted, (double)admitted / Count);
        return cost < scan ? (false, scan, cost) : (true, scan, scan);
    }
}
