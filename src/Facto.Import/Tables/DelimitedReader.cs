namespace Facto.Import;

/// <summary>
/// Delimited text. A field that begins with the quote ends with it; inside, two quotes are one and line ends are text. A line whose
/// quotes do not work out
/// is one bad row, and reading goes on with the next line, so that a stray quote costs one row and not the rest of the file. Lines end
/// with \n, \r\n or \r,
/// mixed as they come; empty lines are no rows.
/// </summary>
internal sealed class DelimitedReader : IDisposable
{
    private const int LongestRecord = 1 << 24;

    private readonly CharSource _source;
    private readonly string _delimiter;
    private readonly char _quote;
    private readonly bool _blanks;
    private char[] _buffer = new char[1 << 16];
    private int _position, _end;
    private bool _atEnd, _anyInvalid;
    private int[] _starts = new int[16], _lengths = new int[16];
    private bool[] _doubled = new bool[16];
    private int _quotedFields;
    private long _nextLine = 1;

    /// <param name="source">The characters; disposed with the reader.</param>
    /// <param name="delimiter">What stands between fields; a blank stands for any number of blanks and tabs.</param>
    /// <param name="quote">One character, or empty for none.</param>
    public DelimitedReader(CharSource source, string delimiter, string quote)
    {
        _source = source;
        _delimiter = delimiter;
        _quote = quote.Length == 0 ? '\0' : quote[0];
        _blanks = delimiter == " ";
    }

    private enum Outcome
    {
        Record,
        Empty,
        NeedsMore,
        Unclosed,
        BehindQuote,
    }

    /// <summary>The line on which the record begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Fields of the record.</summary>
    public int Count { get; private set; }

    /// <summary>What is wrong with the record, or null.</summary>
    public string? Fault { get; private set; }

    /// <summary>The memory that fields stand in, until the next record is read.</summary>
    public char[] Buffer => _buffer;

    /// <summary>A field's characters.</summary>
    public ReadOnlySpan<char> this[int field] => _buffer.AsSpan(_starts[field], _lengths[field]);

    public int Start(int field) => _starts[field];

    /// <summary>A field's length, or −1 when nothing at all stands between its delimiters.</summary>
    public int LengthOrNull(int field) => _lengths[field] == 0
        && (_starts[field] == 0 || _buffer[_starts[field] - 1] != _quote || _quote == '\0') ? -1 : _lengths[field];

    /// <summary>Goes to the next record; false at the end.</summary>
    public bool Next()
    {
        while (true)
        {
            if (_position == _end && !Fill()) { return false; }
            Line = _nextLine;
            Fault = null;
            int position = _position;
            switch (Parse(ref position))
            {
                case Outcome.Empty:
                    _position = position;
                    _nextLine++;
                    continue;
                case Outcome.Record:
                    Complete(position);
                    return true;
                case Outcome.NeedsMore when !_atEnd && _end - _position < LongestRecord:
                    Fill();
                    continue;
                case Outcome.NeedsMore when _quotedFields == 0:
                    throw new FactoException(
                        $"{_source.Path}:{Line}: a line of more than {LongestRecord} characters is no row: is this a text file, and is "
                            + $"the delimiter right?");
                case Outcome.BehindQuote:
                    Recover($"text stands behind the closing quote of column {Count + 1}");
                    return true;
                default:
                    Recover($"the quote that opens column {Count + 1} is never closed");
                    return true;
            }
        }
    }

    public void Dispose() => _source.Dispose();

    // Finds the fields of the record at `p`, which then stands behind it. Nothing is changed: the record may have to be looked at again
    // with more text.
    private Outcome Parse(ref int p)
    {
        Count = 0;
        _quotedFields = 0;
        if (_blanks) { while (p < _end && _buffer[p] is ' ' or '\t') { p++; } }
        while (true)
        {
            int start = p, stop;
            bool quoted = _quote != '\0' && p < _end && _buffer[p] == _quote, doubled = false;
            if (quoted)
            {
                _quotedFields++;
                start++;
                stop = ClosingQuote(start, out doubled);
                if (stop < 0) { return _atEnd ? Outcome.Unclosed : Outcome.NeedsMore; }
                p = stop + 1;
            }
            else
            {
                stop = p = FieldEnd(p);
            }

            int wide = Delimiter(p);
            if (wide < 0 || (p == _end && !_atEnd)) { return Outcome.NeedsMore; }
            if (wide == 0 && p < _end && _buffer[p] is not ('\n' or '\r')) { return Outcome.BehindQuote; }
            Add(start, stop - start, doubled);
            if (wide > 0 && !(_blanks && IsLineEnd(p + wide)))
            {
                p += wide;
                continue;
            }

            p += wide;
            int lineEnd = LineEnd(p);
            if (lineEnd < 0) { return Outcome.NeedsMore; }
            p += lineEnd;
            return Count == 1 && !quoted && stop == start ? Outcome.Empty : Outcome.Record;
        }
    }

    private int ClosingQuote(int from, out bool doubled)
    {
        doubled = false;
        while (true)
        {
            int found = _buffer.AsSpan(from, _end - from).IndexOf(_quote);
            if (found < 0) { return -1; }
            int at = from + found;
            if (at + 1 == _end) { return _atEnd ? at : -1; }
            if (_buffer[at + 1] != _quote) { return at; }
            doubled = true;
            from = at + 2;
        }
    }

    private int FieldEnd(int from)
    {
        while (true)
        {
            ReadOnlySpan<char> rest = _buffer.AsSpan(from, _end - from);
            int found = _blanks ? rest.IndexOfAny(" \t\n\r") : rest.IndexOfAny(_delimiter[0], '\n', '\r');
            if (found < 0) { return _end; }
            int at = from + found;
            if (_delimiter.Length == 1 || _buffer[at] is '\n' or '\r' || Delimiter(at) != 0) { return at; }
            from = at + 1;
        }
    }

    // Characters of the delimiter at p, 0 when there is none, −1 when more text is needed to know.
    private int Delimiter(int p)
    {
        if (p == _end) { return 0; }
        if (_blanks)
        {
            int end = p;
            while (end < _end && _buffer[end] is ' ' or '\t') { end++; }
            return end == _end && !_atEnd ? -1 : end - p;
        }

        if (_buffer[p] != _delimiter[0]) { return 0; }
        if (_delimiter.Length == 1) { return 1; }
        if (_end - p < _delimiter.Length && !_atEnd) { return -1; }
        return _buffer.AsSpan(p, _end - p).StartsWith(_delimiter, StringComparison.Ordinal) ? _delimiter.Length : 0;
    }

    private bool IsLineEnd(int p) => p == _end || _buffer[p] is '\n' or '\r';

    private int LineEnd(int p)
    {
        if (p == _end) { return 0; }
        if (_buffer[p] == '\n') { return 1; }
        if (p + 1 == _end) { return _atEnd ? 1 : -1; }
        return _buffer[p + 1] == '\n' ? 2 : 1;
    }

    private void Add(int start, int length, bool doubled)
    {
        if (Count == _starts.Length)
        {
            Array.Resize(ref _starts, 2 * Count);
            Array.Resize(ref _lengths, 2 * Count);
            Array.Resize(ref _doubled, 2 * Count);
        }

        _starts[Count] = start;
        _lengths[Count] = length;
        _doubled[Count++] = doubled;
    }

    private void Complete(int behind)
    {
        ReadOnlySpan<char> record = _buffer.AsSpan(_position, behind - _position);
        if (_anyInvalid && record.Contains(CharSource.Invalid))
        {
            Fault = $"it has bytes that are no {_source.EncodingName}: set the encoding (utf-8, latin-1, utf-16)";
        }

        _nextLine += _quotedFields == 0 ? 1 : Lines(record);
        _position = behind;
        if (_quotedFields == 0) { return; }
        for (int f = 0; f < Count; f++)
        {
            if (_doubled[f]) { Undouble(f); }
        }
    }

    private void Undouble(int field)
    {
        int write = _starts[field], end = write + _lengths[field];
        for (int read = write; read < end; read++)
        {
            _buffer[write++] = _buffer[read];
            if (_buffer[read] == _quote) { read++; }
        }

        _lengths[field] = write - _starts[field];
    }

    private static int Lines(ReadOnlySpan<char> text)
    {
        int lines = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n'))) { lines++; }
        }

        return lines;
    }

    // Goes behind the first line of a record that does not work out.
    private void Recover(string fault)
    {
        Fault = fault;
        Count = 0;
        _nextLine++;
        int found = _buffer.AsSpan(_position, _end - _position).IndexOfAny('\n', '\r');
        if (found < 0)
        {
            _position = _end;
            return;
        }

        int at = _position + found;
        _position = at + (_buffer[at] == '\r' && at + 1 < _end && _buffer[at + 1] == '\n' ? 2 : 1);
    }

    // Reads on behind what is not used yet. One free place before the text lets a field look at the character before it.
    private bool Fill()
    {
        int kept = _end - _position;
        if (kept > _buffer.Length / 2) { Array.Resize(ref _buffer, 2 * _buffer.Length); }
        _buffer.AsSpan(_position, kept).CopyTo(_buffer.AsSpan(1));
        _position = 1;
        _end = 1 + kept;
        int read = _source.Read(_buffer.AsSpan(_end));
        _anyInvalid |= _buffer.AsSpan(_end, read).Contains(CharSource.Invalid);
        _end += read;
        _atEnd = read == 0;
        return read > 0;
    }
}
