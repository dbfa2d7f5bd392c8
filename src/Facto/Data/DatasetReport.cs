namespace Facto;

/// <summary>What became of every row when a dataset was built: nothing is dropped silently.</summary>
public sealed class DatasetReport
{
    internal DatasetReport()
    {
    }

    /// <summary>Rows read.</summary>
    public long Rows { get; internal init; }

    /// <summary>Rows that could not be used.</summary>
    public long BadRows { get; internal init; }

    /// <summary>Bad rows by reason.</summary>
    public IReadOnlyDictionary<string, long> BadReasons { get; internal init; } = new Dictionary<string, long>();

    /// <summary>The first few bad rows: "row 7: the label is not a finite number, found NaN". Rows are counted from 1.</summary>
    public IReadOnlyList<string> FirstBadRows { get; internal init; } = [];

    /// <summary>Rows merged into another because the same user and item meet more than once.</summary>
    public long Repeated { get; internal init; }

    /// <summary>Negatives drawn.</summary>
    public long Negatives { get; internal init; }
}
