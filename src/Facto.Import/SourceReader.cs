using System.IO.Compression;
using System.Text;
using DuckDB.NET.Data;

namespace Facto.Import;

/// <summary>A row that cannot be used.</summary>
/// <param name="File">The file.</param>
/// <param name="Row">Number among the rows that were read; of a rejected row DuckDB's number, which counts header and empty lines.</param>
/// <param name="Reason">What is wrong.</param>
/// <param name="Rejected">Whether the reader could not take the row apart.</param>
internal readonly record struct BadRow(string File, long Row, string Reason, bool Rejected = false);

/// <summary>
/// Reads a table's files through DuckDB, in the order of files and rows, every column as text. Rows that a rule excludes are counted; rows that the
/// reader cannot take apart are bad rows.
/// </summary>
internal sealed class SourceReader : IDisposable
{
    private const string FileColumn = "facto_file";

    private readonly TableSource _source;
    private readonly TableFormat _format;
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly string[] _files;

    public SourceReader(TableSource source, string folder)
    {
        _source = source;
        string pattern = System.IO.Path.Combine(folder, source.Path);
        _connection.Open();
        Execute("SET preserve_insertion_order = true");
        _files = [.. Strings($"SELECT file FROM glob({Literal(pattern)}) ORDER BY file")];
        if (_files.Length == 0) { throw new FactoException($"no file matches {pattern}: check the project's data folder and path"); }
        _format = source.Format == TableFormat.Auto ? FormatOf(_files[0]) : source.Format;
        Columns = ReadColumns();
    }

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Rows read, bad and excluded ones included.</summary>
    public long RowCount { get; private set; }

    /// <summary>Rows left out by rule, by reason.</summary>
    public SortedDictionary<string, long> Excluded { get; } = [];

    /// <summary>What stands between the values of a list column.</summary>
    public const string ListSeparator = "|";

    /// <summary>Calls <paramref name="take"/> with the wanted columns of every row that is not excluded; it answers null or why the row is bad.</summary>
    public void Read(IReadOnlyList<string> columns, Func<string?[], string?> take, Action<BadRow> bad, CancellationToken cancellation)
    {
        foreach (string column in columns)
        {
            if (!Columns.Contains(column))
            {
                throw new FactoException($"{_source.Path} has no column '{column}'; its columns are {string.Join(", ", Columns)}");
            }
        }

        string rules = _source.Exclude.Count == 0 ? "NULL" : $"CASE {string.Join(' ', _source.Exclude.Select((r, i) => $"WHEN ({r.When}) THEN {i}"))} END";
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = $"SELECT {FileColumn}, {rules}, {string.Join(", ", columns.Select(Name))} FROM ({From()})";
        command.UseStreamingMode = true;
        try
        {
            using DuckDBDataReader reader = command.ExecuteReader();
            ReadRows(reader, columns.Count, take, bad, cancellation);
        }
        catch (DuckDBException e)
        {
            throw new FactoException($"{_source.Path}: {e.Message.Split('\n')[0]}", e);
        }

        if (_format == TableFormat.Csv) { ReportRejects(bad); }
    }

    public void Dispose() => _connection.Dispose();

    private void ReadRows(DuckDBDataReader reader, int count, Func<string?[], string?> take, Action<BadRow> bad, CancellationToken cancellation)
    {
        var values = new string?[count];
        string file = string.Empty;
        long row = 0;
        while (reader.Read())
        {
            if ((RowCount++ & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
            string from = _files.Length == 1 ? _files[0] : reader.GetString(0);
            row = from == file ? row + 1 : 1;
            file = from;
            if (!reader.IsDBNull(1))
            {
                string rule = _source.Exclude[reader.GetInt32(1)].Reason;
                Excluded[rule] = Excluded.GetValueOrDefault(rule) + 1;
                continue;
            }

            for (int c = 0; c < count; c++) { values[c] = reader.IsDBNull(c + 2) ? null : reader.GetString(c + 2); }
            if (take(values) is { } reason) { bad(new BadRow(file, row, reason)); }
        }
    }

    private void ReportRejects(Action<BadRow> bad)
    {
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = "SELECT s.file_path, e.line, min(e.error_message) FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id) GROUP BY ALL ORDER BY ALL";
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            RowCount++;
            long number = Convert.ToInt64(reader.GetValue(1), System.Globalization.CultureInfo.InvariantCulture);
            bad(new BadRow(reader.GetString(0), number, reader.GetString(2).Split('\n')[0], Rejected: true));
        }
    }

    private string From()
    {
        string files = $"[{string.Join(", ", _files.Select(Literal))}]";
        switch (_format)
        {
            case TableFormat.Parquet:
                Dictionary<string, string> types = ParquetTypes(files);
                return $"SELECT {string.Join(", ", Columns.Select(c => $"{(types[c].EndsWith("[]", StringComparison.Ordinal) ? $"array_to_string({Name(c)}, '{ListSeparator}')" : $"CAST({Name(c)} AS VARCHAR)")} AS {Name(c)}"))}, {FileColumn} FROM read_parquet({files}, filename = '{FileColumn}')";
            case TableFormat.JsonLines:
                return $"SELECT {string.Join(", ", Columns.Select(c => $"{JsonValue(c)} AS {Name(c)}"))}, {FileColumn} FROM {JsonLinesOf(files)}";
            default:
                string columns = string.Join(", ", Columns.Select(c => $"{Literal(c)}: 'VARCHAR'"));
                string quote = Quote();
                return $"SELECT * FROM read_csv({files}, auto_detect = false, columns = {{{columns}}}, delim = {Literal(Delimiter())}, quote = {Literal(quote)}, escape = {Literal(quote)}, "
                    + $"header = {(_source.Header ? "true" : "false")}, encoding = '{_source.Encoding}', store_rejects = true, filename = '{FileColumn}', max_line_size = 16777216)";
        }
    }

    // A line that is no JSON object gives nulls, which the ids' check reports.
    private static string JsonValue(string column)
    {
        string path = Literal($"$.\"{column}\"");
        string list = Literal($"$.\"{column}\"[*]");
        return $"CASE WHEN NOT json_valid(line) THEN NULL WHEN json_type(line, {path}) = 'ARRAY' THEN array_to_string(json_extract_string(line, {list}), '{ListSeparator}') ELSE json_extract_string(line, {path}) END";
    }

    private static string JsonLinesOf(string files) =>
        $"read_csv({files}, auto_detect = false, columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '', header = false, filename = '{FileColumn}', max_line_size = 16777216)";

    private Dictionary<string, string> ParquetTypes(string files)
    {
        var types = new Dictionary<string, string>();
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = $"DESCRIBE SELECT * FROM read_parquet({files})";
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) { types[reader.GetString(0)] = reader.GetString(1); }
        return types;
    }

    private string[] ReadColumns()
    {
        try
        {
            string files = $"[{Literal(_files[0])}]";
            return _format switch
            {
                TableFormat.Parquet => [.. ParquetTypes(files).Keys],
                TableFormat.JsonLines => [.. Strings($"SELECT DISTINCT unnest(json_keys(line)) AS k FROM (SELECT line FROM {JsonLinesOf(files)} WHERE json_valid(line) LIMIT 1000) WHERE json_type(line) = 'OBJECT' ORDER BY k")],
                _ when _source.Columns is { Count: > 0 } columns => [.. columns],
                _ when _source.Header => HeaderColumns(),
                _ => throw new FactoException($"{_source.Path} has no header: name its columns in 'columns'"),
            };
        }
        catch (DuckDBException e)
        {
            throw new FactoException($"{_files[0]}: {e.Message.Split('\n')[0]}", e);
        }
    }

    private string[] HeaderColumns()
    {
        using Stream file = File.OpenRead(_files[0]);
        using Stream plain = _files[0].EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        Encoding encoding = _source.Encoding switch { "latin-1" => Encoding.Latin1, "utf-16" => Encoding.Unicode, _ => Encoding.UTF8 };
        using var reader = new StreamReader(plain, encoding);
        string line = reader.ReadLine() ?? throw new FactoException($"{_files[0]}: it is empty, not even a header");
        return [.. DelimitedLine.Split(line, Delimiter(), Quote()).Select(c => c.Trim())];
    }

    private string Delimiter() => _source.Delimiter ?? (_files[0].Contains(".tsv", StringComparison.OrdinalIgnoreCase) ? "\t" : ",");

    private string Quote() => _source.Quote ?? (Delimiter().Length == 1 ? "\"" : string.Empty);

    private static TableFormat FormatOf(string file)
    {
        string name = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;
        return System.IO.Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".parquet" => TableFormat.Parquet,
            ".json" or ".jsonl" or ".ndjson" => TableFormat.JsonLines,
            _ => TableFormat.Csv,
        };
    }

    private void Execute(string sql)
    {
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private List<string> Strings(string sql)
    {
        var result = new List<string>();
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) { result.Add(reader.GetString(0)); }
        return result;
    }

    internal static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    internal static string Name(string column) => $"\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
