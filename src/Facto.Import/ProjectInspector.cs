using System.Globalization;
using System.IO.Compression;
using System.Text;
using Facto.Data;

namespace Facto.Import;

/// <summary>Looks at the files of a folder and proposes a commented facto.json: which is the log, which columns are ids, label, time and title.</summary>
internal static class ProjectInspector
{
    private const int SampledLines = 2000;

    private static readonly string[] Delimiters = ["::", "\t", ",", ";", "|"];
    private static readonly string[] UserNames = ["user", "userid", "customer", "customerid", "visitor", "visitorid", "member", "memberid", "account", "uid"];
    private static readonly string[] ItemNames = ["item", "itemid", "movie", "movieid", "book", "bookid", "product", "productid", "stockcode", "sku", "article", "articleid", "song", "songid", "track", "trackid", "app", "iid"];
    private static readonly string[] LabelNames = ["rating", "stars", "score", "label", "click", "clicked", "target"];
    private static readonly string[] TimeNames = ["timestamp", "time", "date", "datetime", "ts", "invoicedate", "createdat", "timerank", "rank"];
    private static readonly string[] HeaderlessNames = ["user", "item", "rating", "time"];
    private static readonly string[] TitleNames = ["title", "name", "description", "itemname", "originaltitle"];

    /// <summary>The text of a facto.json for the files in <paramref name="folder"/>.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="projectFolder">Where the facto.json will stand; beside the files when null.</param>
    /// <exception cref="FactoException">No file looks like a log of interactions; the message says what was found.</exception>
    public static string Propose(string folder, string? projectFolder = null)
    {
        if (!Directory.Exists(folder)) { throw new FactoException($"{folder}: there is no such folder"); }
        Look[] looks = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(LookAt).OfType<Look>()];
        Look? log = looks.Where(l => l.User is not null && l.Item is not null).MaxBy(l => new FileInfo(l.Path).Length);
        if (log is null)
        {
            string found = looks.Length == 0 ? "no table was found" : string.Join("; ", looks.Select(l => $"{System.IO.Path.GetFileName(l.Path)} has {string.Join(", ", l.Columns.Take(8))}"));
            throw new FactoException($"{folder}: no file has both a user and an item column ({found}): write facto.json by hand, docs/facto.schema.json names its settings");
        }

        Look? users = looks.Where(l => l != log).FirstOrDefault(l => l.IsTableOf(log, log.User!, "user"));
        Look? items = looks.Where(l => l != log && l != users).FirstOrDefault(l => l.IsTableOf(log, log.Item!, "item"));
        return new ProposalWriter(folder, System.IO.Path.GetRelativePath(projectFolder ?? folder, folder), log, users, items).Text();
    }

    // Null for what is no delimited text with at least two columns.
    internal static Look? LookAt(string path)
    {
        string name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        if (System.IO.Path.GetExtension(name).ToLowerInvariant() is not (".csv" or ".tsv" or ".txt" or ".dat" or ".data" or ".tab")) { return null; }
        (string[] lines, string encoding) = ReadLines(path);
        if (lines.Length < 2) { return null; }
        string? delimiter = Delimiters.FirstOrDefault(d => Consistent(lines, d));
        if (delimiter is null) { return null; }
        string quote = delimiter.Length == 1 ? "\"" : string.Empty;
        List<string>[] rows = [.. lines.Select(l => DelimitedLine.Split(l, delimiter, quote))];
        bool header = HasHeader(rows);
        int width = rows[0].Count;
        string[] columns = header ? [.. rows[0].Select(c => c.Trim())] : [.. Enumerable.Range(1, width).Select(c => $"column{c}")];
        List<string>[] data = [.. rows.Skip(header ? 1 : 0).Where(r => r.Count == width)];
        return data.Length == 0 ? null : Name(new Look(path, delimiter, encoding, header, columns, data));
    }

    private static bool Consistent(string[] lines, string delimiter)
    {
        int[] counts = [.. lines.Take(200).Select(l => DelimitedLine.Split(l, delimiter, delimiter.Length == 1 ? "\"" : string.Empty).Count)];
        return counts[0] > 1 && counts.Count(c => c == counts[0]) >= 0.95 * counts.Length;
    }

    // A header has no number, and below it a column of numbers.
    private static bool HasHeader(List<string>[] rows) =>
        rows[0].All(c => c.Trim().Length > 0 && !Number(c)) && rows[0].Distinct().Count() == rows[0].Count
        && Enumerable.Range(0, rows[0].Count).Any(c => rows.Skip(1).Take(50).Count(r => c < r.Count && (Number(r[c]) || TimeText.TryParse(r[c], out _))) > 25.0 / 50 * Math.Min(50, rows.Length - 1));

    internal static bool Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static Look Name(Look look)
    {
        string? Find(string[] names) => names.Select(n => look.Columns.FirstOrDefault(c => Plain(c) == n)).FirstOrDefault(c => c is not null);
        Look named = look with { User = Find(UserNames), Item = Find(ItemNames), Label = Find(LabelNames), Time = Find(TimeNames), Title = Find(TitleNames) };
        return look.Header || look.Columns.Length is < 3 or > 5 || !look.Rows.All(r => r.Take(3).All(Number)) ? named : Headerless(named);
    }

    // The classic log without a header: user, item, rating, time.
    private static Look Headerless(Look look)
    {
        string[] columns = [.. HeaderlessNames.Concat(look.Columns.Skip(4)).Take(look.Columns.Length)];
        return look with { Columns = columns, User = "user", Item = "item", Label = "rating", Time = columns.Length > 3 ? "time" : null };
    }

    internal static string Plain(string column) => new([.. column.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    private static (string[] Lines, string Encoding) ReadLines(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        byte[] head = new byte[1 << 20];
        int length = plain.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (length == head.Length) { length = Array.LastIndexOf(head, (byte)'\n', length - 1) + 1; }
        bool utf8 = System.Text.Unicode.Utf8.IsValid(head.AsSpan(0, length));
        string text = (utf8 ? Encoding.UTF8 : Encoding.Latin1).GetString(head, 0, length).TrimStart('\uFEFF');
        return ([.. text.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0).Take(SampledLines)], utf8 ? "utf-8" : "latin-1");
    }

    /// <summary>What a file looks like.</summary>
    internal sealed record Look(string Path, string Delimiter, string Encoding, bool Header, string[] Columns, List<string>[] Rows)
    {
        public string? User { get; init; }

        public string? Item { get; init; }

        public string? Label { get; init; }

        public string? Time { get; init; }

        public string? Title { get; init; }

        public string? Id { get; init; }

        /// <summary>Whether this describes the log's users or items: a column called alike, or the first column of a file called alike.</summary>
        public bool IsTableOf(Look log, string column, string side) => IdFor(log, column, side) is not null;

        public string? IdFor(Look log, string column, string side)
        {
            string? same = Columns.FirstOrDefault(c => Plain(c) == Plain(column)) ?? Columns.FirstOrDefault(c => Plain(c) == "id");
            string file = System.IO.Path.GetFileName(Path).ToLowerInvariant();
            bool called = side == "user" ? file.Contains("user", StringComparison.Ordinal) || file.Contains("customer", StringComparison.Ordinal)
                : file.Contains("movie", StringComparison.Ordinal) || file.Contains("item", StringComparison.Ordinal) || file.Contains("book", StringComparison.Ordinal) || file.Contains("product", StringComparison.Ordinal) || file.Contains("meta", StringComparison.Ordinal);
            string? id = same ?? (called && !Header ? Columns[0] : null);
            if (id is null || (same is not null && !called && Plain(same) == "id")) { return null; }
            int at = Array.IndexOf(Columns, id);
            bool distinct = Rows.Select(r => r[at]).Distinct().Count() >= 0.98 * Rows.Length;
            int logAt = Array.IndexOf(log.Columns, column);
            var known = Rows.Select(r => r[at].Trim()).ToHashSet();
            return distinct && (called || log.Rows.Any(r => known.Contains(r[logAt].Trim()))) ? id : null;
        }
    }
}
