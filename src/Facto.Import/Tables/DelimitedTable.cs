namespace Facto.Import;

/// <summary>A file of delimited text as a table: its columns named by a header or by the project.</summary>
internal sealed class DelimitedTable : RowReader
{
    private readonly DelimitedReader _reader;
    private readonly string[] _columns;
    private int[] _wanted = [];

    public DelimitedTable(string path, TableSource source)
    {
        string delimiter = source.Delimiter ?? (path.Contains(".tsv", StringComparison.OrdinalIgnoreCase) ? "\t" : ",");
        string quote = source.Quote ?? (delimiter.Length == 1 && delimiter != " " ? "\"" : string.Empty);
        _reader = new DelimitedReader(new CharSource(path, source.Encoding), delimiter, quote);
        try
        {
            _columns = [.. source.Columns is { Count: > 0 } given ? given : []];
            if (source.Header)
            {
                if (!_reader.Next()) { throw new FactoException($"{path}: it is empty, not even a header"); }
                if (_reader.Fault is { } fault) { throw new FactoException($"{path}:{_reader.Line}: the header cannot be read: {fault}"); }
                if (_columns.Length == 0) { _columns = Header(); }
            }
            else if (_columns.Length == 0) { throw new FactoException($"{path} has no header: name its columns in 'columns'"); }
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    public override IReadOnlyList<string> Columns => _columns;

    public override void Want(IReadOnlyList<int> columns) => _wanted = [.. columns];

    public override bool Next(RowValues row)
    {
        if (!_reader.Next()) { return false; }
        Line = _reader.Line;
        Fault = _reader.Fault;
        if (Fault is null && _reader.Count != _columns.Length) { Fault = $"the row has {Columns1(_reader.Count)}, not {_columns.Length}"; }
        if (Fault is not null) { return true; }
        row.Begin(_wanted.Length);
        row.Refer(_reader.Buffer);
        for (int c = 0; c < _wanted.Length; c++) { row.Set(c, _reader.Start(_wanted[c]), _reader.LengthOrNull(_wanted[c])); }
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _reader.Dispose(); }
    }

    private static string Columns1(int count) => count == 1 ? "1 column" : $"{count} columns";

    // A column without a name (a data frame's index) is called by its position.
    private string[] Header()
    {
        var names = new string[_reader.Count];
        for (int c = 0; c < names.Length; c++)
        {
            string name = _reader[c].Trim().ToString();
            names[c] = name.Length > 0 ? name : $"column{c + 1}";
        }

        return names;
    }
}
