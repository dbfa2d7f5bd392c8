namespace Facto.Import;

/// <summary>The wanted values of one row, valid until the next is read. Null is a value that is not there.</summary>
internal sealed class RowValues
{
    private char[] _text = [];
    private int[] _starts = [], _lengths = [];
    private int _used;

    /// <summary>Number of values.</summary>
    public int Count { get; private set; }

    /// <summary>A value's characters; empty for null.</summary>
    public ReadOnlySpan<char> this[int column] => _lengths[column] < 0 ? default : _text.AsSpan(_starts[column], _lengths[column]);

    public bool IsNull(int column) => _lengths[column] < 0;

    public string? Text(int column) => _lengths[column] < 0 ? null : new string(_text, _starts[column], _lengths[column]);

    /// <summary>Copies of all values.</summary>
    public string?[] ToArray()
    {
        var values = new string?[Count];
        for (int c = 0; c < Count; c++) { values[c] = Text(c); }
        return values;
    }

    /// <summary>Makes room for a row whose values stand in another's memory or are added one by one.</summary>
    public void Begin(int count)
    {
        Count = count;
        _used = 0;
        if (_starts.Length < count) { (_starts, _lengths) = (new int[count], new int[count]); }
    }

    /// <summary>Values that stand in <paramref name="text"/>, which must not change until the next row.</summary>
    public void Refer(char[] text) => _text = text;

    public void Set(int column, int start, int length)
    {
        _starts[column] = start;
        _lengths[column] = length;
    }

    /// <summary>Copies a value in.</summary>
    public void Set(int column, string? value)
    {
        if (value is null)
        {
            _lengths[column] = -1;
            return;
        }

        if (_used + value.Length > _text.Length) { Array.Resize(ref _text, Math.Max(1024, 2 * (_used + value.Length))); }
        value.CopyTo(0, _text, _used, value.Length);
        Set(column, _used, value.Length);
        _used += value.Length;
    }
}

/// <summary>Takes a row; null, or why it is bad.</summary>
internal delegate string? TakeRow(RowValues row);

/// <summary>A row that cannot be used.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line on which it begins, from 1; in a Parquet file the row.</param>
/// <param name="Reason">What is wrong.</param>
internal readonly record struct BadRow(string File, long Line, string Reason);
