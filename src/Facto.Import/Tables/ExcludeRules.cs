using DuckDB.NET.Data;

namespace Facto.Import;

/// <summary>Computes a table's exclude rules, which are SQL over its columns, for batches of rows that were read.</summary>
internal sealed class ExcludeRules : IDisposable
{
    private const string Batch = "rows";

    private readonly TableSource _source;
    private readonly IReadOnlyList<string> _columns;
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly string _question;
    private readonly int[] _named;   // the columns that rules may name: handing over the others would cost more than the rules

    public ExcludeRules(TableSource source, IReadOnlyList<string> columns)
    {
        _source = source;
        _columns = columns;
        _question =
            $"SELECT CASE {string.Join(' ', source.Exclude.Select((r, i) => $"WHEN ({r.When}) THEN {i}"))} ELSE -1 END FROM {Batch} "
                + $"ORDER BY facto_row";
        _connection.Open();
        Run("SET preserve_insertion_order = true");
        // A rule sees one column of a name; names that differ by case alone would be one to SQL.
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        _named = [.. Enumerable.Range(0, columns.Count).Where(c =>
            source.Exclude.Any(r => r.When.Contains(columns[c].Replace("\"", "\"\"", StringComparison.Ordinal),
            StringComparison.OrdinalIgnoreCase)))];
        string named = string.Concat(_named.Select(c =>
            $", {Sql.Name(seen.Add(columns[c]) ? columns[c] : $"{columns[c]}_{c + 1}")} VARCHAR"));
        Run($"CREATE TABLE {Batch} (facto_row INTEGER{named})");
        foreach (ExcludeRule rule in source.Exclude) { Try(rule.When); }
    }

    /// <summary>The number of the first rule that a row meets, or −1, for each row.</summary>
    public int[] Which(IReadOnlyList<string?[]> rows)
    {
        try
        {
            Run($"DELETE FROM {Batch}");
            using (DuckDBAppender appender = _connection.CreateAppender(Batch))
            {
                for (int r = 0; r < rows.Count; r++)
                {
                    IDuckDBAppenderRow row = appender.CreateRow().AppendValue(r);
                    foreach (int c in _named) { row = row.AppendValue(rows[r][c]); }
                    row.EndRow();
                }
            }

            int[] which = new int[rows.Count];
            using DuckDBCommand command = _connection.CreateCommand();
            command.CommandText = _question;
            using DuckDBDataReader reader = command.ExecuteReader();
            for (int r = 0; reader.Read(); r++) { which[r] = reader.GetInt32(0); }
            return which;
        }
        catch (DuckDBException e)
        {
            throw EngineMessages.OfRule(_source.Path, string.Join("\", \"", _source.Exclude.Select(x => x.When)), _columns, e);
        }
    }

    public void Dispose() => _connection.Dispose();

    // Each rule alone on no rows, so that a wrong one is named.
    private void Try(string when)
    {
        try
        {
            Run($"SELECT CASE WHEN ({when}) THEN 1 END FROM {Batch}");
        }
        catch (DuckDBException e)
        {
            throw EngineMessages.OfRule(_source.Path, when, _columns, e);
        }
    }

    private void Run(string sql)
    {
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
