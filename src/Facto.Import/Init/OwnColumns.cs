namespace Facto.Import;

/// <summary>Columns of a log that say something about the user or the item and not about the meeting: they are the same in all rows of
/// one.</summary>
internal sealed class OwnColumns
{
    private const int LeastGroups = 20;

    private readonly List<ColumnProfile> _users = [], _items = [];

    public OwnColumns(LogRoles log)
    {
        if (log.File.Kind != FileKind.Table) { return; }
        ColumnProfile user = log.User!.Column, item = log.Item!.Column;
        foreach (ColumnProfile column in log.Rest.Where(c => c.Distinct >= 2 && c.Filled > 0.5 * c.Values.Count && !c.CanBeEpoch))
        {
            double byUser = Same(user, column), byItem = Same(item, column);
            bool called = ColumnWords.Fit(column.Name, ColumnRole.Title) > 0 && !column.IsNumeric;
            if (called && byItem >= 0.7 && byItem > byUser && (Title is null || Fit(column) > Fit(Title))) { Title = column; }
            else if (Math.Max(byUser, byItem) >= 0.95) { (byUser > byItem ? _users : _items).Add(column); }
        }

        _items.RemoveAll(c => c == Title);
    }

    /// <summary>The items' title, or null.</summary>
    public ColumnProfile? Title { get; }

    public IEnumerable<ColumnProfile> All => _users.Concat(_items);

    public IReadOnlyList<ColumnProfile> Of(ColumnRole side) => side == ColumnRole.User ? _users : _items;

    /// <summary>A column's values, the first of each id.</summary>
    public static List<string> OnePerKey(ColumnProfile key, ColumnProfile column)
    {
        var seen = new HashSet<string>();
        var values = new List<string>();
        for (int r = 0; r < key.Values.Count; r++)
        {
            if (key.Values[r].Length > 0 && seen.Add(key.Values[r])) { values.Add(column.Values[r]); }
        }

        return values;
    }

    private static double Fit(ColumnProfile column) => ColumnWords.Fit(column.Name, ColumnRole.Title);

    // The share of ids with several rows whose rows all say the same; 0 when there are too few to tell.
    private static double Same(ColumnProfile key, ColumnProfile column)
    {
        var first = new Dictionary<string, (string Value, int Rows, bool Same)>();
        for (int r = 0; r < key.Values.Count; r++)
        {
            string id = key.Values[r], value = column.Values[r];
            if (id.Length == 0 || value.Length == 0) { continue; }
            first[id] = first.TryGetValue(id, out (string Value, int Rows, bool Same) seen)
                ? (seen.Value, seen.Rows + 1, seen.Same && seen.Value == value) : (value, 1, true);
        }

        (string Value, int Rows, bool Same)[] several = [.. first.Values.Where(f => f.Rows > 1)];
        // Of a column with one usual value agreement says nothing.
        double usual = several.Length == 0 ? 1 : several.GroupBy(s => s.Value).Max(g => g.Count()) / (double)several.Length;
        return several.Length < LeastGroups || usual > 0.98 ? 0 : several.Count(s => s.Same) / (double)several.Length;
    }
}
