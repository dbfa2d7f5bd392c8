using System.Text;
using System.Text.Json;

namespace Facto.Import;

/// <summary>Writes commented JSON, line by line.</summary>
internal sealed class CommentedJson
{
    private static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _text = new("{\n");
    private int _depth = 1;

    public string Text => _text + "}\n";

    public static string Quote(string text) => JsonSerializer.Serialize(text, Relaxed);

    public CommentedJson Comment(string text) => Line($"// {text}");

    public CommentedJson Line(string text)
    {
        _text.Append(' ', 2 * _depth).Append(text).Append('\n');
        return this;
    }

    public CommentedJson Open(string name)
    {
        Line($"{Quote(name)}: {{");
        _depth++;
        return this;
    }

    public CommentedJson Close()
    {
        _depth--;
        return Line("},");
    }

    public CommentedJson Value(string name, string? text, string? comment = null) => text is null ? this : Raw(name, Quote(text), comment);

    public CommentedJson Raw(string name, string json, string? comment = null) =>
        Line($"{Quote(name)}: {json},{(comment is null ? string.Empty : $"   // {comment}")}");

    /// <summary>How a table is read, where it is not as usual.</summary>
    public CommentedJson Source(TableSource source)
    {
        Value("path", source.Path);
        if (source.Format != TableFormat.Auto) { Value("format", JsonNamingPolicy.CamelCase.ConvertName(source.Format.ToString())); }
        Value("delimiter", source.Delimiter);
        if (source.Encoding != "utf-8") { Value("encoding", source.Encoding, "it is not valid UTF-8"); }
        if (source.Format is TableFormat.Lists or TableFormat.Sparse)
        {
            return source.Header || source.Format == TableFormat.Sparse ? this : Raw("header", "false");
        }

        if (!source.Header) { Raw("header", "false"); }
        if (source.RowNames) { Raw("rowNames", "true", "the first column holds the users' ids"); }
        Value("nothing", source.Nothing, "such a cell is no rating");
        if (source.Columns is { } columns)
        {
            Raw("columns", $"[{string.Join(", ", columns.Select(Quote))}]", source.Header ? "a name stood twice"
                : "there is no header: name them as you like");
        }

        return this;
    }
}
