namespace Facto.Import;

/// <summary>
/// A dense matrix of ratings: one line a user, one column an item, a cell that is empty or no rating is no row. The first column is the
/// user's id and the header
/// holds the items' ids, unless there is none of them: then rows and columns are numbered from 1. Each rating is a row with the columns
/// user, item and rating.
/// </summary>
internal sealed class MatrixTable : RowReader
{
    private static readonly string[] Names = ["user", "item", "rating"];
    private static readonly string[] Missing = ["", "NA", "NaN", "nan", "null", "?", "-"];

    private readonly DelimitedReader _reader;
    private readonly bool _hasUsers;
    private readonly string[]? _items;
    private readonly string? _nothing;
    private readonly string[] _columns;
    private readonly int _width;
    private int[] _wanted = [];
    private int _cell = -1;
    private long _number;
    private bool _isOpen;

    public MatrixTable(string path, TableSource source)
    {
        _columns = [.. source.Columns is { Count: 3 } given ? given : Names];
        _nothing = source.Nothing;
        _hasUsers = source.RowNames;
        _reader = new DelimitedReader(new CharSource(path, source.Encoding), source.Delimiter ?? ",", source.Quote ?? "\"");
        _isOpen = _reader.Next();
        _width = _reader.Count;
        if (!_isOpen || !source.Header) { return; }
        _items = new string[_width];
        for (int i = 0; i < _width; i++) { _items[i] = _reader[i].Trim().ToString(); }
        _isOpen = _reader.Next();
        _width = _reader.Count;
        // R writes no name above the column of row names.
        if (_hasUsers && _items.Length == _width - 1) { _items = ["", .. _items]; }
    }

    public override IReadOnlyList<string> Columns => _columns;

    public override void Want(IReadOnlyList<int> columns) => _wanted = [.. columns];

    public override bool Next(RowValues row)
    {
        while (true)
        {
            if (_cell < 0)
            {
                if (!_isOpen) { return false; }
                _number++;
                Line = _reader.Line;
                Fault = _reader.Fault ?? (_reader.Count == _width ? null : $"the row has {_reader.Count} columns, not {_width}");
                if (Fault is not null)
                {
                    _isOpen = _reader.Next();
                    return true;
                }

                _cell = _hasUsers ? 1 : 0;
            }

            if (_cell == _width)
            {
                _cell = -1;
                _isOpen = _reader.Next();
                continue;
            }

            int cell = _cell++;
            ReadOnlySpan<char> value = _reader[cell].Trim();
            if (IsMissing(value)) { continue; }
            row.Begin(_wanted.Length);
            for (int c = 0; c < _wanted.Length; c++) { row.Set(c, Value(_wanted[c], cell, value)); }
            return true;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _reader.Dispose(); }
    }

    private string Value(int column, int cell, ReadOnlySpan<char> value) => column switch
    {
        0 => _hasUsers ? _reader[0].ToString() : $"{_number}",
        1 => _items?[cell] is { Length: > 0 } item ? item : $"{(_hasUsers ? cell : cell + 1)}",
        _ => value.ToString(),
    };

    private bool IsMissing(ReadOnlySpan<char> value)
    {
        foreach (string missing in Missing)
        {
            if (value.SequenceEqual(missing)) { return true; }
        }

        return _nothing is not null && value.SequenceEqual(_nothing);
    }
}
