using System.Text;
using System.Text.Json;

namespace Facto.Import;

/// <summary>Writes down what <see cref="ProjectInspector"/> found as a commented facto.json.</summary>
internal sealed class ProposalWriter(string folder, string dataFolder, ProjectInspector.Look log, ProjectInspector.Look? users, ProjectInspector.Look? items)
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _taken = ["user", "item"];   // names of fields

    public string Text()
    {
        bool binary = log.Label is not null && Values(log, log.Label).All(v => v is "0" or "1" or "-1");
        bool stars = log.Label is not null && !binary;
        _text.Append("{\n  // Proposed by 'facto init' from the files' first lines: read it through, the comments say what was guessed.\n");
        _text.Append($"  \"name\": {Json(Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)))},\n  \"data\": {Json(dataFolder)},\n");
        _text.Append("  // The log: one row per user and item.\n  \"interactions\": {\n");
        WriteFile(log);
        _text.Append($"    \"user\": {Json(log.User!)},\n    \"item\": {Json(log.Item!)},\n");
        if (log.Label is not null) { _text.Append($"    \"label\": {Json(log.Label)},\n"); }
        if (stars) { _text.Append($"    \"positiveFrom\": {Threshold()},   // labels of at least this are positive; leave it out, with the task regression, to predict the label itself\n"); }
        if (log.Time is not null) { _text.Append($"    \"time\": {Json(log.Time)},\n"); }
        _text.Append("    \"repeated\": \"keepLast\",   // one user and item more than once: keepLast, sum, keepAll or error\n  },\n");
        WriteTable("users", users, log.User!, "user");
        WriteTable("items", items, log.Item!, "item");
        WriteFields();
        _text.Append("  // The last interaction of each user tests, the one before it validates.\n  \"split\": { \"kind\": \"leaveLast\", \"last\": 1 },\n");
        _text.Append(binary
            ? "  // The labels are 0 and 1: predict their probability.\n  \"training\": { \"task\": \"binary\", \"solver\": \"adagrad\", \"factors\": 16, \"epochs\": 20 },\n}\n"
            : "  // Rank the catalogue: every item that a user does not have counts a little against it.\n  \"training\": { \"task\": \"ranking\", \"solver\": \"icd\", \"factors\": 32, \"epochs\": 20 },\n}\n");
        return _text.ToString();
    }

    private void WriteFile(ProjectInspector.Look look)
    {
        _text.Append($"    \"path\": {Json(Path.GetFileName(look.Path))},\n");
        bool tab = look.Delimiter == "\t" && look.Path.Contains(".tsv", StringComparison.OrdinalIgnoreCase);
        if (look.Delimiter != "," && !tab) { _text.Append($"    \"delimiter\": {Json(look.Delimiter)},\n"); }
        if (look.Encoding != "utf-8") { _text.Append($"    \"encoding\": {Json(look.Encoding)},   // it is not valid UTF-8\n"); }
        if (!look.Header) { _text.Append($"    \"header\": false,\n    \"columns\": [{string.Join(", ", look.Columns.Select(Json))}],   // there is no header: name them as you like\n"); }
    }

    private void WriteTable(string name, ProjectInspector.Look? table, string column, string side)
    {
        if (table is null) { return; }
        _text.Append($"  \"{name}\": {{\n");
        WriteFile(table);
        _text.Append($"    \"id\": {Json(table.IdFor(log, column, side)!)},\n");
        if (side == "item" && TitleOf(table) is { } title) { _text.Append($"    \"title\": {Json(title)},\n"); }
        _text.Append("  },\n");
    }

    private void WriteFields()
    {
        _text.Append("  \"fields\": [\n    { \"name\": \"user\", \"side\": \"user\" },\n");
        WriteAttributes(users, log.User!, "user");
        _text.Append("    { \"name\": \"item\", \"side\": \"item\" },\n");
        WriteAttributes(items, log.Item!, "item");
        _text.Append("  ],\n");
    }

    // Columns with few enough values to learn from, and lists of them.
    private void WriteAttributes(ProjectInspector.Look? table, string idColumn, string side)
    {
        if (table is null) { return; }
        string? id = table.IdFor(log, idColumn, side), title = side == "item" ? TitleOf(table) : null;
        foreach (string column in table.Columns.Where(c => c != id && c != title))
        {
            string[] values = [.. Values(table, column).Where(v => v.Trim().Length > 0)];
            if (values.Length == 0) { continue; }
            string name = _taken.Add(column) ? column : $"{side}-{column}";
            string source = name == column ? string.Empty : $", \"column\": {Json(column)}";
            int distinct = values.Distinct().Count();
            bool list = values.Count(v => v.Contains('|', StringComparison.Ordinal)) > 0.1 * values.Length && values.SelectMany(v => v.Split('|')).Distinct().Count() <= Math.Max(50, values.Length / 4);
            bool numbers = values.All(ProjectInspector.Number);
            if (list) { _text.Append($"    {{ \"name\": {Json(name)}, \"side\": \"{side}\", \"kind\": \"multiCategorical\"{source}, \"separator\": \"|\", \"pooling\": \"mean\" }},\n"); }
            else if (distinct is >= 2 && distinct <= Math.Max(10, values.Length / 20)) { _text.Append($"    {{ \"name\": {Json(name)}, \"side\": \"{side}\"{source} }},\n"); }
            else if (numbers && distinct > 10 && distinct < values.Length / 2) { _text.Append($"    {{ \"name\": {Json(name)}, \"side\": \"{side}\", \"kind\": \"numeric\"{source}, \"buckets\": 10 }},\n"); }
        }
    }

    // A column called so, or the first of texts that differ from row to row.
    private static string? TitleOf(ProjectInspector.Look table) => table.Title ?? (table.Header ? null : table.Columns.Skip(1).FirstOrDefault(c =>
    {
        string[] values = [.. Values(table, c)];
        return values.Distinct().Count() > 0.8 * values.Length && !values.All(ProjectInspector.Number);
    }));

    // Four fifths of the largest label: 4 of 5 stars, 8 of 10.
    private string Threshold()
    {
        double largest = Values(log, log.Label!).Where(ProjectInspector.Number).Select(v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture)).DefaultIfEmpty(5).Max();
        return (Math.Ceiling(largest * 8) / 10).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Values(ProjectInspector.Look look, string column)
    {
        int at = Array.IndexOf(look.Columns, column);
        return look.Rows.Select(r => r[at].Trim());
    }

    private static string Json(string text) => JsonSerializer.Serialize(text, Relaxed);

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
