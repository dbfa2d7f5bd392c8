using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Facto.Data;
using Facto.Serving;

namespace Facto.Import.Life;

/// <summary>
/// `facto predict` on a project: a table of users and items → one prediction per row, in its order. Columns that are called like user or
/// context fields describe the request and take the place of what is stored of a known user.
/// </summary>
/// <param name="recommender">Of the bundle that predicts.</param>
/// <param name="interval">Probability of an interval around each prediction, or null.</param>
/// <param name="progress">Told of unknown values.</param>
/// <param name="layout">Laid over the project's own layout of tables.</param>
internal sealed class TablePrediction(
    Recommender recommender, float? interval, IProgress<LifeEvent>? progress, Func<TableSource, TableSource>? layout = null)
{
    private readonly BundleColumns _names = BundleColumns.Of(recommender.Bundle);
    private readonly SortedDictionary<string, int> _unknown = [];
    private string[] _columns = [];
    private FieldSpec[] _fields = [];
    private bool _hasUser;
    private char _mark = '.';

    /// <summary>Predicts every row of the tables.</summary>
    /// <param name="paths">The tables.</param>
    /// <param name="output">The file to write; null writes to <paramref name="console"/>.</param>
    /// <param name="console">Where rows go without a file; null nowhere.</param>
    /// <param name="cancellation">Checked between rows.</param>
    /// <returns>Counts, as --json prints them.</returns>
    public JsonObject Run(IReadOnlyList<string> paths, string? output, TextWriter? console, CancellationToken cancellation)
    {
        int rows = 0, predicted = 0;
        if (output is not null) { OutputChecks.File(output); }
        using DurableFile? file = output is null ? null : new DurableFile(output);
        using (TextWriter writer = file is null ? console ?? TextWriter.Null : new StreamWriter(file.Stream, leaveOpen: true))
        {
            PredictionFormat format = PredictionFormat.Of(output, interval is not null, writer);
            foreach (string path in paths)
            {
                TableSource source = TableLayout.Of(_names.Layout, path);
                source = layout is null ? source : layout(source);
                using var table = new TableRows(source);
                Bind(path, table.Columns);
                _mark = source.Decimal[0];
                table.Read(_columns, row =>
                {
                    rows++;
                    Recommendation? scored = Predict(row);
                    predicted += scored is null ? 0 : 1;
                    format.Write(_hasUser ? Id(row[1]) : null, Id(row[0]), scored);
                }, cancellation);
            }
        }

        file?.Commit();
        foreach ((string field, int count) in _unknown)
        {
            progress.Note($"{count} rows have a {field} that bundle {recommender.Bundle.Manifest.Version} does not know; "
                + $"{(field == "item" ? "they get no prediction" : "it contributes nothing")}");
        }

        return new JsonObject
        {
            ["rows"] = rows,
            ["predictions"] = predicted,
            ["unknown"] = new JsonObject(_unknown.Select(u => KeyValuePair.Create(u.Key, (JsonNode?)u.Value))),
            ["out"] = output,
        };
    }

    // The item's column, the user's, then those of the fields that the table has.
    private void Bind(string path, IReadOnlyList<string> columns)
    {
        string item = Find("item", _names.Item) ?? throw new FactoException($"{path} has no column '{_names.Item}' (the item id); its "
            + $"columns are {string.Join(", ", columns)}; if it is laid out otherwise than the project's log, say so with --delimiter, "
            + "--encoding or --columns");
        string? user = Find("user", _names.User);
        (FieldSpec Spec, string? Column)[] fields = [.. recommender.Bundle.Model.Schema.Fields.Select(f => f.Spec)
            .Where(f => f.Side != FieldSide.Item && f.Kind != FieldKind.Bag)
            .Select(f => (f, Find(f.Name, f.Column ?? f.Name))).Where(f => f.Item2 is not null && f.Item2 != user)];
        if (user is null && fields.Length == 0)
        {
            throw new FactoException($"{path} has neither a column '{_names.User}' (the user id) nor a user or context field; its columns "
                + $"are {string.Join(", ", columns)}");
        }

        _hasUser = user is not null;
        _fields = [.. fields.Select(f => f.Spec)];
        _columns = [item, .. user is null ? Array.Empty<string>() : [user], .. fields.Select(f => f.Column!)];

        string? Find(string usual, string own) => columns.Contains(own) ? own : columns.Contains(usual) ? usual : null;
    }

    private Recommendation? Predict(IReadOnlyList<string?> row)
    {
        int first = _hasUser ? 2 : 1;
        var features = new Dictionary<string, IReadOnlyList<string>>();
        for (int f = 0; f < _fields.Length; f++)
        {
            if (row[first + f] is not { Length: > 0 } text) { continue; }
            FieldSpec spec = _fields[f];
            features[spec.Name] = ListText.IsList(text) ? ListText.Elements(text)
                : spec.Kind is FieldKind.MultiCategorical or FieldKind.Hashed && spec.Separator.Length > 0 ? text.Split(spec.Separator)
                : spec.Kind == FieldKind.Numeric ? [ColumnReadings.Number(text, _mark) ?? text]
                : [text];
        }

        string? user = _hasUser ? Id(row[1]) : null;
        RecommendationResponse response = recommender.Score(
            new UserQuery { User = string.IsNullOrEmpty(user) ? null : user, Features = features }, [Id(row[0])],
            interval: interval);
        foreach (UnknownValue unknown in response.Unknown) { _unknown[unknown.Field] = _unknown.GetValueOrDefault(unknown.Field) + 1; }
        return response.Items.Count > 0 ? response.Items[0] : null;
    }

    // As the log's ids are read.
    private string Id(string? text) =>
        ((_names.Ids == IdSpelling.Integers ? ColumnReadings.Integer(text) : text) ?? string.Empty).Trim();
}

/// <summary>How a table that is given beside a project is laid out.</summary>
internal static class TableLayout
{
    /// <summary>As the project's log, unless the file's ending names another format.</summary>
    /// <param name="known">The log's layout; null when it is not known.</param>
    /// <param name="path">The table.</param>
    public static TableSource Of(TableSource? known, string path)
    {
        if (known is null || (known.Format != TableFormat.Auto && Named(path) is { } named && named != known.Format))
        {
            return new TableSource { Path = path, Decimal = known?.Decimal ?? ".", Encoding = known?.Encoding ?? "utf-8" };
        }

        return known with { Path = path };
    }

    private static TableFormat? Named(string path) =>
        Compression.ByName(path) is var format && format == TableFormat.Csv
            && Path.GetExtension(Compression.Plain(path)) is not (".csv" or ".tsv")
            ? null
            : format;
}

/// <summary>How predictions are written: delimited text with a header, or JSON lines, by the output's ending.</summary>
internal sealed class PredictionFormat(TextWriter writer, bool jsonLines, bool intervals, char delimiter)
{
    private static readonly JsonSerializerOptions Style = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static PredictionFormat Of(string? path, bool intervals, TextWriter writer)
    {
        bool jsonLines = Path.GetExtension(path) is ".jsonl" or ".ndjson" or ".json";
        var format = new PredictionFormat(writer, jsonLines, intervals, Path.GetExtension(path) == ".tsv" ? '\t' : ',');
        if (!jsonLines) { format.Line(["user", "item", "prediction", "score", .. intervals ? ["low", "high"] : Array.Empty<string>()]); }
        return format;
    }

    /// <summary>
    /// One row; prediction and score stay empty for an item that is unknown, the prediction also where the vectors do not keep the model's
    /// scale.
    /// </summary>
    public void Write(string? user, string? item, Recommendation? scored)
    {
        if (jsonLines)
        {
            var line = new JsonObject { ["user"] = user, ["item"] = item, ["prediction"] = scored?.Prediction, ["score"] = scored?.Score };
            if (intervals) { (line["low"], line["high"]) = (scored?.Interval?.Low, scored?.Interval?.High); }
            writer.WriteLine(line.ToJsonString(Style));
            return;
        }

        string?[] numbers =
        [
            Text(scored?.Prediction), Text(scored?.Score),
            .. intervals ? [Text(scored?.Interval?.Low), Text(scored?.Interval?.High)] : Array.Empty<string?>(),
        ];
        Line([user, item, .. numbers]);

        static string? Text(float? number) => number?.ToString("R", CultureInfo.InvariantCulture);
    }

    private void Line(params ReadOnlySpan<string?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (i > 0) { writer.Write(delimiter); }
            string value = values[i] ?? string.Empty;
            bool plain = value.AsSpan().IndexOfAny(['"', delimiter, '\r', '\n']) < 0;
            writer.Write(plain ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        }

        writer.WriteLine();
    }
}
