using System.IO.Compression;
using System.Text;
using Facto.Data;
using Facto.Data.Text;

namespace Facto.Tests.Data.Text;

/// <summary>Flat files as users of other programs have them.</summary>
public sealed class FlatKindsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }

    private static SparseTextData Read(string path, SparseTextOptions? options = null) =>
        SparseTextReader.Read([[path]], options, TestContext.Current.CancellationToken);

    [Fact]
    public void Query_ids_comments_tabs_and_trailing_blanks_are_passed_over_and_stated()
    {
        SparseTextData data = Read(Write("rank.svm", "2 qid:1 1:0.5  3:1 # doc 7\n1\tqid:1\t2:1\t\n\n# all\n0 qid:2 1:1 \r\n"));
        Assert.Equal([2f, 1f, 0f], data.Parts[0].Interactions.Labels.Span.ToArray());
        Assert.Equal([1, 3], data.Parts[0].Contexts![0].Features.ToArray());
        Assert.Contains("labels: 0 (1 rows), 1 (1 rows), 2 (1 rows)", data.Statement);
        Assert.Contains("features 1 to 3 (numbered from 1), 1.3 a row, with values", data.Statement);
        Assert.Contains("3 query ids (qid) were passed over", data.Statement);
    }

    [Fact]
    public void Numbers_up_to_four_billion_are_renumbered_and_found_again()
    {
        string train = Write("hashed.svm", "1 7:1 2147483646:1\n0 7:1 4294967295:2\n1 3000000000:1\n");
        SparseTextData data = Read(train);
        Assert.Equal(4, data.Parts[0].Schema.FeatureCount);
        Assert.Equal(["7", "2147483646", "3000000000", "4294967295"], data.Parts[0].Schema.Fields[0].Vocabulary!.Values());
        Assert.Equal([0, 3], data.Parts[0].Contexts![1].Features.ToArray());
        SparseTextData next = Read(Write("next.svm", "1 3000000000:1 4294967294:1\n"),
            new SparseTextOptions { Schema = data.Parts[0].Schema });
        Assert.Equal([2], next.Parts[0].Contexts![0].Features.ToArray());
        Assert.Equal(1L, next.UnknownFeatureCount);
        // Going on with it: what was known keeps its place, what is new stands behind, however large its number.
        SparseTextData grown = Read(Write("more.svm", "1 3000000000:1 4294967294:1 7:1\n"),
            new SparseTextOptions { Grow = data.Parts[0].Schema });
        Assert.Equal([2, 4, 0], grown.Parts[0].Contexts![0].Features.ToArray());
        Assert.Equal(["7", "2147483646", "3000000000", "4294967295", "4294967294"], grown.Parts[0].Schema.Fields[0].Vocabulary!.Values());
        grown = Read(_folder.File("more.svm"), new SparseTextOptions { Grow = FeatureSchema.Flat(8) });
        Assert.Equal([8, 9, 7], grown.Parts[0].Contexts![0].Features.ToArray());
        SparseTextData small = Read(Write("small.svm", "1 1:1\n"));
        Assert.Equal(2L, Read(Write("big.svm", "1 4000000000:1 2:1\n"),
            new SparseTextOptions { Schema = small.Parts[0].Schema }).UnknownFeatureCount);
        SparseTextData ffm = Read(Write("hashed.ffm", "1 0:3999999999:1 1:5:1\n0 0:1:1 1:3999999999:1\n"));
        Assert.Equal((4, 2), (ffm.Parts[0].Schema.FeatureCount, ffm.Parts[0].Schema.Fields.Count));
        Assert.Contains("a feature number from 0 to 4294967295",
            Assert.Throws<FactoException>(() => Read(Write("x.svm", "1 4294967296:1\n"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_file_may_number_from_1_as_its_rows_do()
    {
        string rows = Write("one.svm", "1 1:1 3:1\n0 2:1 4:1\n"), groups = Write("groups", "0\n0\n1\n1\n");
        FeatureSchema found = Read(rows, new SparseTextOptions { GroupsPath = groups }).Parts[0].Schema;
        Assert.Equal([3, 2], found.Fields.Select(f => f.Count));   // feature 0 stands in the first field and never occurs
        Assert.Contains("groups: it has 4 lines, one per feature from 0, but the rows have feature 4", Assert.Throws<FactoException>(() =>
            Read(rows, new SparseTextOptions { GroupsPath = groups, ZeroBased = true })).Message, StringComparison.Ordinal);
        string few = Write("few.svm", "1 1:1 2:1\n0 2:1 3:1\n");
        Assert.Equal([2, 2], Read(few, new SparseTextOptions { GroupsPath = groups }).Parts[0].Schema.Fields.Select(f => f.Count));
        found = Read(few, new SparseTextOptions { GroupsPath = groups, ZeroBased = false }).Parts[0].Schema;
        Assert.Equal([3, 2], found.Fields.Select(f => f.Count));
    }

    [Fact]
    public void Rows_without_labels_are_read_to_predict_and_refused_to_learn()
    {
        string path = Write("today.libfm", "4:1 19:1\n2:1 18:1\n");
        SparseTextData data = Read(path, new SparseTextOptions { LabelsOptional = true });
        Assert.False(data.HasLabels);
        Assert.Equal([2, 18], data.Parts[0].Contexts![1].Features.ToArray());
        Assert.True(Read(Write("lab.libfm", "1 4:1\n"), new SparseTextOptions { LabelsOptional = true }).HasLabels);
        Assert.Contains("rows without labels can be predicted but not learnt from",
            Assert.Throws<FactoException>(() => Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 0:1\n2 1:1\n2 0:1\n",
        "rows.svm: the labels are 1 (1 rows), 2 (2 rows): a binary task takes 0 and 1, or -1 and 1; say from which label on a row is "
            + "positive (--positive-from 2)")]
    [InlineData("1 0:1\n3 1:1\n5 0:1\n4 1:1\n", "(--positive-from 4)")]
    [InlineData("1 0:1\n1 1:1\n", "rows.svm: every label is 1 (positive): a binary task needs both")]
    [InlineData("-1 0:1\n-1 1:1\n", "rows.svm: every label is 0 (negative)")]
    public void Labels_of_a_binary_task_are_two_and_known(string text, string sentence)
    {
        string path = Write("rows.svm", text);
        Assert.Contains(sentence, Assert.Throws<FactoException>(() => Read(path, new SparseTextOptions { BinaryLabels = true })).Message,
            StringComparison.Ordinal);
        Assert.Equal([0f, 1f], Read(Write("two.svm", "-1 0:1\n1 1:1\n"),
            new SparseTextOptions { BinaryLabels = true }).Parts[0].Interactions.Labels.Span.ToArray());
        var toPredict = new SparseTextOptions { BinaryLabels = true, LabelsOptional = true, Schema = FeatureSchema.Flat(2) };
        Assert.Equal(text.Contains('-', StringComparison.Ordinal) || !text.AsSpan().ContainsAny('2', '3'), Read(path, toPredict).HasLabels);
    }

    [Fact]
    public void Compression_is_told_by_the_bytes_and_a_cut_file_fails()
    {
        string text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i % 2} {i % 50}:1 {50 + (i * 7 % 90)}:1\n"));
        byte[] zipped;
        using (var memory = new MemoryStream())
        {
            using (var gzip = new GZipStream(memory, CompressionLevel.Fastest,
                leaveOpen: true)) { gzip.Write(Encoding.ASCII.GetBytes(text)); }
            zipped = memory.ToArray();
        }

        File.WriteAllBytes(_folder.File("rows.libfm"), zipped);
        Assert.Equal(5000, Read(_folder.File("rows.libfm")).Parts[0].Count);
        File.WriteAllBytes(_folder.File("cut.gz"), zipped[..(zipped.Length / 2)]);
        Assert.Contains("cut.gz: the gzip file is cut off", Assert.Throws<FactoException>(() => Read(_folder.File("cut.gz"))).Message,
            StringComparison.Ordinal);
        Assert.Equal(5000, Read(Write("plain.gz", text)).Parts[0].Count);
    }

    [Fact]
    public void Vowpal_wabbits_namespaces_are_fields_and_names_are_features()
    {
        string train = Write("t.vw", "1 2.5 'one|user u1 |item i5 price:0.5\n-1 |user u2 |item:2 i5\n# c\n\n1 'three |user u1 |item i6\n");
        SparseTextData data = Read(train, new SparseTextOptions { PositiveFrom = 0.5f });
        Dataset rows = data.Parts[0];
        Assert.Equal(SparseTextFormat.VowpalWabbit, data.Format);
        Assert.Equal([1f, 0f, 1f], rows.Interactions.Labels.Span.ToArray());
        Assert.Equal([2.5f, 1f, 1f], rows.Interactions.Weights!.Span.ToArray());
        Assert.Equal(["user=u1", "item=i5", "item=price"], [.. rows.Contexts![0].Features.ToArray().Select(rows.Schema.Describe)]);
        Assert.Equal((0.5f, 2f), (rows.Contexts![0].Value(2), rows.Contexts![1].Value(1)));
        SparseTextData next = Read(Write("n.vw", "|user u2 |item i9\n"),
            new SparseTextOptions { Schema = rows.Schema, LabelsOptional = true });
        Assert.Equal((false, 1L), (next.HasLabels, next.UnknownFeatureCount));
        Assert.Contains("bad.vw:1: expected a finite number behind ':'",
            Assert.Throws<FactoException>(() => Read(Write("bad.vw", "1 |a b:x\n"))).Message, StringComparison.Ordinal);
    }
}
