using System.IO.Compression;
using System.Text;
using CsCheck;
using Facto.Data;
using Facto.Data.Text;
using Facto.Tests.Oracles;

namespace Facto.Tests.Data.Text;

public sealed class SparseTextReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facto-text-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string text, string name = "rows.libfm")
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(text));
        return path;
    }

    private static Gen<string> Pick(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Gen<string> Token = Gen.OneOf(
        Gen.Int[0, 30].Select(i => $"{i}:1"),
        Gen.Int[0, 30].Select(i => $"{i}:1"),
        Gen.Select(Gen.Int[0, 2_000_000_000], Gen.Double[-1e6, 1e6]).Select((i, v) => FormattableString.Invariant($"{i}:{v:R}")),
        Gen.Select(Gen.Int[0, 99], Gen.Single).Select((i, v) => FormattableString.Invariant($"{i}:{v:G6}")),
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 99]).Select((f, i) => $"{f}:{i}:1"),
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 99], Gen.Int[-9, 9]).Select((f, i, v) => $"{f}:{i}:{v}e-1"),
        Pick("1", "x", "5:", ":1", "7:1:1:1", "2147483647:1", "2147483646:1", "12345678901234567890:1", "-3:1", "3:nan", "3:1e999",
            "3:1e-999", "+4:2", "4:+2", "4:.5", "4:5.",
            "4:.", "4:-", "00000000012:1", "#", "#3:1", "3:1#", "3:0x1", "3:1.0000000000000000000001", "4:0.1234567890123456789", "8:1é",
                "12345678:1", "123456789:1"));

    private static readonly Gen<string> Line = Gen.OneOf(
        Gen.Select(
            Pick("1", "0", "-1", "+1", "3.5", "-0.25", "1e3", "x", "", "#", "nan", " 2", "\t4"), Token.Array[0, 6], Pick(" ", "  ", "\t"),
            Pick("", " ", "\r", " \r", "# note"))
            .Select((label, tokens, blank, end) => string.Join(blank, [label, .. tokens]) + end),
        Pick("", "\r", "   ", "# a comment", "1 2:1"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_line_is_read_as_the_obvious_parser_reads_it(bool withFields)
    {
        Line.Array[0, 40].Sample(lines =>
        {
            string path = Write(string.Join('\n', lines));
            var options =
                new SparseTextOptions
                {
                    Format = withFields
                    ? SparseTextFormat.LibFfm
                    : SparseTextFormat.LibFm,
                    MaxBadLines = long.MaxValue
                };
            SparseTextRows rows = ReadRaw(path, options, out long bad);
            var expected = lines.Select(l => NaiveSparseText.ParseLine(l, withFields)).Where(l => !l.Skip).ToArray();
            Assert.Equal(expected.Count(l => l.Bad), bad);
            var good = expected.Where(l => !l.Bad).ToArray();
            Assert.Equal(good.Select(l => l.Label), rows.Labels.Span.ToArray());
            Assert.Equal(
                good.SelectMany(l => l.Row).Select(f => f.Field),
                withFields ? rows.Fields.Span.ToArray() : new int[good.Sum(l => l.Row.Length)]);
            SparseRows table = rows.BuildRows();
            Assert.Equal(good.Length, table.RowCount);
            for (int r = 0; r < good.Length; r++)
            {
                Assert.Equal(good[r].Row.Select(f => f.Feature), table[r].Features.ToArray());
                for (int i = 0; i < table[r].Count; i++) { Assert.Equal(good[r].Row[i].Value, table[r].Value(i)); }
            }

            Assert.Equal(good.SelectMany(l => l.Row).All(f => f.Value == 1f), table.IsBinary);
            Assert.Equal(good.Select(l => l.Row.Length).Distinct().Count() <= 1, table.FixedWidth >= 0);
            rows.Dispose();
        }, iter: 2000, threads: 1);
    }

    private static SparseTextRows ReadRaw(string path, SparseTextOptions options, out long bad)
    {
        using var parser = new SparseTextParser(options, CancellationToken.None);
        SparseTextRows rows = parser.Read([path]);
        bad = parser.BadLineCount;
        return rows;
    }

    [Fact]
    public void Rows_that_cross_the_ends_of_the_read_buffer_are_whole()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 120_000; i++)
        {
            text.Append(i % 5).Append(' ').Append(i).Append(":1 ").Append(200_000 + (i % 977)).Append(":0.5\n");
        }
        text.Append('3');
        for (int i = 0; i < 300_000; i++) { text.Append(' ').Append(i).Append(":2"); }
        Dataset data = SparseTextReader.ReadFile(Write(text.ToString()));
        Assert.Equal(120_001, data.Count);
        for (int i = 0; i < 120_000; i++)
        {
            Assert.Equal(i % 5, data.Interactions.Labels[i]);
            Assert.Equal([i, 200_000 + (i % 977)], data.Contexts![i].Features.ToArray());
            Assert.Equal([1f, 0.5f], data.Contexts[i].Values.ToArray());
        }

        Assert.Equal(300_000, data.Contexts![120_000].Count);
        Assert.Equal(300_000, data.Schema.FeatureCount);
    }

    [Fact]
    public void Compressed_and_several_files_and_CRLF_and_a_byte_order_mark_give_the_same_rows()
    {
        string plain = Write("5 0:1 3:1\n1 1:1 4:1\n2 2:1 3:1\n");
        string first = Write("\uFEFF5 0:1 3:1\r\n\r\n# half\r\n", "a.libfm"), second = Path.Combine(_folder.FullName, "b.libfm.gz");
        using (var gzip = new GZipStream(File.Create(second), CompressionLevel.Fastest)) { gzip.Write("1 1:1 4:1\r\n2 2:1 3:1 # last"u8); }
        Dataset expected = SparseTextReader.ReadFile(plain), actual = SparseTextReader.Read([[first, second]]).Parts[0];
        Assert.Equal(expected.Interactions.Labels.Span, actual.Interactions.Labels.Span);
        Assert.Equal(expected.Contexts!.FeatureBlock.Span, actual.Contexts!.FeatureBlock.Span);
        Assert.True(actual.Contexts.IsBinary);
        Assert.Equal(2, actual.Contexts.FixedWidth);
    }

    [Theory]
    [InlineData("1 2:1\nx 2:1\n", "rows.libfm:2: the row must begin with its label, a finite number; found 'x'")]
    [InlineData(
        "1 2:1\n\n1 2\n", "rows.libfm:3: expected ':' and a value behind the feature number (feature:value); found 'the end of the line'")]
    [InlineData("1 two:1\n", "rows.libfm:1: expected feature:value with a feature number from 0 to 4294967295; found 'two:1'")]
    [InlineData("# c\n1 2:high\n", "rows.libfm:2: expected a finite number as the feature's value (feature:value); found 'high'")]
    [InlineData("1 2:1 3:1 2:1\n", "rows.libfm:1: one feature stands twice in this row; add its values up into one")]
    [InlineData("1 a:2:1\n", "rows.libfm:1: expected field:feature:value with whole numbers from 0 to 4294967295; found 'a:2:1'")]
    public void A_bad_line_is_named_with_file_line_and_what_was_found(string text, string message)
    {
        FactoException e = Assert.Throws<FactoException>(() => SparseTextReader.ReadFile(Write(text)));
        Assert.EndsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_lines_within_the_tolerance_are_counted_and_shown_and_one_more_fails()
    {
        string path = Write("1 0:1\nbad\n2 1:1\n3 900:1 x\n1 1:1\n");
        SparseTextData data = SparseTextReader.Read([[path]], new SparseTextOptions { MaxBadLines = 2 });
        Assert.Equal((2, 3), ((int)data.BadLineCount, data.Parts[0].Count));
        Assert.Equal(2, data.Parts[0].Schema.FeatureCount);   // feature 900 stands in a bad line only
        Assert.Collection(
            data.FirstBadLines, l => Assert.Contains(":2: ", l, StringComparison.Ordinal), l =>
            Assert.Contains(":4: ", l, StringComparison.Ordinal));
        FactoException e = Assert.Throws<FactoException>(() => SparseTextReader.Read([[path]], new SparseTextOptions { MaxBadLines = 1 }));
        Assert.Contains("more than 1 bad lines", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_cut_file_gives_one_sentence()
    {
        string missing = Path.Combine(_folder.FullName, "none.libfm"), cut = Path.Combine(_folder.FullName, "cut.gz");
        Assert.StartsWith(
            missing, Assert.Throws<FactoException>(() => SparseTextReader.ReadFile(missing)).Message, StringComparison.Ordinal);
        File.WriteAllText(cut, "no gzip at all");
        Assert.StartsWith(cut, Assert.Throws<FactoException>(() => SparseTextReader.ReadFile(cut)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_become_0_and_1_from_the_threshold_on()
    {
        string path = Write("-1 0:1\n1 0:1\n0 0:1\n4 0:1\n");
        Assert.Equal(
            [0f, 1f, 0f, 1f],
            SparseTextReader.ReadFile(path, new SparseTextOptions { PositiveFrom = 0.5f }).Interactions.Labels.Span.ToArray());
        Assert.Equal([-1f, 1f, 0f, 4f], SparseTextReader.ReadFile(path).Interactions.Labels.Span.ToArray());
    }
}
