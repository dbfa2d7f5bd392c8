using System.Text.RegularExpressions;

namespace Facto.Import;

/// <summary>Counts a source's bad rows by reason and keeps the first few to show.</summary>
internal sealed partial class BadRows(TableSource source)
{
    private const int Shown = 5;

    private readonly List<string> _first = [];

    public long Count { get; private set; }

    public SortedDictionary<string, long> Reasons { get; } = new(StringComparer.Ordinal);

    public void Add(BadRow row)
    {
        Count++;
        // The value that was found differs from row to row: count by what is wrong.
        string kind = Number().Replace(Quoted().Replace(row.Reason, "…"), "n");
        Reasons[kind] = Reasons.GetValueOrDefault(kind) + 1;
        if (_first.Count < Shown) { _first.Add($"{row.File}:{row.Line}: {row.Reason}"); }
    }

    /// <summary>"file:line: reason" of the first few.</summary>
    public List<string> First() => _first;

    /// <summary>Fails when more rows are bad than the project tolerates.</summary>
    public void Check(double tolerance, long rows)
    {
        if (Count <= tolerance * rows) { return; }
        string share = $"{Count} of {rows} rows are bad ({100.0 * Count / rows:0.##} %), maxBadRows allows {100 * tolerance:0.##} %";
        throw new FactoException($"{source.Path}: {share}; the first are:\n  {string.Join("\n  ", First())}");
    }

    [GeneratedRegex("'.*'", RegexOptions.Singleline)]
    private static partial Regex Quoted();

    [GeneratedRegex("(?<=(has|column|byte) )[0-9]+")]
    private static partial Regex Number();
}
