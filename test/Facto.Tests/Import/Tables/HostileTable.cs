using System.Text;
using System.Text.Json;
using Facto.Import;

namespace Facto.Tests.Import.Tables;

/// <summary>A table made to be misread, with the truth beside it: the values of every good row, and the lines of the bad ones.</summary>
internal sealed class HostileTable
{
    private static readonly string[] Values =
    [
        "a", "A", "ä", "a\u0308", "\u00e4", "é", "007", "7", "7.0", " 7", "7 ", "  pad  ", "a,b", "a;b", "a|b", "a\tb", "a:b", "a::b",
            "say \"hi\"", "\"", "\"\"", "'", "line\nbreak", "cr\rhere", "both\r\nends", "#", "# no comment",
        "NaN", "nan", "inf", "-Infinity", "1e308", "1e309", "-1e308", "0x1f", "1,5", "1.234,56", "$1.8", "null", "NULL", "None", "NA",
            "\\N", "\\", "a\\\"b", "true", "{}", "[1,2]", "{\"a\":1}", "=1+1", "😀", "\u202Eabc", "\u0001", "\u001f",
        "\u001e", "\u2028", "<b>", "%41", "..", "/", "ß", "ẞ", "ﬀ", "İ", "i̇", "٣", "中文", "\u200b", "-0", "+1", "9007199254740993",
            "2010-12-01 08:26:00.123456", "1700000000123",
    ];

    private static readonly string[] Delimiters = [",", ";", "\t", "|", "::", "^"];

    private readonly Random _random;
    private readonly StringBuilder _text = new();
    private readonly List<(int At, byte Bad)> _broken = [];
    private long _line = 1;

    public HostileTable(int seed)
    {
        _random = new Random(seed);
        Name = $"table {seed}";
        if (_random.Next(4) == 0) { MakeJson(); }
        else { MakeDelimited(); }
    }

    public string Name { get; }

    public byte[] Bytes { get; private set; } = [];

    public string FileName { get; private set; } = "t.csv";

    public TableSource Source { get; private set; } = new() { Path = "t.csv" };

    public string[] Columns { get; private set; } = [];

    /// <summary>Values of the good rows.</summary>
    public List<string?[]> Rows { get; } = [];

    /// <summary>Lines of the bad rows.</summary>
    public List<long> BadLines { get; } = [];

    /// <summary>Whether Python's csv module has an opinion on it: no bad rows, one delimiter, UTF-8.</summary>
    public bool PythonReads { get; private set; }

    private void MakeDelimited()
    {
        string delimiter = Pick(Delimiters), encoding = Pick("utf-8", "utf-8", "utf-8-bom", "utf-16", "utf-16-be", "utf-16-bare",
            "latin-1");
        bool quotes = delimiter.Length == 1 && _random.Next(5) > 0, header = _random.Next(3) > 0;
        Columns = [.. Enumerable.Range(0, _random.Next(2, 6)).Select(c => $"column {c}")];
        string[] pool = [.. Values.Append(new string('x', _random.Next(20) == 0 ? 100_000 : 300)).Where(v =>
            Fits(v, delimiter, quotes, encoding))];
        if (header) { Line(string.Join(delimiter, Columns), pool); }
        int rows = _random.Next(0, 30);
        for (int r = 0; r < rows; r++) { DelimitedRow(delimiter, quotes, encoding, pool); }
        Source = new TableSource
        {
            Path = FileName,
            Delimiter = delimiter == "," && _random.Next(2) == 0 ? null : delimiter,
            Quote = quotes ? null : "",
            Encoding = encoding switch { "latin-1" => "latin-1", "utf-16-bare" => "utf-16", _ => "utf-8" },
            Header = header,
            Columns = header ? null : Columns,
        };
        Bytes = Encode(encoding);
        PythonReads = BadLines.Count == 0 && delimiter.Length == 1 && quotes && encoding == "utf-8" && header;
    }

    private void DelimitedRow(string delimiter, bool quotes, string encoding, string[] pool)
    {
        if (_random.Next(12) == 0) { Line(string.Empty, pool); }
        string?[] row = [.. Columns.Select(_ => _random.Next(8) == 0 ? null : Pick(pool))];
        bool bad = _random.Next(12) == 0;
        if (!bad)
        {
            Rows.Add(row);
            Line(string.Join(delimiter, row.Select(v => Spell(v, delimiter, quotes))), pool);
            return;
        }

        BadLines.Add(_line);
        string plain = string.Join(delimiter, Columns.Select((_, c) => $"v{c}"));
        switch (_random.Next(quotes && Columns.Length > 1 ? 4 : 2))
        {
            case 0:
                Line(plain + delimiter + "more", pool);
                break;
            case 1 when encoding is "utf-8" or "utf-8-bom":
                _broken.Add((_text.Length, 0xff));
                Line(plain, pool);
                break;
            case 2:
                Line($"\"quoted\"behind{delimiter}{plain}", pool);
                break;
            default:
                Line(plain[..plain.LastIndexOf(delimiter, StringComparison.Ordinal)], pool);
                break;
        }
    }

    private static bool Fits(string value, string delimiter, bool quotes, string encoding)
    {
        if (encoding == "latin-1" && value.Any(c => c > 255)) { return false; }
        return quotes || !(value.Contains(delimiter[0], StringComparison.Ordinal) || value.AsSpan().ContainsAny('\n', '\r'));
    }

    private string Spell(string? value, string delimiter, bool quotes)
    {
        if (value is null) { return string.Empty; }
        bool must = value.Length == 0 || value[0] == '"' || value.Contains(delimiter, StringComparison.Ordinal)
            || value.AsSpan().ContainsAny('\n', '\r');
        return quotes && (must || _random.Next(4) == 0) ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }

    private void Line(string text, string[] pool)
    {
        _ = pool;
        // "\r" before an empty line that ends with "\n" would be one line end.
        string end = Pick("\n", "\n", "\r\n", "\r");
        if (text.Length == 0 && _text.Length > 0 && _text[^1] == '\r') { end = "\r\n"; }
        _text.Append(text).Append(end);
        string all = text + end;
        for (int i = 0; i < all.Length; i++)
        {
            if (all[i] == '\n' || (all[i] == '\r' && (i + 1 == all.Length || all[i + 1] != '\n'))) { _line++; }
        }
    }

    private byte[] Encode(string encoding)
    {
        string text = _text.ToString();
        if (_random.Next(4) == 0) { text = text.TrimEnd('\n', '\r'); }
        byte[] Mark(Encoding e) => [.. e.GetPreamble(), .. e.GetBytes(text)];
        switch (encoding)
        {
            case "utf-8-bom": return [.. new UTF8Encoding(true).GetPreamble(), .. Broken(text)];
            case "utf-16": return Mark(Encoding.Unicode);
            case "utf-16-be": return Mark(Encoding.BigEndianUnicode);
            case "utf-16-bare": return Encoding.Unicode.GetBytes(text);
            case "latin-1": return Encoding.Latin1.GetBytes(text);
            default: return Broken(text);
        }
    }

    // UTF-8 with bytes that are none before the characters at some places.
    private byte[] Broken(string text)
    {
        var bytes = new List<byte>();
        int at = 0;
        foreach ((int place, byte bad) in _broken)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(text[at..place]));
            bytes.Add(bad);
            at = place;
        }

        bytes.AddRange(Encoding.UTF8.GetBytes(text[at..]));
        return [.. bytes];
    }

    private void MakeJson()
    {
        Columns = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(c => $"key {c}")];
        bool array = _random.Next(3) == 0;
        var text = new StringBuilder(array ? "[\n" : string.Empty);
        int rows = _random.Next(1, 20);
        long line = array ? 2 : 1;
        for (int r = 0; r < rows; r++)
        {
            if (!array && r > 0 && _random.Next(10) == 0)
            {
                BadLines.Add(line++);
                text.Append(Pick("{\"key 0\": 1", "{\"key 0\": NaN}", "no json", "17", "[1]", "{\"key 0\" 1}")).Append('\n');
                continue;
            }

            (string json, string?[] row) = Object();
            Rows.Add(row);
            text.Append(json).Append(array && r < rows - 1 ? ",\n" : "\n");
            line++;
            if (!array && _random.Next(10) == 0)
            {
                text.Append("\r\n");
                line++;
            }
        }

        if (array) { text.Append("]\n"); }
        FileName = "t.jsonl";
        Source = new TableSource { Path = FileName };
        Bytes = Encoding.UTF8.GetBytes(text.ToString());
    }

    private (string Json, string?[] Row) Object()
    {
        var row = new string?[Columns.Length];
        var members = new List<string>();
        for (int c = 0; c < Columns.Length; c++)
        {
            string name = JsonSerializer.Serialize(Columns[c]);
            string value = Pick(Values);
            switch (_random.Next(7))
            {
                case 0:
                    members.Add($"{name}: null");
                    break;
                case 1:
                    row[c] = Pick("true", "false", "1.50", "-0", "1e308", "9007199254740993", "12345678901234567890");
                    members.Add($"{name}: {row[c]}");
                    break;
                case 2:
                    string[] list = [Pick(Values), Pick(Values)];
                    row[c] = Facto.Data.ListText.Cell(list);
                    members.Add($"{name}:{JsonSerializer.Serialize(list)}");
                    break;
                default:
                    row[c] = Facto.Data.ListText.Cell(value);
                    members.Add($"{name} :{JsonSerializer.Serialize(value)}");
                    break;
            }
        }

        return ($"{{{string.Join(" ,", members)}}}", row);
    }

    private string Pick(params string[] values) => values[_random.Next(values.Length)];
}
