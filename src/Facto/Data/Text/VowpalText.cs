using System.Globalization;
using System.Text;
using Facto.Numerics;

namespace Facto.Data.Text;

/// <summary>
/// Vowpal Wabbit's text: "label [importance] ['tag]|namespace[:scale] feature[:value] …|namespace …". Every namespace is a field, every
/// feature of it a value of
/// that field by its name (numbers are names too); importance is the example's weight; a second number before the tag (the base) is
/// passed over.
/// </summary>
internal static class VowpalText
{
    private const int ShownBadLines = 5;

    /// <summary>Whether the first file's first row is such text.</summary>
    public static bool IsWritten(IReadOnlyList<IReadOnlyList<string>> parts, SparseTextOptions options)
    {
        if (options.Format is { } format) { return format == SparseTextFormat.VowpalWabbit; }
        string? first = parts.SelectMany(p => p).FirstOrDefault();
        if (first is null || first == TextFile.StandardInput) { return false; }
        using var reader = new StreamReader(TextFile.Open(first), Encoding.UTF8);
        for (string? line = reader.ReadLine(); line is not null; line = reader.ReadLine())
        {
            if (line.Trim().Length == 0 || line[0] == '#') { continue; }
            int bar = line.IndexOf('|', StringComparison.Ordinal);
            return bar >= 0 && line[..bar].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).All(IsHead);
        }

        return false;
    }

    public static SparseTextData Read(IReadOnlyList<IReadOnlyList<string>> parts, SparseTextOptions options, CancellationToken cancellation)
    {
        if (options.GroupsPath is not null)
        {
            throw new FactoException("Vowpal Wabbit's text has its fields by namespaces: leave the groups out");
        }

        var reading = new Reading(options);
        List<Row>[] rows = [.. parts.Select(p => p.SelectMany(path => reading.Rows(path, cancellation)).ToList())];
        FeatureSchema schema = options.Schema ?? reading.Schema();
        long unknown = 0;
        Dataset[] datasets = [.. rows.Select(r => reading.Build(schema, r, ref unknown))];
        if (options is { BinaryLabels: true, PositiveFrom: null } && !reading.AnyWithoutLabel)
        {
            BinaryLabels.Normalise([.. datasets.Select(d => d.Interactions.Labels)], parts[0][0], from =>
                FormattableString.Invariant($"--positive-from {from}"), options.Schema is null);
        }

        return new SparseTextData(datasets)
        {
            Format = SparseTextFormat.VowpalWabbit,
            Bytes = reading.Bytes,
            BadLineCount = reading.BadLineCount,
            FirstBadLines = reading.FirstBadLines,
            HasLabels = !reading.AnyWithoutLabel,
            UnknownFeatureCount = unknown,
            Statement =
            [
                $"Vowpal Wabbit: {string.Join(" + ", rows.Select(r => r.Count.ToString(CultureInfo.InvariantCulture)))} rows",
                $"{schema.Fields.Count} fields: "
                    + string.Join(", ", schema.Fields.Take(12).Select(
                        f => string.Create(CultureInfo.InvariantCulture, $"{f.Spec.Name} ({f.Count})"))),
            ],
        };
    }

    private static bool IsHead(string token) => token[0] == '\''
        || double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private sealed record Row(float Label, float Weight, List<(string Space, string Feature, float Value)> Features);

    private sealed class Reading(SparseTextOptions options)
    {
        // Fields and their values in the order of their first appearance.
        private readonly List<string> _spaces = [];
        private readonly Dictionary<string, List<string>> _values = [];
        private readonly Dictionary<(string Space, string Feature), int> _known = [];

        public long Bytes { get; private set; }

        public long BadLineCount { get; private set; }

        public List<string> FirstBadLines { get; } = [];

        public bool AnyWithoutLabel { get; private set; }

        public IEnumerable<Row> Rows(string path, CancellationToken cancellation)
        {
            using var reader = new StreamReader(TextFile.Open(path), Encoding.UTF8);
            long number = 0;
            for (string? line = reader.ReadLine(); line is not null; line = reader.ReadLine())
            {
                if ((++number & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
                Bytes += line.Length + 1;
                if (line.Trim().Length == 0 || line[0] == '#') { continue; }
                if (Parse(line, out Row row) is { } wrong) { Report($"{path}:{number}: {wrong}"); }
                else { yield return row; }
            }
        }

        public FeatureSchema Schema() => new(_spaces.Select(space => new Field
        {
            Spec = new FieldSpec { Name = space, Side = FieldSide.Context, Kind = FieldKind.MultiCategorical, Pooling = Pooling.Sum },
            Count = _values[space].Count,
            Vocabulary = new Vocabulary(_values[space]),
        }));

        public Dataset Build(FeatureSchema schema, List<Row> rows, ref long unknown)
        {
            var builder = new SparseRowsBuilder();
            var fields = schema.Fields.ToDictionary(f => f.Spec.Name);
            foreach (Row row in rows)
            {
                foreach ((string space, string feature, float value) in row.Features)
                {
                    int index = fields.TryGetValue(space, out Field? field) ? field.Vocabulary?.IndexOf(feature) ?? -1 : -1;
                    if (index < 0) { unknown++; }
                    else { builder.Add(field!.Offset + index, value); }
                }

                builder.EndRow();
            }

            var labels = new NativeBlock<float>([.. rows.Select(r => options.PositiveFrom is { } from ? (r.Label >= from ? 1f : 0f)
                : r.Label)]);
            NativeBlock<float>? weights = rows.Exists(r => r.Weight != 1) ? new NativeBlock<float>([.. rows.Select(r => r.Weight)]) : null;
            return new Dataset(schema, new Interactions { Labels = labels, Weights = weights }, contexts: builder.Build());
        }

        private string? Parse(string line, out Row row)
        {
            string[] spaces = line.Split('|');
            row = new Row(0, 1, []);
            if (spaces.Length < 2) { return "expected '|' before the features"; }
            string[] head = spaces[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            // The tag touches the bar or begins with an apostrophe.
            int numbers = head.TakeWhile(t => t[0] != '\'' && Number(t, out _)).Count();
            if (numbers < head.Length - 1) { return $"expected label, importance and tag before '|'; found '{spaces[0].Trim()}'"; }
            float label = 0, weight = 1;
            if (numbers > 0) { Number(head[0], out label); }
            else if (options.LabelsOptional) { AnyWithoutLabel = true; }
            else { return "the row must begin with its label, a finite number: rows without labels can be predicted but not learnt from"; }
            if (numbers > 1 && (!Number(head[1], out weight)
                || weight <= 0)) { return $"the importance must be above 0; found '{head[1]}'"; }
            Row made = row = new Row(label, weight, []);
            return spaces[1..].Select(s => Space(s, made)).FirstOrDefault(w => w is not null) ?? Keep(made);
        }

        private static string? Space(string text, Row row)
        {
            string[] tokens = text.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            bool named = text.Length > 0 && text[0] is not (' ' or '\t');
            string space = "features";
            float scale = 1;
            if (named && tokens.Length > 0 && Pair(tokens[0], out space, out scale) is { } wrong) { return wrong; }
            foreach (string token in tokens.Skip(named ? 1 : 0))
            {
                if (Pair(token, out string feature, out float value) is { } bad) { return bad; }
                if (row.Features.Exists(f => f.Space == space
                    && f.Feature == feature))
                {
                    return $"feature '{feature}' stands twice in namespace '{space}'; add its values up "
                        + $"into one";
                }
                row.Features.Add((space, feature, value * scale));
            }

            return null;
        }

        // "name" or "name:value".
        private static string? Pair(string token, out string name, out float value)
        {
            int colon = token.LastIndexOf(':');
            name = colon < 0 ? token : token[..colon];
            value = 1;
            return colon >= 0 && !Number(token[(colon + 1)..], out value) ? $"expected a finite number behind ':'; found '{token}'"
                : name.Length == 0 ? $"expected a name before ':'; found '{token}'" : null;
        }

        private string? Keep(Row row)
        {
            foreach ((string space, string feature, _) in row.Features)
            {
                if (!_values.TryGetValue(space, out List<string>? values))
                {
                    _values.Add(space, values = []);
                    _spaces.Add(space);
                }

                if (_known.TryAdd((space, feature), values.Count)) { values.Add(feature); }
            }

            return null;
        }

        private void Report(string sentence)
        {
            BadLineCount++;
            if (FirstBadLines.Count < ShownBadLines) { FirstBadLines.Add(sentence); }
            if (BadLineCount > options.MaxBadLines) { throw new FactoException(sentence); }
        }

        private static bool Number(string text, out float number) =>
            float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && float.IsFinite(number);
    }
}
