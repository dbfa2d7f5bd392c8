namespace Facto.Import;

/// <summary>What an import did with every row: nothing is dropped silently.</summary>
internal sealed record ImportReport
{
    /// <summary>Rows read from the log.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that could not be used.</summary>
    public long BadRows { get; init; }

    /// <summary>Bad rows by reason.</summary>
    public IReadOnlyDictionary<string, long> BadReasons { get; init; } = new Dictionary<string, long>();

    /// <summary>The first few bad rows: "file:line: reason".</summary>
    public IReadOnlyList<string> FirstBadRows { get; init; } = [];

    /// <summary>Rows left out by the project's own rules, by reason.</summary>
    public IReadOnlyDictionary<string, long> Excluded { get; init; } = new Dictionary<string, long>();

    /// <summary>Rows merged into another because the same user and item occur more than once.</summary>
    public long Repeated { get; init; }

    /// <summary>Rows of the user and item tables whose id occurs more than once, and bad ones.</summary>
    public IReadOnlyDictionary<string, long> TableNotes { get; init; } = new Dictionary<string, long>();

    /// <summary>Values that a field could not read and ids without a row in their table; they add nothing to the model.</summary>
    public IReadOnlyList<UnreadValues> Unread { get; init; } = [];

    /// <summary>Users in the dataset.</summary>
    public int Users { get; init; }

    /// <summary>Items in the dataset.</summary>
    public int Items { get; init; }

    /// <summary>Examples per part, drawn negatives included.</summary>
    public IReadOnlyDictionary<string, int> Parts { get; init; } = new Dictionary<string, int>();

    /// <summary>Negatives drawn.</summary>
    public long Negatives { get; init; }

    /// <summary>Features per field.</summary>
    public IReadOnlyDictionary<string, int> Features { get; init; } = new Dictionary<string, int>();
}

/// <summary>How far an import is.</summary>
/// <param name="Step">reading log, reading users, reading items, encoding, writing.</param>
/// <param name="Rows">Rows of the step so far.</param>
internal readonly record struct ImportProgress(string Step, long Rows);
