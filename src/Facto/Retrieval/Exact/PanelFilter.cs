using Facto.Numerics;

namespace Facto.Retrieval.Exact;

/// <summary>A filter read in the order of a scan, 64 items at a time.</summary>
internal ref struct PanelFilter(ItemFilter filter, int count)
{
    private readonly ReadOnlySpan<ulong> _allowed = filter.Allowed;
    private readonly ReadOnlySpan<int> _denied = filter.Denied;
    private readonly int _count = count;
    private int _next;   // position in the denied list

    /// <summary>Which items of a panel exist and have their bit set.</summary>
    public readonly ulong Allowed(int panel)
    {
        ulong word = _allowed.IsEmpty ? ulong.MaxValue : _allowed[panel];
        int left = _count - (panel * PanelMatrix.PanelRows);
        return left >= PanelMatrix.PanelRows ? word : word & ((1UL << left) - 1);
    }

    /// <summary>Takes the denied items out of <paramref name="rows"/>. Panels must come in ascending order.</summary>
    public ulong WithoutDenied(int panel, ulong rows)
    {
        int first = panel * PanelMatrix.PanelRows;
        while (_next < _denied.Length && _denied[_next] < first) { _next++; }
        while (_next < _denied.Length && _denied[_next] - first < PanelMatrix.PanelRows)
        {
            rows &= ~(1UL << (_denied[_next] - first));
            _next++;
        }

        return rows;
    }
}
