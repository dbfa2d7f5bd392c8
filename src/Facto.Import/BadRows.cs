using System.Text.RegularExpressions;

namespace Facto.Import;

/// <summary>Counts a source's bad rows by reason and keeps the first few to show.</summary>
internal sealed partial class BadRows(TableSource source)
{
    private const int Shown = 5;

    private readonly List<BadRow> _first = [];
    private readonly Dictionary<string, HashSet<long>> _rejected = [];

    public long Count { get; private set; }

    public SortedDictionary<string, long> Reasons { get; } = [];

    public void Add(BadRow row)
    {
        Count++;
        // The value that was found differs from row to row: count by what is wrong.
        string kind = Quoted().Replace(row.Reason, "…");
        Reasons[kind] = Reasons.GetValueOrDefault(kind) + 1;
        if (_first.Count < Shown) { _first.Add(row); }
        if (!row.Rejected) { return; }
        if (!_rejected.TryGetValue(row.File, out HashSet<long>? rows)) { _rejected.Add(row.File, rows = []); }
        rows.Add(row.Row);
    }

    /// <summary>"file:line: reason" of the first few.</summary>
    public List<string> First() => [.. _first.Select(b => $"{b.File}:{LineOf(b)}: {b.Reason}")];

    /// <summary>Fails when more rows are bad than the project tolerates.</summary>
    public void Check(double tolerance, long rows)
    {
        if (Count <= tolerance * rows) { return; }
        throw new FactoException($"{source.Path}: {Count} of {rows} rows are bad ({100.0 * Count / rows:0.##} %), maxBadRows allows {100 * tolerance:0.##} %; the first are:\n  {string.Join("\n  ", First())}");
    }

    private long LineOf(BadRow row)
    {
        bool plainText = source.Format is TableFormat.Csv or TableFormat.Auto && !row.File.EndsWith(".gz", StringComparison.Ordinal) && !row.File.EndsWith(".parquet", StringComparison.Ordinal);
        if (!plainText) { return row.Row; }
        string quote = source.Quote ?? (source.Delimiter is { Length: > 1 } ? string.Empty : "\"");
        IReadOnlySet<long>? rejected = row.Rejected ? null : _rejected.GetValueOrDefault(row.File) ?? [];
        return DelimitedLine.LineOf(row.File, row.Row, rejected, source.Header, quote);
    }

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quoted();
}
