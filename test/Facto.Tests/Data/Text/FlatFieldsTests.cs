using CsCheck;
using Facto.Data;
using Facto.Data.Text;

namespace Facto.Tests.Data.Text;

public sealed class FlatFieldsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facto-fields-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void One_feature_per_position_in_disjoint_ranges_makes_fields_over_all_parts()
    {
        string train = Write("train", "1 1:1 10:1 20:1\n0 4:1 12:1 21:1\n"), test = Write("test", "1 5:1 9:1 29:1\n");
        SparseTextData data = SparseTextReader.Read([[train], [test]]);
        FeatureSchema schema = data.Parts[0].Schema;
        Assert.Same(schema, data.Parts[1].Schema);
        Assert.Equal([(0, 9), (9, 11), (20, 10)], schema.Fields.Select(f => (f.Offset, f.Count)));
        Assert.Equal(30, schema.FeatureCount);
    }

    [Theory]
    [InlineData("1 1:1 10:1\n0 10:1 12:1\n")]   // ranges overlap
    [InlineData("1 1:1 10:1\n0 2:1\n")]          // another width
    [InlineData("1 1:1 10:1\n0 2:1 11:0.5\n")]   // another value
    [InlineData("1 10:1 1:1\n0 11:1 2:1\n")]     // descending
    [InlineData("1 3:1\n0 2:1\n")]               // one position only
    public void Anything_else_stays_one_field(string text) =>
        Assert.Equal("features", Assert.Single(SparseTextReader.ReadFile(Write("f", text)).Schema.Fields).Spec.Name);

    [Fact]
    public void A_group_file_in_order_keeps_the_numbers_and_one_out_of_order_renumbers_and_remembers()
    {
        string rows = Write("rows", "1 0:1 2:1\n0 1:1 3:0.5\n"), ordered = Write("a.meta", "0\n0\n1\n1\n"),
            mixed = Write("b.meta", "1\n0\n0\n1\n");
        Dataset kept = SparseTextReader.ReadFile(rows, new SparseTextOptions { GroupsPath = ordered });
        Assert.Equal([0, 2, 1, 3], kept.Contexts!.FeatureBlock.Span.ToArray());
        Assert.Equal([2, 2], kept.Schema.Fields.Select(f => f.Count));

        Dataset moved = SparseTextReader.ReadFile(rows, new SparseTextOptions { GroupsPath = mixed });
        Assert.Equal([2, 1, 0, 3], moved.Contexts!.FeatureBlock.Span.ToArray());   // features 1, 2 are field 0; 0, 3 are field 1
        Assert.Equal("field1=0", moved.Schema.Describe(2));

        SparseTextData again = SparseTextReader.Read([[Write("new", "1 0:1 3:1 7:1\n")]], new SparseTextOptions { Schema = moved.Schema });
        Assert.Equal([2, 3], again.Parts[0].Contexts![0].Features.ToArray());
        Assert.Equal(1, again.UnknownFeatureCount);
        Assert.Throws<FactoException>(
            () => SparseTextReader.ReadFile(Write("wide", "1 9:1\n"), new SparseTextOptions { GroupsPath = ordered }));
        Assert.Contains(
            "b2:2: expected the field number of feature 1",
            Assert.Throws<FactoException>(
                () =>
                SparseTextReader.ReadFile(rows, new SparseTextOptions { GroupsPath = Write("b2", "0\nx\n") })).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Libffm_fields_are_the_files_and_a_feature_under_two_fields_becomes_two()
    {
        Dataset ordered = SparseTextReader.ReadFile(Write("o", "1 0:0:1 2:5:1\n0 0:3:1 2:9:1\n"));
        Assert.Equal([("field0", 5), ("field2", 5)], ordered.Schema.Fields.Select(f => (f.Spec.Name, f.Count)));
        Assert.Equal([0, 5, 3, 9], ordered.Contexts!.FeatureBlock.Span.ToArray());

        Dataset shared = SparseTextReader.ReadFile(Write("s", "1 0:7:1 5000:7:1\n0 0:3:1 5000:9:1\n"));
        Assert.Equal([("field0", 2), ("field5000", 2)], shared.Schema.Fields.Select(f => (f.Spec.Name, f.Count)));
        Assert.Equal(
            ["field0=7", "field5000=7", "field0=3", "field5000=9"], shared.Contexts!.FeatureBlock.Span.ToArray()
            .Select(shared.Schema.Describe));
        SparseTextData again =
            SparseTextReader.Read([[Write("t", "1 5000:7:1 0:9:1\n")]], new SparseTextOptions { Schema = shared.Schema });
        Assert.Equal(["field5000=7"], again.Parts[0].Contexts![0].Features.ToArray().Select(shared.Schema.Describe));
        Assert.Equal(1, again.UnknownFeatureCount);
    }

    [Fact]
    public void Features_beyond_a_given_schema_are_left_out_and_counted()
    {
        SparseTextData data =
            SparseTextReader.Read([[Write("p", "1 0:1 2:2 5:1\n0 9:1\n")]], new SparseTextOptions { Schema = FeatureSchema.Flat(3) });
        Assert.Equal([0, 2], data.Parts[0].Contexts![0].Features.ToArray());
        Assert.Equal(0, data.Parts[0].Contexts![1].Count);
        Assert.Equal(2, data.UnknownFeatureCount);
    }

    [Fact]
    public void Two_sides_hold_the_same_rows_as_the_flat_file()
    {
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[1, 5]).Array[1, 30].Sample(examples =>
        {
            // users 0-4 with gender 5-6, items 7-12 with two genres of 13-15, context 16-18
            string text = string.Concat(
                examples.Select(
                    e => $"{e.Item4} {e.Item1}:1 {5 + (e.Item1 % 2)}:1 {7 + e.Item2}:1 {13 + (e.Item2 % 3)}:0.5 {16 + e.Item3}:1\n"));
            string groups = string.Join('\n', Enumerable.Range(0, 19).Select(i => i < 5 ? 0 : i < 7 ? 1 : i < 13 ? 2 : i < 16 ? 3 : 4));
            Dataset flat = SparseTextReader.ReadFile(
                Write("x", text + "1 4:1 5:1 12:1 15:0.5 18:1\n"), new SparseTextOptions { GroupsPath = Write("m", groups) });
            Dataset split = TwoSided.FromFlat(flat, FieldSide.User, FieldSide.User, FieldSide.Item, FieldSide.Item, FieldSide.Context);
            Assert.Equal(flat.Contexts!.FeatureBlock.Span.ToArray().Where(f => f < 5).Distinct().Count(), split.Users!.RowCount);
            for (int i = 0; i < flat.Count; i++)
            {
                int user = split.Interactions.Users![i], item = split.Interactions.Items![i];
                Assert.Equal(
                    Sorted(flat.Contexts![i]), Sorted(split.Users[user], split.Items![item], split.Contexts![split.ContextRow(i)]));
                Assert.Equal($"{flat.Contexts[i].Features[0]}", split.UserIds![user]);
                Assert.Equal($"{flat.Contexts[i].Features[2]}", split.ItemIds![item]);
            }
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void Features_that_are_no_function_of_the_id_are_refused()
    {
        Dataset flat = SparseTextReader.ReadFile(Write("x", "1 0:1 5:1 10:1\n1 1:1 5:1 10:1\n1 0:1 6:1 11:1\n"));
        FactoException e = Assert.Throws<FactoException>(() => TwoSided.FromFlat(flat, FieldSide.User, FieldSide.User, FieldSide.Item));
        Assert.Contains("example 3 has other user features", e.Message, StringComparison.Ordinal);
        Assert.Contains(
            "name one side per field", Assert.Throws<FactoException>(() => TwoSided.FromFlat(flat, FieldSide.User)).Message,
            StringComparison.Ordinal);
    }

    private static (int, float)[] Sorted(SparseRow row) => Sorted(row, default, default);

    private static (int, float)[] Sorted(SparseRow a, SparseRow b, SparseRow c)
    {
        var all = new List<(int, float)>();
        for (int i = 0; i < a.Count; i++) { all.Add((a.Features[i], a.Value(i))); }
        for (int i = 0; i < b.Count; i++) { all.Add((b.Features[i], b.Value(i))); }
        for (int i = 0; i < c.Count; i++) { all.Add((c.Features[i], c.Value(i))); }
        return [.. all.Order()];
    }

    [Fact]
    public void MovieLens_rows_split_into_its_users_and_movies()
    {
        string? root = Environment.GetEnvironmentVariable("FACTO_DATA");
        Assert.SkipWhen(root is null, "FACTO_DATA is not set: real data is not checked");
        string folder = Path.Combine(root!, "ml-1m-libfm");
        SparseTextData plain =
            SparseTextReader.Read([[Path.Combine(folder, "ml1m.libfm.train")], [Path.Combine(folder, "ml1m.libfm.test")]]);
        Assert.Equal([6040, 3706], plain.Parts[0].Schema.Fields.Select(f => f.Count));
        Assert.Equal(1_000_203, plain.Parts.Sum(p => p.Count));
        Assert.True(plain.Parts.All(p => p.Contexts!.IsBinary && p.Contexts.FixedWidth == 2));

        SparseTextData rich = SparseTextReader.Read(
            [[Path.Combine(folder, "ml1m-rich.libfm.test")]],
            new SparseTextOptions { GroupsPath = Path.Combine(folder, "ml1m-rich.meta") });
        Dataset split = TwoSided.FromFlat(
            rich.Parts[0], FieldSide.User, FieldSide.Item, FieldSide.User, FieldSide.User, FieldSide.User, FieldSide.Item);
        Assert.Equal(4, split.Users!.FixedWidth);
        Assert.True(split.Users.IsBinary);
        Assert.Equal(
            rich.Parts[0].Contexts!.NonZeroCount, Enumerable.Range(0, split.Count)
            .Sum(i => split.Users[split.Interactions.Users![i]].Count + split.Items![split.Interactions.Items![i]].Count));
    }
}
