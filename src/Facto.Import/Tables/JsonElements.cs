using System.Text;
using System.Text.Json;

namespace Facto.Import;

/// <summary>Cuts a JSON file into its elements, each with the line on which it begins: lines, an array's elements, or values behind one
/// another.</summary>
internal sealed class JsonElements(CharSource source) : IDisposable
{
    private const int Longest = 1 << 26;
    private const string Undecodable = "it has bytes that are no text in this encoding: set the encoding (utf-8, latin-1, utf-16)";

    private readonly StringBuilder _text = new();
    private readonly char[] _buffer = new char[1 << 16];
    private string _replay = string.Empty;   // what was looked at and is read once more
    private int _replayed, _position, _end;
    private long _line = 1;
    private bool _begun, _inArray, _perLine, _done;

    /// <summary>The element's text.</summary>
    public string Text { get; private set; } = string.Empty;

    /// <summary>The line on which it begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Why the text is no element, or null.</summary>
    public string? Fault { get; private set; }

    /// <summary>Goes to the next element; false at the end.</summary>
    public bool Next()
    {
        Fault = null;
        if (!_begun) { Begin(); }
        if (_done || (!_inArray && SkipBlanks() < 0)) { return false; }
        if (!_perLine) { return _inArray ? NextInArray() : NextValue(); }
        Line = _line;
        Text = ReadLine();
        if (Text.Contains(CharSource.Invalid, StringComparison.Ordinal)) { Fault = Undecodable; }
        return true;
    }

    public void Dispose() => source.Dispose();

    // An array when the first character is '['; values over several lines when the first line opens more brackets than it closes and the
    // second is no object of its own; lines otherwise.
    private void Begin()
    {
        _begun = true;
        int first = SkipBlanks();
        if (first == '[')
        {
            Take();
            _inArray = true;
            return;
        }

        long line = _line;
        string text = ReadLine();
        int second = SkipBlanks(keepInReplay: true);
        _perLine = IsWhole(text) || !IsOpen(text) || second == '{';
        _replay = text + "\n" + _skipped + _replay[_replayed..];
        _replayed = 0;
        _line = line;
    }

    private readonly StringBuilder _skipped = new();

    private bool NextInArray()
    {
        int next = SkipBlanks();
        while (next == ',')
        {
            Take();
            next = SkipBlanks();
        }

        if (next >= 0 && next != ']') { return NextValue(); }
        _done = true;
        Line = _line;
        Text = string.Empty;
        if (next < 0) { Fault = "broken JSON: the array is not closed, the file seems to be cut off"; }
        else
        {
            Take();
            if (SkipBlanks() >= 0) { Fault = "broken JSON: something follows the array"; }
        }

        return Fault is not null;
    }

    // One value by its brackets; strings are passed over.
    private bool NextValue()
    {
        int depth = 0;
        bool inString = false, escaped = false;
        Line = _line;
        _text.Clear();
        while (true)
        {
            int next = Peek();
            bool ends = depth == 0 && !inString && _text.Length > 0 && (next is ',' or ']' || (next >= 0 && char.IsWhiteSpace((char)next)));
            if (ends || (next < 0 && depth == 0 && !inString)) { break; }
            if (next < 0 || _text.Length > Longest)
            {
                (_done, Text) = (true, string.Empty);
                Fault = "broken JSON: the value that begins here is not closed, the file seems to be cut off";
                return true;
            }

            char c = (char)next;
            Take();
            _text.Append(c);
            if (inString)
            {
                (inString, escaped) = (escaped || c != '"', !escaped && c == '\\');
                if (!inString && depth == 0) { break; }
            }
            else if (c == '"') { inString = true; }
            else if (c is '{' or '[') { depth++; }
            else if (c is '}' or ']' && --depth <= 0) { break; }
        }

        Text = _text.ToString();
        if (Text.Contains(CharSource.Invalid, StringComparison.Ordinal)) { Fault = Undecodable; }
        return true;
    }

    private static bool IsWhole(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Whether more brackets open than close: the value goes on in the next line.
    private static bool IsOpen(string text)
    {
        int depth = 0;
        bool inString = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (inString && text[i] == '\\') { i++; }
            else if (text[i] == '"') { inString = !inString; }
            else if (!inString) { depth += text[i] is '{' or '[' ? 1 : text[i] is '}' or ']' ? -1 : 0; }
        }

        return depth > 0;
    }

    private string ReadLine()
    {
        _text.Clear();
        int c = Peek();
        for (; c >= 0 && c != '\n'; c = Peek())
        {
            _text.Append((char)c);
            Take();
        }

        Take();
        return _text.ToString();
    }

    private int SkipBlanks(bool keepInReplay = false)
    {
        _skipped.Clear();
        int c = Peek();
        while (c >= 0 && char.IsWhiteSpace((char)c))
        {
            if (keepInReplay) { _skipped.Append((char)c); }
            Take();
            c = Peek();
        }

        return c;
    }

    private int Peek()
    {
        if (_replayed < _replay.Length) { return _replay[_replayed]; }
        if (_position == _end)
        {
            _position = 0;
            _end = source.Read(_buffer);
        }

        return _position < _end ? _buffer[_position] : -1;
    }

    private void Take()
    {
        int c = Peek();
        if (c < 0) { return; }
        if (_replayed < _replay.Length) { _replayed++; }
        else { _position++; }
        if (c == '\n') { _line++; }
    }
}
