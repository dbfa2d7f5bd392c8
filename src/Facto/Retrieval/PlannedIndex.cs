using System.Globalization;
using System.Text.Json.Serialization;
using Facto.Numerics;

namespace Facto.Retrieval;

/// <summary>How a request is answered.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SearchRoute>))]
public enum SearchRoute
{
    /// <summary>Every admissible item is compared: exact.</summary>
    Scan,

    /// <summary>The graph.</summary>
    Graph,

    /// <summary>The lists of the inverted file.</summary>
    Lists,
}

/// <summary>What the planner chose for a request, and why.</summary>
/// <param name="Route">Where the search begins.</param>
/// <param name="Admitted">Items that the filter leaves.</param>
/// <param name="ScanCost">Estimated cost of scanning, in vectors read.</param>
/// <param name="RouteCost">Estimated cost of the chosen route, in vectors read.</param>
/// <param name="Reason">One sentence.</param>
public sealed record SearchPlan(SearchRoute Route, int Admitted, double ScanCost, double RouteCost, string Reason);

/// <summary>
/// One index out of several over the same items: the exact scan when the catalogue is small or the filter leaves little, the graph or the lists
/// otherwise, whichever is expected to read less. When they return fewer items than exist, the scan completes the answer, so a request always gets
/// n items if n admissible ones exist.
/// </summary>
public sealed class PlannedIndex : IItemIndex
{
    // Costs are in vectors read out of order; the scan reads in order and from codes, which costs about a thirtieth per vector.
    private const double ScanShare = 1.0 / 30;

    private readonly IItemIndex _scan;
    private readonly IItemIndex? _graph;
    private readonly IItemIndex? _lists;
    private readonly PlannerOptions _options;

    /// <summary>Joins indexes over the same items.</summary>
    /// <param name="scan">An exact index.</param>
    /// <param name="graph">A graph index, or null.</param>
    /// <param name="lists">An inverted file, or null.</param>
    /// <param name="options">What the graph and the lists cost; null for the defaults.</param>
    /// <exception cref="ArgumentException">The indexes do not hold the same number of items of the same dimension.</exception>
    public PlannedIndex(IItemIndex scan, IItemIndex? graph = null, IItemIndex? lists = null, PlannerOptions? options = null)
    {
        foreach (IItemIndex? other in new[] { graph, lists })
        {
            if (other is not null && (other.Count != scan.Count || other.Dimension != scan.Dimension))
            {
                throw new ArgumentException($"indexes of {scan.Count} × {scan.Dimension} and {other.Count} × {other.Dimension} do not hold the same items");
            }
        }

        _options = options ?? new PlannerOptions();
        _options.Validate();
        _scan = scan;
        _graph = graph;
        _lists = lists;
    }

    /// <inheritdoc/>
    public int Count => _scan.Count;

    /// <inheritdoc/>
    public int Dimension => _scan.Dimension;

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
    {
        int admitted = filter.IsEmpty ? Count : filter.CountAdmitted(Count);
        (SearchRoute route, _, _) = Choose(admitted, best.Length, !filter.Allowed.IsEmpty);
        if (route == SearchRoute.Scan) { return _scan.Search(query, filter, best); }
        int found = (route == SearchRoute.Graph ? _graph! : _lists!).Search(query, filter, best);
        // Too few although more exist: only the scan is sure to find them.
        return found < Math.Min(best.Length, admitted) ? _scan.Search(query, filter, best) : found;
    }

    /// <summary>What <see cref="Search"/> does with such a request, and why.</summary>
    /// <param name="filter">Which items are admissible.</param>
    /// <param name="wanted">Items wanted.</param>
    public SearchPlan Explain(ItemFilter filter, int wanted)
    {
        int admitted = filter.IsEmpty ? Count : filter.CountAdmitted(Count);
        (SearchRoute route, double scanCost, double cost) = Choose(admitted, wanted, !filter.Allowed.IsEmpty);
        string left = string.Create(CultureInfo.InvariantCulture, $"{admitted} of {Count} items are admissible and {wanted} are wanted");
        string reason = route switch
        {
            SearchRoute.Graph => string.Create(CultureInfo.InvariantCulture, $"{left}: the graph reads about {cost:F0} vectors, a scan would cost as much as {scanCost:F0}"),
            SearchRoute.Lists => string.Create(CultureInfo.InvariantCulture, $"{left}: the lists read about {cost:F0} vectors, a scan would cost as much as {scanCost:F0}"),
            _ when _graph is null && _lists is null => $"{left}: there is only the exact scan",
            _ when _options.ScansFiltered && !filter.Allowed.IsEmpty => $"{left}: with a filter the approximate index was measured below the requested recall, so all are scanned, exactly",
            _ when wanted >= admitted => $"{left}: everything admissible is returned, exactly",
            _ => string.Create(CultureInfo.InvariantCulture, $"{left}: an exact scan costs as much as {scanCost:F0} vectors read out of order, no approximate index is expected to cost less"),
        };
        return new SearchPlan(route, admitted, scanCost, cost, reason);
    }

    private (SearchRoute Route, double ScanCost, double Cost) Choose(int admitted, int wanted, bool isFiltered)
    {
        // A selective filter is scanned item by item, otherwise panel by panel.
        double scan = Math.Min(admitted, Count * ScanShare);
        if (wanted >= admitted || admitted == 0 || (isFiltered && _options.ScansFiltered)) { return (SearchRoute.Scan, scan, scan); }
        (SearchRoute Route, double Cost) chosen = (SearchRoute.Scan, scan);
        double share = (double)admitted / Count;
        if (_graph is not null)
        {
            // A filtered search walks on until it has met enough admissible items.
            double cost = Math.Max(_options.GraphBreadth, wanted) * _options.GraphVectorsPerBreadth / share;
            if (cost < chosen.Cost) { chosen = (SearchRoute.Graph, cost); }
        }

        if (_lists is not null)
        {
            double cost = Count * _options.ListShare * ScanShare * Math.Max(1, wanted / Math.Max(1, Count * _options.ListShare * share));
            if (cost < chosen.Cost) { chosen = (SearchRoute.Lists, cost); }
        }

        return (chosen.Route, scan, chosen.Cost);
    }
}

/// <summary>What approximate indexes cost, for <see cref="PlannedIndex"/>.</summary>
public sealed record PlannerOptions
{
    /// <summary>Best items that the graph keeps on its way, ≥ 1.</summary>
    public int GraphBreadth { get; init; } = 160;

    /// <summary>Vectors that the graph reads per item kept: about its links divided by how often it meets a vector again.</summary>
    public double GraphVectorsPerBreadth { get; init; } = 12;

    /// <summary>Share of the items in the lists that are visited, above 0 to 1.</summary>
    public double ListShare { get; init; } = 0.05;

    /// <summary>Whether requests with a bitmap of allowed items are scanned, because the approximate index was measured to lose too many there.</summary>
    public bool ScansFiltered { get; init; }

    internal void Validate()
    {
        if (GraphBreadth < 1) { throw new FactoException($"GraphBreadth is {GraphBreadth}; choose at least 1"); }
        if (!(GraphVectorsPerBreadth > 0)) { throw new FactoException($"GraphVectorsPerBreadth is {GraphVectorsPerBreadth}; choose a number above 0, such as 12"); }
        if (!(ListShare is > 0 and <= 1)) { throw new FactoException($"ListShare is {ListShare}; choose a share above 0 and at most 1"); }
    }
}
