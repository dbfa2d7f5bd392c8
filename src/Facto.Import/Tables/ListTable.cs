namespace Facto.Import;

/// <summary>Lists, one user a line: "user item item …", separated by blanks (or by the source's delimiter). Each pair is a row with the
/// columns user and item.</summary>
internal sealed class ListTable : RowReader
{
    private static readonly string[] Names = ["user", "item"];

    private readonly DelimitedReader _reader;
    private readonly string[] _columns;
    private int[] _wanted = [];
    private int _field;

    public ListTable(string path, TableSource source)
    {
        _columns = [.. source.Columns is { Count: 2 } given ? given : Names];
        _reader = new DelimitedReader(new CharSource(path, source.Encoding), source.Delimiter ?? " ", source.Quote ?? string.Empty);
        if (source.Header) { _reader.Next(); }
    }

    public override IReadOnlyList<string> Columns => _columns;

    public override void Want(IReadOnlyList<int> columns) => _wanted = [.. columns];

    public override bool Next(RowValues row)
    {
        while (_field == 0 || _field >= _reader.Count)
        {
            if (!_reader.Next()) { return false; }
            Line = _reader.Line;
            Fault = _reader.Fault;
            if (Fault is not null) { return true; }
            _field = 1;   // a user without items is a line without rows
        }

        row.Begin(_wanted.Length);
        row.Refer(_reader.Buffer);
        for (int c = 0; c < _wanted.Length; c++)
        {
            int field = _wanted[c] == 0 ? 0 : _field;
            row.Set(c, _reader.Start(field), _reader.LengthOrNull(field));
        }

        _field++;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _reader.Dispose(); }
    }
}
