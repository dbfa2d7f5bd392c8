using Facto.Data.Text;

namespace Facto.Import;

/// <summary>Writes down rows without users and items (click logs, libFM and LIBFFM files) as a flat project: every column is context, no
/// side is made up.</summary>
internal sealed class FlatProposal(string folder, string dataFolder, FileLook file, GivenSplit? given, InitHints hints)
{
    private readonly CommentedJson _json = new();
    private readonly List<string> _understood = [];

    /// <summary>The column of two values that a click log's label is: called so, or the first or last.</summary>
    public static ColumnProfile? LabelOf(FileLook file, InitHints hints)
    {
        if (hints.Label is { } named && file.Columns.FirstOrDefault(c =>
            ColumnWords.Plain(c.Name) == ColumnWords.Plain(named)) is { } hinted)
        {
            return hinted;
        }

        ColumnProfile? called = file.Columns.Where(c => IsBinary(c) && ColumnWords.Fit(c.Name, ColumnRole.Label) > 0.6).MaxBy(c =>
            ColumnWords.Fit(c.Name, ColumnRole.Label));
        return called ?? (file.Source.Header ? null : new[] { file.Columns[0], file.Columns[^1] }.FirstOrDefault(IsBinary));
    }

    public ProjectProposal Propose()
    {
        _json.Comment("Proposed by 'facto init' from a look at the files: read it through, the comments say what was guessed.");
        _json.Value("name", Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar))).Value("data", dataFolder);
        bool binary = file.Kind == FileKind.Sparse ? Sparse() : Table();
        Split();
        _understood.Add($"task: {(binary ? "binary, the probability of a yes" : "regression, the label itself")}");
        string task = binary ? "binary" : "regression";
        _json.Line($"\"training\": {{ \"task\": \"{task}\", \"solver\": \"adagrad\", \"factors\": {(binary ? 8 : 16)}, \"epochs\": 20 }},");
        return new ProjectProposal(_json.Text, _understood, Preview());
    }

    private static bool IsBinary(ColumnProfile c) => c.Distinct == 2 && c.Filled == c.Values.Count
        && (c.IsTruth || (c.IsNumeric && c.High == 1 && c.Low is 0 or -1));

    private bool Sparse()
    {
        string[] labels = [.. Lines().Select(l => l.Split([' ', '\t'])[0]).Where(l =>
            !l.Contains(':', StringComparison.Ordinal)).Distinct().Take(50)];
        if (labels.Length == 0) { throw new FactoException($"{file.Path}: its rows have no label to learn from"); }
        double?[] numbers = [.. labels.Select(l => ColumnProfile.Number(l)).Distinct()];
        bool binary = numbers.Length <= 2 && numbers.All(n => n is 0 or 1 or -1);
        _understood.Add(
            $"rows: {file.Source.Path}, a label and numbered features (libFM, libSVM or LIBFFM), labels "
                + $"{string.Join(", ", labels.Order().Take(8))}");
        _json.Comment(
            "Rows of a label and numbered features: no users and items in the usual sense, so nothing to retrieve; facto predict gives "
                + "each row's prediction.");
        _json.Open("interactions").Source(file.Source);
        if (binary) { _json.Raw("positiveFrom", "0.5", "labels above become 1, others 0"); }
        _json.Close();
        return binary;
    }

    private bool Table()
    {
        ColumnProfile label = LabelOf(file, hints)!;
        _understood.Add($"rows: {file.Source.Path}, {file.Columns.Count} columns without a user and an item");
        _understood.Add($"label: column '{label.Name}' ({label.Examples})");
        _json.Comment(
            "Rows of a label and columns: no users and items in the usual sense, so every column is context; facto predict gives each "
                + "row's prediction.");
        _json.Open("interactions").Source(file.Source).Value("label", label.Name);
        if (label.Low < 0) { _json.Raw("positiveFrom", "1", "the labels are -1 and 1"); }
        _json.Close();
        _json.Line("\"fields\": [");
        foreach (ColumnProfile column in file.Columns.Where(c => c != label && c.Distinct >= 2))
        {
            bool number = column.IsNumeric && column.Distinct > 20;
            bool unique = column.Distinct > 0.9 * column.Filled && !column.IsNumeric;
            string kind = number ? ", \"kind\": \"numeric\", \"buckets\": 20" : column.Distinct > 100 ? ", \"minCount\": 5"
                : ", \"minCount\": 2";
            _json.Line(
                $"  {(unique ? "// " : string.Empty)}{{ \"name\": {CommentedJson.Quote(column.Name)}, \"side\": \"context\"{kind} "
                    + $"}},{(unique ? "   every row has another value" : string.Empty)}");
        }

        _json.Line("],");
        return true;
    }

    private void Split()
    {
        if (given is null)
        {
            _understood.Add("split: random");
            _json.Line("\"split\": { \"kind\": \"random\", \"validation\": 0.1, \"test\": 0.1 },");
            return;
        }

        string paths = string.Concat(new[] { ("validationPath", given.Validation), ("testPath", given.Test) }.Where(p =>
            p.Item2 is not null).Select(p => $", \"{p.Item1}\": {CommentedJson.Quote(p.Item2!.Source.Path)}"));
        IEnumerable<string> names = new[] { given.Train, given.Validation, given.Test }.OfType<FileLook>().Select(f => f.Name);
        _understood.Add($"split: files ({string.Join(", ", names)})");
        _json.Comment("The split was given by files; a share of the training file validates when no file does.");
        _json.Line($"\"split\": {{ \"kind\": \"files\"{paths}{(given.Validation is null ? ", \"validation\": 0.1" : string.Empty)} }},");
    }

    private List<IReadOnlyList<string>> Preview()
    {
        var rows = new List<IReadOnlyList<string>>();
        if (file.Kind == FileKind.Sparse)
        {
            rows.Add((string[])["label", "features"]);
            rows.AddRange(Lines().Take(3).Select(l => (IReadOnlyList<string>)(string[])[l.Split([' ', '\t'])[0],
                Short(string.Join(' ', l.Split([' ', '\t']).Skip(1)))]));
            return rows;
        }

        ColumnProfile[] shown = [.. file.Columns.Take(6)];
        rows.Add([.. shown.Select(c => c.Name)]);
        for (int r = 0; r < Math.Min(3, file.Rows); r++) { rows.Add([.. shown.Select(c => Short(c.Values[r]))]); }
        return rows;
    }

    private List<string> Lines()
    {
        using var reader = new StreamReader(TextFile.Open(file.Path));
        var lines = new List<string>();
        while (lines.Count < 2000 && reader.ReadLine() is { } line)
        {
            if (line.Trim().Length > 0 && line[0] != '#') { lines.Add(line.Trim()); }
        }

        return lines;
    }

    private static string Short(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
