namespace Facto.Data.Building;

/// <summary>
/// A table of users or items in memory: one row of texts per id. Where an id comes again, each column's most frequent value counts.
/// </summary>
internal sealed class EntityTable(IReadOnlyList<string> columns)
{
    private readonly Dictionary<string, int> _rowOf = [];
    private readonly List<string?[]> _rows = [];
    private readonly Dictionary<(int Row, int Column), Dictionary<string, int>> _tallies = [];

    public IReadOnlyList<string> Columns { get; } = columns;

    public List<string> Ids { get; } = [];

    /// <summary>Rows whose id was there already.</summary>
    public long RepeatedRows { get; private set; }

    /// <summary>Takes a row whose first value is the id and the others are <see cref="Columns"/>.</summary>
    public string? Take(string?[] row)
    {
        string id = row[0] ?? string.Empty;
        if (string.IsNullOrWhiteSpace(id)) { return "the id is empty"; }
        if (_rowOf.TryAdd(id, _rows.Count))
        {
            Ids.Add(id);
            _rows.Add(row[1..]);
            return null;
        }

        RepeatedRows++;
        int at = _rowOf[id];
        for (int c = 0; c < Columns.Count; c++)
        {
            if (!_tallies.TryGetValue((at, c), out Dictionary<string, int>? tally))
            {
                _tallies.Add((at, c), tally = []);
                if (!string.IsNullOrWhiteSpace(_rows[at][c])) { tally.Add(_rows[at][c]!, 1); }
            }

            if (row[c + 1] is { } value && !string.IsNullOrWhiteSpace(value)) { tally[value] = tally.GetValueOrDefault(value) + 1; }
        }

        return null;
    }

    /// <summary>The value of a column for an id, or null.</summary>
    public string? Value(string id, int column)
    {
        if (!_rowOf.TryGetValue(id, out int row)) { return null; }
        if (!_tallies.TryGetValue((row, column), out Dictionary<string, int>? tally) || tally.Count == 0) { return _rows[row][column]; }
        // Of equally frequent values the one seen first: a dictionary without removals keeps the order of insertion.
        return tally.MaxBy(t => t.Value).Key;
    }
}
