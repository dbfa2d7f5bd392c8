using System.Text.Json;
using DuckDB.NET.Data;

namespace Facto.Import;

/// <summary>A Parquet file as a table, read by DuckDB: every value as its exact text, times with a zone in UTC, lists with their
/// elements.</summary>
internal sealed class ParquetTable : RowReader
{
    private readonly string _path;
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly string[] _columns;
    private readonly bool[] _isNested;
    private DuckDBCommand? _command;
    private DuckDBDataReader? _reader;
    private int[] _wanted = [];

    public ParquetTable(string path)
    {
        _path = path;
        var names = new List<string>();
        var nested = new List<bool>();
        try
        {
            _connection.Open();
            using DuckDBCommand command = _connection.CreateCommand();
            command.CommandText =
                $"SET preserve_insertion_order = true; SET TimeZone = 'UTC'; DESCRIBE SELECT * FROM "
                    + $"read_parquet([{Sql.Literal(Sql.Escaped(path))}])";
            using DuckDBDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                names.Add(reader.GetString(0));
                string type = reader.GetString(1);
                nested.Add(type.EndsWith(']') || type.StartsWith("STRUCT", StringComparison.Ordinal)
                    || type.StartsWith("MAP", StringComparison.Ordinal));
            }
        }
        catch (Exception e) when (e is DuckDBException or InvalidOperationException)
        {
            _connection.Dispose();
            throw EngineMessages.OfParquet(path, e);
        }

        _columns = [.. names];
        _isNested = [.. nested];
    }

    public override IReadOnlyList<string> Columns => _columns;

    public override void Want(IReadOnlyList<int> columns) => _wanted = [.. columns];

    public override bool Next(RowValues row)
    {
        try
        {
            if (_reader is null) { Start(); }
            if (!_reader!.Read()) { return false; }
        }
        catch (Exception e) when (e is DuckDBException or InvalidOperationException)
        {
            throw EngineMessages.OfParquet(_path, e);
        }

        Line++;
        row.Begin(_wanted.Length);
        for (int c = 0; c < _wanted.Length; c++)
        {
            string? text = _reader.IsDBNull(c) ? null : _reader.GetString(c);
            row.Set(c, text is null ? null : _isNested[_wanted[c]] ? Nested(text) : Data.ListText.Cell(text));
        }

        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) { return; }
        _reader?.Dispose();
        _command?.Dispose();
        _connection.Dispose();
    }

    private void Start()
    {
        _command = _connection.CreateCommand();
        string values = _wanted.Length == 0 ? "1" : string.Join(", ",
            _wanted.Select(c => _isNested[c] ? $"CAST(to_json({Sql.Name(_columns[c])}) AS VARCHAR)"
            : $"CAST({Sql.Name(_columns[c])} AS VARCHAR)"));
        _command.CommandText = $"SELECT {values} FROM read_parquet([{Sql.Literal(Sql.Escaped(_path))}])";
        _command.UseStreamingMode = true;
        _reader = _command.ExecuteReader();
    }

    private static string? Nested(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonTable.Cell(document.RootElement);
    }
}

/// <summary>Texts and names as SQL spells them.</summary>
internal static class Sql
{
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public static string Name(string column) => $"\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A path in which nothing is a pattern: the engine takes *, ? and [ for patterns, and [x] for the character x.</summary>
    public static string Escaped(string path) => string.Concat(path.Select(c => c is '*' or '?' or '[' ? $"[{c}]" : c.ToString()));
}
