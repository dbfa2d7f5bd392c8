using System.Globalization;
using CsCheck;
using Facto.Data;
using Facto.Data.Text;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;

namespace Facto.Tests.Data;

/// <summary>A model of numbered features goes on with whatever file comes next: every feature that it knows keeps its weight.</summary>
public class FlatGrowthTests
{
    [Theory]
    [InlineData("1 3:1 10:1\n0 8:1 19:1\n", "1 3:1 15:1\n0 4:1 12:1\n")]                    // no new number, other ranges
    [InlineData("1 3:1 10:1\n0 8:1 19:1\n", "1 30:1 15:1\n0 31:1 12:1\n")]                  // new numbers behind all others
    [InlineData("1 0:3:1 1:10:1\n0 0:8:1 1:19:1\n", "1 0:30:1 1:15:1\n0 0:31:1 1:12:1\n")]  // libFFM: new numbers of the first field
    [InlineData("1 0:3:1 1:10:1\n0 0:8:1 1:19:1\n", "1 2:5:1 0:3:1\n0 1:3:1 0:90:1\n")]     // a new field, and a number under another field
    [InlineData("1 0:3:1 1:3:1\n0 0:8:1 1:1:1\n", "1 0:30:1 1:15:1\n0 1:8:1 0:1:1\n")]      // fields that share numbers
    [InlineData("1 3:0.5 10:1 4:2\n0 8:1\n", "1 3:1 10:1\n0 8:1 44:1\n")]                   // one field for everything
    public void Every_old_row_scores_the_same_bit_for_bit(string first, string next) => Check(first, next);

    [Fact]
    public void Whatever_files_come()
    {
        Gen<string> row = Gen.Select(
            Gen.Int[0, 3], Gen.Int[0, 12], Gen.Int[0, 3], Gen.Int[0, 12], (f, a, g, b) => $"1 {f}:{a}:1 {(g == f ? g + 1 : g)}:{b}:0.5");
        Gen<string> plain = Gen.Select(Gen.Int[0, 30], Gen.Int[0, 30], (a, b) => $"0 {a}:1 {b + 31}:2");
        Gen.Select(row.List[1, 8], row.List[1, 8]).Sample(
            (a, b) => Check(string.Join('\n', a) + "\n", string.Join('\n', b) + "\n"), iter: 300);
        Gen.Select(plain.List[1, 8], plain.List[1, 8]).Sample(
            (a, b) => Check(string.Join('\n', a) + "\n", string.Join('\n', b) + "\n"), iter: 300);
    }

    [Fact]
    public void Groups_of_a_later_day_may_move_no_feature_to_other_weights()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.File("g1"), ["0", "0", "0", "1", "1"]);
        File.WriteAllLines(folder.File("g2"), ["0", "0", "0", "1", "1", "0", "1", "2"]);
        Dataset before = Read(folder, "1 0:1 3:1\n0 2:1 4:1\n", null, folder.File("g1")), after = Read(
            folder, "1 5:1 3:1\n0 2:1 6:1 7:1\n", before.Schema, folder.File("g2"));
        Same(Random(before.Schema), after.Schema, before, Read(folder, "1 0:1 3:1\n0 2:1 4:1\n", after.Schema, folder.File("g2")));
        Assert.Equal(["field0", "field1", "field2"], after.Schema.Fields.Select(f => f.Spec.Name));
        Assert.Equal(5, after.Schema.Fields[0].Count + after.Schema.Fields[2].Count);   // 0, 1, 2 and 5; 7
    }

    [Fact]
    public void Rows_that_say_less_or_more_than_the_model_are_refused()
    {
        using var folder = new TemporaryFolder();
        Dataset shared = Read(folder, "1 0:3:1 1:3:1\n", null), plain = Read(folder, "1 3:1 4:1 5:1\n0 1:1\n", null);
        Assert.Contains(
            "go on with libFFM files", Assert.Throws<FactoException>(() => Read(folder, "1 3:1\n", shared.Schema)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "has no number", Assert.Throws<FactoException>(() => Read(folder, "1 0:3:1\n", plain.Schema))
                .Message, StringComparison.Ordinal);
        var named = new FeatureSchema([new Field
        {
            Spec = new FieldSpec { Name = "user" },
            Count = 1,
            Vocabulary = new Vocabulary(["ann"]),
        }]);
        Assert.Contains(
            "named values", Assert.Throws<FactoException>(() => Read(folder, "1 3:1\n", named)).Message, StringComparison.Ordinal);
    }

    private static void Check(string first, string next)
    {
        using var folder = new TemporaryFolder();
        Dataset before = Read(folder, first, null), after = Read(folder, next, before.Schema);
        // The old rows, read with the grown fields: the next day's file may hold them too.
        Dataset again = Read(folder, first, after.Schema);
        Assert.Equal(after.Schema.FeatureCount, again.Schema.FeatureCount);
        FmModel old = Random(before.Schema);
        Same(old, after.Schema, before, again);
        // And once more: a model that has grown grows again.
        FmModel grown = ModelGrowth.Fit(old, after.Schema, 0.01f, 1);
        Dataset third = Read(folder, next + first, after.Schema);
        Same(grown, third.Schema, after, Read(folder, next, third.Schema));
    }

    private static void Same(FmModel old, FeatureSchema schema, Dataset rows, Dataset again)
    {
        FmModel grown = ModelGrowth.Fit(old, schema, 0.01f, 1);
        for (int i = 0; i < rows.Count; i++)
        {
            float then = old.Score(default, rows.Contexts![i], default), now = grown.Score(default, again.Contexts![i], default);
            Assert.True(then == now, string.Create(CultureInfo.InvariantCulture, $"row {i}: {then} before, {now} after"));
        }
    }

    private static FmModel Random(FeatureSchema schema)
    {
        var random = new SeededRandom(5);
        var model = new FmModel(schema, LearningTask.Regression, 3) { Bias = random.NextFloat() };
        for (int i = 0; i < schema.FeatureCount; i++)
        {
            model.Linear[i] = random.NextFloat();
            foreach (ref float v in model.Factors.Row(i)) { v = random.NextFloat(); }
        }

        return model;
    }

    private static Dataset Read(TemporaryFolder folder, string text, FeatureSchema? grow, string? groups = null)
    {
        File.WriteAllText(folder.File("rows"), text);
        return SparseTextReader.ReadFile(
            folder.File("rows"), new SparseTextOptions { Grow = grow, GroupsPath = groups }, TestContext.Current.CancellationToken);
    }
}
