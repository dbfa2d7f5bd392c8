using System.Text;

namespace Facto.Import;

/// <summary>Looks at a file's beginning: what it holds, its delimiter and encoding, whether it has a header. The content decides, not
/// the name.</summary>
internal static class FileLooker
{
    private const int SampledRows = 20_000, LayoutRows = 500, MatrixWidth = 8;
    private const long SampledCells = 400_000;

    private static readonly string[] Delimiters = ["::", "\t", ";", ",", "|"];
    private static readonly string[] NoData =
        [".md", ".pl", ".sh", ".py", ".r", ".rd", ".rda", ".html", ".htm", ".pdf", ".ipynb", ".png", ".jpg", ".zip", ".7z", ".tar",
            ".npy", ".npz", ".pkl", ".facto", ".ids", ".lock", ".yaml", ".yml", ".toml", ".tmp", ".exe", ".dll"];

    /// <summary>Null for what is no table of any kind.</summary>
    public static FileLook? LookAt(string path, string folder)
    {
        string name = System.IO.Path.GetFileName(path);
        bool document = name.StartsWith('.') || name.StartsWith("README", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("LICEN", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("SHA256", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("facto.", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("SOURCE.", StringComparison.OrdinalIgnoreCase);
        if (document || NoData.Contains(System.IO.Path.GetExtension(name).ToLowerInvariant())) { return null; }
        string relative = System.IO.Path.GetRelativePath(folder, path).Replace('\\', '/');
        try
        {
            Span<byte> head = stackalloc byte[4];
            using (FileStream file = File.OpenRead(path)) { head = head[..file.ReadAtLeast(head, 4, throwOnEndOfStream: false)]; }
            if (head.IsEmpty) { return null; }
            if (head.SequenceEqual("PAR1"u8))
            {
                return Table(new TableSource { Path = relative, Format = Unless(TableFormat.Parquet, path) }, path, folder);
            }

            return LookAtText(path, relative, folder);
        }
        catch (Exception e) when (e is FactoException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static FileLook? LookAtText(string path, string relative, string folder)
    {
        string encoding = EncodingOf(path, out string beginning);
        string text = beginning.TrimStart();
        if (text.Length == 0 || beginning.Contains('\0', StringComparison.Ordinal)) { return null; }
        if (text[0] is '{' or '[')
        {
            return Table(new TableSource { Path = relative, Format = Unless(TableFormat.JsonLines, path), Encoding = encoding }, path,
                folder);
        }

        string[] lines = [.. text.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Trim().Length > 0 && l[0] != '#').Take(LayoutRows)];
        if (SparseLine.IsSparse(lines))
        {
            return new FileLook(path, FileKind.Sparse, new TableSource { Path = relative, Format = TableFormat.Sparse }, []);
        }

        if (lines.Length < 2) { return null; }
        string? delimiter = DelimiterOf(path, encoding);
        if (delimiter is null) { return Lists(path, relative, encoding, lines, folder); }
        List<string[]> rows = Records(path, encoding, delimiter, LayoutRows);
        var source = new TableSource { Path = relative, Encoding = encoding, Delimiter = Default(path, delimiter) ? null : delimiter };
        if (DenseMatrix.Recognise(rows, MatrixWidth) is { } matrix)
        {
            source = source with
            {
                Format = TableFormat.Matrix,
                Header = matrix.Header,
                RowNames = matrix.RowNames,
                Nothing = matrix.Nothing
            };
            return Sampled(path, FileKind.Matrix, source, folder);
        }

        return Table(HeaderGuess.Name(source, rows), path, folder);
    }

    private static FileLook? Table(TableSource source, string path, string folder) => Sampled(path, FileKind.Table, source, folder);

    private static FileLook? Sampled(string path, FileKind kind, TableSource source, string folder)
    {
        using var reader = new SourceReader(source, folder);
        string[] names = [.. reader.Columns];
        if (names.Length < 2) { return null; }
        // A name that stands twice can be told apart only by naming all columns; a delimited file's are named by position.
        if (names.Distinct().Count() < names.Length)
        {
            for (int c = 0; c < names.Length; c++) { names[c] = Array.IndexOf(names, names[c]) < c ? $"{names[c]}_{c + 1}" : names[c]; }
            return Sampled(path, kind, source with { Columns = names }, folder);
        }

        int most = (int)Math.Clamp(SampledCells / names.Length, 200, SampledRows);
        var values = names.Select(_ => new List<string?>()).ToArray();
        int rows = 0;
        reader.ReadSome(names, row =>
        {
            for (int c = 0; c < names.Length; c++) { values[c].Add(row.Text(c)); }
            return ++rows < most;
        });
        return rows == 0 ? null : new FileLook(path, kind, source, [.. names.Select((n, c) => new ColumnProfile(n, c, values[c]))]);
    }

    // "user item item …": lines of differing width without values.
    private static FileLook? Lists(string path, string relative, string encoding, string[] lines, string folder)
    {
        foreach (string? delimiter in (string?[])[null, ",", "\t", ";"])
        {
            string[][] rows = [.. lines.Select(l => l.Split(delimiter is null ? [' ', '\t'] : [delimiter[0]],
                StringSplitOptions.RemoveEmptyEntries))];
            bool narrow = rows.All(r => r.All(t => t.Trim().Length <= 40 && !t.Trim().Contains(' ', StringComparison.Ordinal)));
            bool lists = narrow && rows.Average(r => r.Length) >= 3 && rows.Select(r => r.Length).Distinct().Count() > 1
                && rows.Select(r => r.FirstOrDefault()).Distinct().Count() >= 0.95 * rows.Length;
            bool repeated = lists && rows.SelectMany(r => r.Skip(1)).Distinct().Count() < rows.Sum(r => r.Length - 1);
            if (!repeated) { continue; }
            bool numbers = rows.All(r => r.All(t => long.TryParse(t, out _)));
            if (!numbers && rows.Any(r => r.Any(t => t.Any(char.IsPunctuation) && delimiter is null))) { continue; }
            return Sampled(path, FileKind.Lists, new TableSource
            {
                Path = relative,
                Format = TableFormat.Lists,
                Encoding = encoding,
                Delimiter = delimiter,
                Header = false
            }, folder);
        }

        return null;
    }

    // The format is written down only where the file's name does not say it.
    private static TableFormat Unless(TableFormat format, string path) => Compression.ByName(path) == format ? TableFormat.Auto : format;

    private static bool Default(string path, string delimiter) =>
        delimiter == (path.Contains(".tsv", StringComparison.OrdinalIgnoreCase) ? "\t" : ",");

    // Of the delimiters by which all records have the same number of fields the one that the first record has too, and by which they
    // have most; blanks
    // stand in texts and times, so they come last.
    private static string? DelimiterOf(string path, string encoding)
    {
        foreach ((string[] delimiters, double least) in new (string[] Delimiters, double Least)[] { (Delimiters, 0.95), ([" "], 0.95),
            (Delimiters, 0.8) })
        {
            (string Delimiter, bool First, int Width)? best = null;
            foreach (string delimiter in delimiters)
            {
                int[] counts = [.. Records(path, encoding, delimiter, LayoutRows).Select(r => r.Length)];
                if (counts.Length == 0) { continue; }
                IGrouping<int, int> usual = counts.GroupBy(c => c).MaxBy(g => g.Count())!;
                if (usual.Key < 2 || usual.Count() < least * counts.Length) { continue; }
                bool first = counts[0] == usual.Key || (counts[0] == usual.Key - 1 && counts[0] > 1);
                if (best is not { } b || (first && !b.First) || (first == b.First && usual.Key > b.Width))
                {
                    best = (delimiter, first, usual.Key);
                }
            }

            if (best is { } found) { return found.Delimiter; }
        }

        return null;
    }

    private static List<string[]> Records(string path, string encoding, string delimiter, int most)
    {
        using var reader = new DelimitedReader(new CharSource(path, encoding), delimiter, delimiter.Length == 1 && delimiter != " "
            ? "\"" : string.Empty);
        var rows = new List<string[]>();
        while (rows.Count < most && reader.Next())
        {
            var row = new string[reader.Count];
            for (int f = 0; f < row.Length; f++) { row[f] = reader[f].ToString(); }
            rows.Add(row);
        }

        return rows;
    }

    // UTF-8 unless there are bytes that are none, to the file's end or as far as a look may go.
    private static string EncodingOf(string path, out string beginning)
    {
        const int kept = 1 << 20;
        const long looked = 1L << 29;
        using var source = new CharSource(path, "utf-8");
        char[] buffer = new char[1 << 16];
        var text = new StringBuilder();
        bool valid = true;
        long count = 0;
        for (int read = source.Read(buffer); read > 0 && valid && count < looked; read = source.Read(buffer))
        {
            count += read;
            valid = !buffer.AsSpan(0, read).Contains(CharSource.Invalid);
            if (text.Length < kept) { text.Append(buffer, 0, read); }
        }

        beginning = text.ToString();
        return valid ? source.EncodingName : "latin-1";
    }
}

/// <summary>Rows "label feature:value …" of libFM, libSVM, LIBFFM.</summary>
internal static class SparseLine
{
    public static bool IsSparse(string[] lines) => lines.Length > 0 && lines.Take(50).All(IsSparse);

    private static bool IsSparse(string line)
    {
        string[] tokens = line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        string[] features = [.. tokens.Skip(tokens.Length > 0 && !tokens[0].Contains(':', StringComparison.Ordinal) ? 1 : 0)];
        bool labelled = tokens.Length == features.Length || ColumnProfile.Number(tokens[0]) is not null;
        return labelled && features.Length > 0 && features.All(t => t.Split(':') is { Length: 2 or 3 } parts
            && (parts[0] == "qid" || parts.SkipLast(1).All(p => uint.TryParse(p, out _))) && ColumnProfile.Number(parts[^1]) is not null);
    }
}
