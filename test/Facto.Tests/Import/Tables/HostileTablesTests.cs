using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Facto.Import;

namespace Facto.Tests.Import.Tables;

/// <summary>
/// Every row of a hostile table is read exactly as it was written, or counted with its line and reason. FACTO_HOSTILE_TABLES=10000 makes
/// so many tables and asks
/// Python's csv module too, where there is one.
/// </summary>
public sealed class HostileTablesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static int Tables => int.Parse(Environment.GetEnvironmentVariable("FACTO_HOSTILE_TABLES") ?? "400",
        CultureInfo.InvariantCulture);

    [Fact]
    public void Every_row_is_read_exactly_or_counted_with_its_line()
    {
        for (int seed = 0; seed < Tables; seed++)
        {
            var table = new HostileTable(seed);
            (List<string?[]> rows, List<BadRow> bad) = Read(table);
            Assert.True(table.Rows.Count == rows.Count,
                $"{table.Name}: {rows.Count} rows instead of {table.Rows.Count}; bad: {string.Join("; ", bad)}");
            for (int r = 0; r < rows.Count; r++)
            {
                Assert.True(table.Rows[r].SequenceEqual(rows[r]),
                    $"{table.Name}, row {r}: {Show(rows[r])} instead of {Show(table.Rows[r])}");
            }

            Assert.True(table.BadLines.SequenceEqual(bad.Select(b => b.Line)),
                $"{table.Name}: bad lines {Show(bad.Select(b => $"{b.Line}"))} instead of {Show(table.BadLines.Select(l => $"{l}"))}");
            Assert.All(bad, b => Assert.NotEmpty(b.Reason));
        }
    }

    [Fact]
    public void Pythons_csv_module_reads_the_same()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("FACTO_HOSTILE_TABLES") is null, "FACTO_HOSTILE_TABLES is not set");
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "there is no python3");
        HostileTable[] tables = [.. Enumerable.Range(0, Tables).Select(s => new HostileTable(s)).Where(t => t.PythonReads)];
        for (int i = 0; i < tables.Length; i++) { File.WriteAllBytes(_folder.File($"{i}.csv"), tables[i].Bytes); }
        File.WriteAllText(_folder.File("delimiters.json"), JsonSerializer.Serialize(tables.Select(t => t.Source.Delimiter ?? ",")));
        const string script = "import csv,json,sys\ncsv.field_size_limit(1<<30)\nd=json.load(open('delimiters.json'))\n"
            + "for i,x in enumerate(d): print(json.dumps([r for r in "
                + "csv.reader(open(f'{i}.csv',newline='',encoding='utf-8'),delimiter=x) if r]))\n";
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", script])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8
        })!;
        foreach (HostileTable table in tables)
        {
            string[][] theirs = JsonSerializer.Deserialize<string[][]>(python.StandardOutput.ReadLine()!)!;
            (List<string?[]> ours, _) = Read(table);
            Assert.True(theirs.Length == ours.Count + 1, table.Name);
            for (int r = 0; r < ours.Count; r++)
            {
                Assert.True(theirs[r + 1].SequenceEqual(ours[r].Select(v => v ?? string.Empty)), $"{table.Name}, row {r}");
            }
        }

        python.WaitForExit();
        Assert.True(tables.Length > Tables / 50);
    }

    private (List<string?[]> Rows, List<BadRow> Bad) Read(HostileTable table)
    {
        string path = _folder.File(table.FileName);
        File.WriteAllBytes(path, table.Bytes);
        var rows = new List<string?[]>();
        var bad = new List<BadRow>();
        if (table.Bytes.Length == 0) { return (rows, bad); }
        using var reader = new SourceReader(table.Source, _folder.Path);
        // A key that no object has is no column.
        string[] columns = [.. table.Columns.Where(reader.Columns.Contains)];
        int[] places = [.. table.Columns.Select(c => Array.IndexOf(columns, c))];
        reader.Read(columns, row => { rows.Add([.. places.Select(p => p < 0 ? null : row[p])]); return null; }, bad.Add,
            TestContext.Current.CancellationToken);
        Assert.Equal(rows.Count + bad.Count, reader.RowCount);
        return (rows, bad);
    }

    private static string Show(IEnumerable<string?> values) =>
        string.Join(" | ", values.Select(v => v is null ? "null" : v.Length > 40 ? $"{v[..40]}… ({v.Length})" : v));
}
