using Facto.Numerics;

namespace Facto.Data.Building;

/// <summary>One row of a log before it is stored.</summary>
/// <param name="User">Number of the user's id.</param>
/// <param name="Item">Number of the item's id.</param>
/// <param name="Label">Finite.</param>
internal readonly record struct LogRow(int User, int Item, float Label)
{
    public LogTime Time { get; init; }

    public float Weight { get; init; }

    public int Context { get; init; }

    public byte Split { get; init; }
}

/// <summary>
/// The log as columns of numbers in native memory: 12 bytes a row (user, item, label), 8 more with times, 4 with weights, 4 with contexts
/// and 1 with a column that names the split. Contexts are numbers of distinct tuples of context values. The columns become the interactions
/// without a copy.
/// </summary>
internal sealed class LogColumns(bool hasTimes, bool hasWeights, bool hasContexts, bool hasSplits) : IDisposable
{
    private readonly NativeList<int> _users = new(), _items = new(), _contexts = new();
    private readonly NativeList<float> _labels = new(), _weights = new();
    private readonly NativeList<long> _times = new();
    private readonly NativeList<byte> _splits = new();
    private bool _hasFractions;

    public IdTable UserIds { get; } = new();

    public IdTable ItemIds { get; } = new();

    public IdTable ContextTuples { get; } = new();

    public int Count => (int)_users.Count;

    /// <summary>Bytes that a row takes.</summary>
    public int BytesPerRow => 12 + (hasTimes ? 8 : 0) + (hasWeights ? 4 : 0) + (hasContexts ? 4 : 0) + (hasSplits ? 1 : 0);

    /// <summary>Makes room for rows that are known to come, so that no column has to grow.</summary>
    public void Reserve(int rows)
    {
        _users.Reserve(rows);
        _items.Reserve(rows);
        _labels.Reserve(rows);
        if (hasTimes) { _times.Reserve(rows); }
        if (hasWeights) { _weights.Reserve(rows); }
        if (hasContexts) { _contexts.Reserve(rows); }
        if (hasSplits) { _splits.Reserve(rows); }
    }

    /// <summary>Takes a row; null, or why it cannot be kept.</summary>
    public string? Add(in LogRow row)
    {
        if (Count == Array.MaxLength) { throw new FactoException($"the log has more than {Array.MaxLength} rows: leave some out"); }
        if (hasTimes && AddTime(row.Time) is { } wrong) { return wrong; }
        _users.Add(row.User);
        _items.Add(row.Item);
        _labels.Add(row.Label);
        if (hasWeights) { _weights.Add(row.Weight); }
        if (hasContexts) { _contexts.Add(row.Context); }
        if (hasSplits) { _splits.Add(row.Split); }
        return null;
    }

    /// <summary>The columns as they are, without a copy; this object is empty afterwards.</summary>
    public Interactions ToInteractions() => new()
    {
        Users = _users.ToBlock(),
        Items = _items.ToBlock(),
        Contexts = hasContexts ? _contexts.ToBlock() : null,
        Labels = _labels.ToBlock(),
        Times = hasTimes ? _times.ToBlock() : null,
        Weights = hasWeights ? _weights.ToBlock() : null,
    };

    /// <summary>0 train, 1 validation, 2 test of each row; null unless the split is a column.</summary>
    public byte[]? Splits() => hasSplits ? _splits.Span.ToArray() : null;

    public void Dispose()
    {
        foreach (IDisposable column in new IDisposable[] { _users, _items, _contexts, _labels, _weights, _times, _splits })
        {
            column.Dispose();
        }
    }

    // Whole numbers stay in the log's own unit; the first fraction turns the column into millionths of it, so that the order is kept and no
    // digit is lost.
    private string? AddTime(LogTime time)
    {
        if (time.Millionths != 0 && !_hasFractions)
        {
            foreach (ref long earlier in _times.Span)
            {
                if (!Fits(earlier))
                {
                    return $"the time has a fraction and an earlier one is {earlier}: both cannot be kept to the microsecond";
                }
            }

            foreach (ref long earlier in _times.Span) { earlier *= LogTime.PerUnit; }
            _hasFractions = true;
        }

        if (_hasFractions && !Fits(time.Whole)) { return $"the time {time.Whole} is too large beside times with fractions"; }
        _times.Add(_hasFractions ? (time.Whole * LogTime.PerUnit) + time.Millionths : time.Whole);
        return null;
    }

    private static bool Fits(long whole) => whole is > -9_000_000_000_000 and < 9_000_000_000_000;
}
