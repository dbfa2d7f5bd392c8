using System.Text.Json;

namespace Facto.Import;

/// <summary>
/// JSON as a table: one object per line, objects behind one another over several lines, or one array of objects. Members of an object
/// within are columns too,
/// called by their path (user.id); lists keep their elements; true, false and numbers are as they are spelt.
/// </summary>
internal sealed class JsonTable : RowReader
{
    private const int Looked = 1000;

    private readonly string _path;
    private readonly JsonElements _elements;
    private readonly string[] _columns;
    private readonly Queue<(JsonDocument? Document, long Line, string? Fault)> _looked = [];
    private string[] _wanted = [];

    public JsonTable(string path, TableSource source)
    {
        _path = path;
        _elements = new JsonElements(new CharSource(path, source.Encoding));
        var names = new List<string>();
        var known = new HashSet<string>();
        for (int i = 0; i < Looked && Take() is { } next; i++)
        {
            _looked.Enqueue(next);
            if (next.Document is { } document) { AddNames(document.RootElement, string.Empty, names, known); }
        }

        _columns = [.. names];
    }

    public override IReadOnlyList<string> Columns => _columns;

    public override void Want(IReadOnlyList<int> columns) => _wanted = [.. columns.Select(c => _columns[c])];

    public override bool Next(RowValues row)
    {
        if (!_looked.TryDequeue(out (JsonDocument? Document, long Line, string? Fault) next))
        {
            if (Take() is not { } taken) { return false; }
            next = taken;
        }

        Line = next.Line;
        Fault = next.Fault;
        if (next.Document is not { } document) { return true; }
        row.Begin(_wanted.Length);
        for (int c = 0; c < _wanted.Length; c++) { row.Set(c, Find(document.RootElement, _wanted[c]) is { } value ? Cell(value) : null); }
        document.Dispose();
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) { return; }
        _elements.Dispose();
        foreach ((JsonDocument? document, _, _) in _looked) { document?.Dispose(); }
    }

    private (JsonDocument? Document, long Line, string? Fault)? Take()
    {
        if (!_elements.Next()) { return null; }
        if (_elements.Fault is { } fault) { return (null, _elements.Line, fault); }
        try
        {
            var document = JsonDocument.Parse(_elements.Text);
            if (document.RootElement.ValueKind == JsonValueKind.Object) { return (document, _elements.Line, null); }
            string kind = document.RootElement.ValueKind.ToString().ToLowerInvariant();
            document.Dispose();
            return (null, _elements.Line, $"it is JSON but no object: a {kind} stands here");
        }
        catch (JsonException e)
        {
            return (null, _elements.Line + (e.LineNumber ?? 0), $"broken JSON at byte {e.BytePositionInLine + 1} of the line");
        }
    }

    private static void AddNames(JsonElement value, string prefix, List<string> names, HashSet<string> known)
    {
        foreach (JsonProperty member in value.EnumerateObject())
        {
            string name = prefix + member.Name;
            if (member.Value.ValueKind == JsonValueKind.Object) { AddNames(member.Value, name + ".", names, known); }
            else if (known.Add(name)) { names.Add(name); }
        }
    }

    // A member called so, or by its path through objects.
    private static JsonElement? Find(JsonElement from, string name)
    {
        if (from.TryGetProperty(name, out JsonElement value)) { return value; }
        for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = name.IndexOf('.', dot + 1))
        {
            bool within = from.TryGetProperty(name[..dot], out JsonElement inner) && inner.ValueKind == JsonValueKind.Object;
            if (within && Find(inner, name[(dot + 1)..]) is { } found) { return found; }
        }

        return null;
    }

    /// <summary>A JSON value as the text of one cell.</summary>
    internal static string? Cell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Array => Data.ListText.Cell(value.EnumerateArray().Select(Plain)),
        _ => Data.ListText.Cell(Plain(value)),
    };

    private static string? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null => null,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.GetRawText(),
    };
}
