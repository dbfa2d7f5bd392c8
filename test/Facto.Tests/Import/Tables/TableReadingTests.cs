using System.IO.Compression;
using System.Text;
using DuckDB.NET.Data;
using Facto.Data;
using Facto.Import;

namespace Facto.Tests.Import.Tables;

/// <summary>What lies in files is read as it stands or told in a sentence: compression, encodings, names of columns and files, JSON,
/// Parquet.</summary>
public sealed class TableReadingTests : IDisposable
{
    private static readonly string[] Shop = ["who", "what"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string text) => File.WriteAllText(_folder.File(name), text);

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(_folder.File(name), bytes);

    private string[] Read(TableSource source, params string[] columns) => Read(source, out _, columns);

    private string[] Read(TableSource source, out List<BadRow> bad, params string[] columns)
    {
        var rows = new List<string>();
        var badRows = new List<BadRow>();
        using var reader = new SourceReader(source, _folder.Path);
        reader.Read(columns.Length > 0 ? columns : Shop, row => { rows.Add(string.Join("→", row)); return null; }, badRows.Add,
            TestContext.Current.CancellationToken);
        bad = badRows;
        return [.. rows];
    }

    private string Error(string path, params string[] columns) =>
        Assert.Throws<FactoException>(() => Read(new TableSource { Path = path }, columns)).Message;

    private static byte[] Gzip(string text)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal, leaveOpen: true)) { gzip.Write(Encoding.UTF8.GetBytes(text)); }
        return memory.ToArray();
    }

    private static byte[] Zstd(string text)
    {
        using var memory = new MemoryStream();
        using (var zstd = new ZstdSharp.CompressionStream(memory, leaveOpen: true)) { zstd.Write(Encoding.UTF8.GetBytes(text)); }
        return memory.ToArray();
    }

    private static string Log(int rows) => "who,what\n" + string.Concat(Enumerable.Range(0, rows).Select(i =>
        $"guest {i % 97},thing {i * 31 % 211}\n"));

    [Fact]
    public void Compressed_files_are_read_whole_by_their_first_bytes_whatever_they_are_called()
    {
        string[] expected = Log(20_000).Split('\n')[1..^1];
        Write("plain.csv.gz", Log(20_000));
        Write("zip.csv", Gzip(Log(20_000)));
        Write("two.csv.gz", [.. Gzip(Log(10_000)), .. Gzip(string.Concat(expected[10_000..].Select(l => l + "\n")))]);
        Write("z.csv.zst", Zstd(Log(20_000)));
        Write("renamed.gz", Zstd(Log(20_000)));
        foreach (string name in (string[])["plain.csv.gz", "zip.csv", "two.csv.gz", "z.csv.zst", "renamed.gz"])
        {
            Assert.Equal(expected, Read(new TableSource { Path = name }).Select(r => r.Replace('→', ',')));
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    public void A_cut_file_fails_with_its_name(double share)
    {
        byte[] gzip = Gzip(Log(20_000)), zstd = Zstd(Log(20_000));
        Write("cut.csv.gz", gzip[..(int)(share * gzip.Length)]);
        Write("cut.csv.zst", zstd[..(int)(share * zstd.Length)]);
        Assert.Contains("cut.csv.gz: the gzip file is cut off", Error("cut.csv.gz"), StringComparison.Ordinal);
        Assert.Contains("cut.csv.zst: the zstd file is cut off", Error("cut.csv.zst"), StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_and_what_follows_a_compressed_file_fail_with_its_name()
    {
        byte[] gzip = Gzip(Log(20_000)), flipped = [.. gzip];
        flipped[gzip.Length / 2] ^= 0x55;
        Write("flipped.gz", flipped);
        Write("tail.gz", [.. gzip, .. "tail"u8]);
        Write("cut-second.gz", [.. gzip, .. gzip[..^9]]);
        Write("book.csv", "PK\u0003\u0004whatever");
        foreach (string name in (string[])["flipped.gz", "tail.gz", "cut-second.gz"])
        {
            Assert.Contains($"{name}: the gzip file is cut off, damaged, or followed", Error(name), StringComparison.Ordinal);
        }

        Assert.Contains("book.csv: it is a zip archive", Error("book.csv"), StringComparison.Ordinal);
        Write("x.parquet", [.. "PAR1"u8, .. gzip]);
        Assert.Contains("x.parquet: it is no Parquet file, or its end is missing", Error("x.parquet"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_without_a_name_is_read_and_one_that_is_needed_and_stands_twice_is_told()
    {
        Write("index.csv", ",who,what\n0,ann,tea\n1,bob,rum\n");
        Assert.Equal(["ann→tea", "bob→rum"], Read(new TableSource { Path = "index.csv" }));
        Write("twice.csv", "who,what,note,note\nann,tea,a,b\n");
        Assert.Equal(["ann→tea"], Read(new TableSource { Path = "twice.csv" }));
        Assert.Contains("has the column 'note' twice (columns 3 and 4): say which is which by naming all its columns in 'columns'",
            Error("twice.csv", "who", "note"), StringComparison.Ordinal);
        Assert.Equal(["ann→b"], Read(new TableSource { Path = "twice.csv", Columns = ["who", "what", "n1", "n2"] }, "who", "n2"));
        Assert.Contains("has no column 'whom'; did you mean 'who'?; its columns are who, what, note, note", Error("twice.csv", "whom"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_with_brackets_is_that_file_and_a_pattern_is_one_only_where_no_file_is_called_so()
    {
        Write("b1.csv", "who,what\nwrong,wrong\n");
        Write("b[1].csv", "who,what\nann,tea\n");
        Assert.Equal(["ann→tea"], Read(new TableSource { Path = "b[1].csv" }));
        Write("day-1.csv", "who,what\nann,tea\n");
        Write("day-2.csv.gz", Gzip("what,who\nrum,bob\n"));
        Assert.Equal(["ann→tea", "bob→rum"], Read(new TableSource { Path = "day-?.*" }));
        Write("day-*", "who,what\neve,gin\n");
        Assert.Equal(["eve→gin"], Read(new TableSource { Path = "day-*" }));
        Assert.Contains("no file matches", Error("b[2].csv"), StringComparison.Ordinal);
        Assert.Contains("did you mean b1.csv?", Error("b3.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_read_in_lines_in_an_array_and_over_several_lines_with_the_lines_of_what_is_broken()
    {
        string[] expected = ["ann→tea→true→1.50", "bob→\ufffe3:rum9:gin|tonic→false→"];
        const string ann = "{\"who\":\"ann\",\"what\":\"tea\",\"paid\":true,\"more\":{\"sum\":1.50}}",
            bob = "{\"who\":\"bob\",\"what\":[\"rum\",\"gin|tonic\"],\"paid\":false}";
        Write("lines.jsonl", $"{ann}\n\n{bob}\n");
        Write("array.json", $"[\n {ann},\n{bob}\n]\n");
        Write("one.json", $"[{ann},{bob}]");
        Write("tall.json", $"{ann.Replace(",", ",\n", StringComparison.Ordinal)}\n{bob.Replace("[", "[\n", StringComparison.Ordinal)}\n");
        foreach (string name in (string[])["lines.jsonl", "array.json", "one.json", "tall.json"])
        {
            Assert.Equal(expected, Read(new TableSource { Path = name }, "who", "what", "paid", "more.sum"));
        }

        Write("broken.jsonl", $"{ann}\n{{\"who\":\"cut\"\n\n5\n{bob}\n{{\"who\":NaN}}\n");
        Assert.Equal(2, Read(new TableSource { Path = "broken.jsonl" }, out List<BadRow> bad).Length);
        Assert.Equal([2, 4, 6], bad.Select(b => b.Line));
        Assert.StartsWith("broken JSON at byte", bad[0].Reason, StringComparison.Ordinal);
        Assert.Equal("it is JSON but no object: a number stands here", bad[1].Reason);
        Write("cut.json", $"[\n{ann},\n{bob[..^4]}");
        Assert.Single(Read(new TableSource { Path = "cut.json" }, out bad));
        Assert.Equal((3, "broken JSON: the value that begins here is not closed, the file seems to be cut off"),
            (bad[0].Line, bad[0].Reason));
    }

    [Fact]
    public void Parquet_keeps_nulls_decimals_lists_and_times_with_a_zone()
    {
        using (var connection = new DuckDBConnection("DataSource=:memory:"))
        {
            connection.Open();
            using DuckDBCommand copy = connection.CreateCommand();
            copy.CommandText =
                "COPY (SELECT * FROM (VALUES ('ann', ['tea|black', 'rum'], 1.10::DECIMAL(9,2), TIMESTAMPTZ '2020-02-03 "
                    + "04:05:06.789012+02:00', [[1, 2], [3]]), (' bob ', [], NULL, NULL, NULL)) "
                + $"t(who, what, paid, \"at\", \"x \"\"y\"\"\")) TO '{_folder.File("t[1].parquet")}' (FORMAT parquet)";
            copy.ExecuteNonQuery();
        }

        string[] rows = Read(new TableSource { Path = "t[1].parquet" }, "who", "what", "paid", "at", "x \"y\"");
        Assert.Equal(["ann→\ufffe9:tea|black3:rum→1.10→2020-02-03 02:05:06.789012+00→\ufffe5:[1,2]3:[3]", " bob →\ufffe→→→"], rows);
        Assert.True(TimeText.TryParse("2020-02-03 02:05:06.789012+00", out _));
    }

    [Fact]
    public void Stray_quotes_cost_a_row_and_not_the_rest_of_the_file()
    {
        Write("q.csv", "who,what\nann,12\" vinyl\n\"bob,tea\neve,\"gin\"x\nzoe,rum\n\"two\nlines\",\"a \"\"b\"\"\"\n");
        Assert.Equal(["ann→12\" vinyl", "zoe→rum", "two\nlines→a \"b\""], Read(new TableSource { Path = "q.csv" }, out List<BadRow> bad));
        Assert.Equal([3, 4], bad.Select(b => b.Line));
        Write("u.csv", "who,what\nann,tea\nbob,\"never closed\nzoe,rum\n");
        Assert.Equal(["ann→tea", "zoe→rum"], Read(new TableSource { Path = "u.csv" }, out bad));
        Assert.Equal((3, "the quote that opens column 2 is never closed"), (bad[0].Line, bad[0].Reason));
    }

    [Fact]
    public void Lists_and_matrices_are_rows_too()
    {
        Write("lists.txt", "ann tea rum  gin\nbob\neve\ttea\n");
        var lists = new TableSource { Path = "lists.txt", Format = TableFormat.Lists, Header = false };
        Assert.Equal(["ann→tea", "ann→rum", "ann→gin", "eve→tea"], Read(lists, "user", "item"));
        Write("m.csv", ",tea,rum\nann,5,\nbob,99,1\n");
        var matrix = new TableSource { Path = "m.csv", Format = TableFormat.Matrix, RowNames = true, Nothing = "99" };
        Assert.Equal(["ann→tea→5", "bob→rum→1"], Read(matrix, "user", "item", "rating"));
        Write("n.csv", "0 3\n4 0\n");
        Assert.Equal(["1→2→3", "2→1→4"], Read(matrix with
        {
            Path = "n.csv",
            Header = false,
            RowNames = false,
            Nothing = "0",
            Delimiter = " "
        }, "user", "item", "rating"));
    }

    [Fact]
    public void No_sentence_of_the_engine_reaches_a_user()
    {
        (string Engine, string Ours)[] parquet =
        [
            ("Invalid Input Error: No magic bytes found at end of file 'x'",
                "it is no Parquet file, or its end is missing: fetch or write it again"),
            ("Invalid Input Error: File 'x' too small to be a Parquet file",
                "it is no Parquet file, or its end is missing: fetch or write it again"),
            ("Invalid Input Error: Encrypted Parquet files are not supported for file 'x'",
                "the Parquet file is encrypted: write it without encryption"),
            ("IO Error: Cannot open file \"x\": Permission denied", "the file cannot be opened"),
            ("Out of Memory Error: failed to allocate",
                "there is not enough memory to read the Parquet file: write it with smaller row groups"),
            ("Not implemented Error: Unsupported compression codec \"LZO\"",
                "the Parquet file uses a compression or type that is not read: write it with snappy, gzip or zstd and plain types"),
            ("TProtocolException: Invalid data", "the Parquet file is damaged or cut off: fetch or write it again"),
            ("INTERNAL Error: Attempted to dereference shared_ptr that is NULL!",
                "the Parquet file is damaged or cut off: fetch or write it again"),
        ];
        foreach ((string engine, string ours) in parquet) { Assert.Equal(ours, EngineMessages.Parquet(engine)); }
        Write("log.csv", "who,what,n\nann,tea,1\nbob,rum,-1\n");
        (string When, string Ours)[] rules =
        [
            ("count <= 0",
                "names a column 'count' that is not there; the columns are who, what, n (a name with other characters than letters and "
                    + "digits is quoted: \"my column\")"),
            ("n <=", "is no condition in SQL, such as \"quantity <= '0'\" or \"TRY_CAST(quantity AS DOUBLE) <= 0\""),
            ("nosuch(n) > 0", "calls a function 'nosuch' that does not exist"),
        ];
        foreach ((string when, string ours) in rules)
        {
            var source = new TableSource { Path = "log.csv", Exclude = [new ExcludeRule(when, "r")] };
            Assert.Equal($"log.csv: the exclude rule \"{when}\" {ours}", Assert.Throws<FactoException>(() => Read(source)).Message);
        }

        var cast = new TableSource { Path = "log.csv", Exclude = [new ExcludeRule("CAST(who AS INTEGER) > 0", "r")] };
        Assert.Contains("converts a value that is no number or date", Assert.Throws<FactoException>(() => Read(cast)).Message,
            StringComparison.Ordinal);
        Assert.Equal(["ann→tea"], Read(new TableSource
        {
            Path = "log.csv",
            Exclude = [new ExcludeRule("TRY_CAST(n AS DOUBLE) <= 0", "returned")]
        }));
    }
}
