using Facto.Data;
using Facto.Data.Text;
using Facto.Models;
using Facto.Models.Family;
using Facto.Models.Text;
using Facto.Numerics;
using Facto.Tests.Models.Family;

namespace Facto.Tests.Models.Text;

public class TextModelTests
{
    [Theory]
    [InlineData(nameof(TextModelFormat.XLearn))]
    [InlineData(nameof(TextModelFormat.LibFm))]
    public void An_fm_comes_back_as_the_same_floats(string name)
    {
        TextModelFormat format = Enum.Parse<TextModelFormat>(name);
        var random = new SeededRandom(1);
        FeatureSchema schema = Renumbered();
        var model = new FmModel(schema, LearningTask.Binary, 3) { Bias = -0.125f };
        for (int i = 0; i < schema.FeatureCount; i++)
        {
            model.Linear[i] = (float)random.NextNormal();
            foreach (ref float v in model.Factors.Row(i)) { v = (float)random.NextNormal() * 1e-3f; }
        }

        using var folder = new TemporaryFolder();
        TextModelWriter.Write(model, format, folder.File("m.txt"));
        Assert.True(TextModelReader.Knows(folder.File("m.txt")));
        var read = (FmModel)TextModelReader.Read(folder.File("m.txt"), schema, LearningTask.Binary);
        Assert.Equal(model.Bias, read.Bias);
        Assert.Equal(model.Linear.Span.ToArray(), read.Linear.Span.ToArray());
        Assert.Equal(model.Factors.Storage.Span.ToArray(), read.Factors.Storage.Span.ToArray());
    }

    [Fact]
    public void An_ffm_comes_back_as_the_same_floats_under_the_files_numbers()
    {
        var random = new SeededRandom(2);
        FeatureSchema schema = Renumbered();
        FamilyModel model = FamilyWorld.Model(FamilyWorld.Shape(ModelFamily.Ffm, 2), schema, ref random, LearningTask.Binary);
        using var folder = new TemporaryFolder();
        TextModelWriter.Write(model, TextModelFormat.XLearn, folder.File("m.txt"));
        string[] lines = File.ReadAllLines(folder.File("m.txt"));

        // Field 7 comes second in the schema and has the file's features 1 and 3.
        Assert.StartsWith("v_1_7: ", lines.Single(l => l.StartsWith("v_1_7:", StringComparison.Ordinal)), StringComparison.Ordinal);
        var read = (FamilyModel)TextModelReader.Read(folder.File("m.txt"), schema, LearningTask.Binary);
        Assert.Equal(Oracles.NaiveFamilySgd.Numbers(model), Oracles.NaiveFamilySgd.Numbers(read));
    }

    [Fact]
    public void A_text_written_by_xlearn_scores_by_its_formula()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("m.txt"),
            "bias: 0.5\ni_0: 1\ni_1: 2\ni_2: -1\nv_0_0: 9 9\nv_0_1: 1 2\nv_1_0: 3 4\nv_1_1: 9 9\nv_2_0: 5 6\nv_2_1: 9 9\n");
        File.WriteAllText(folder.File("d.ffm"), "1 0:0:1 1:1:1\n0 0:0:1 1:2:2\n");
        Dataset data = SparseTextReader.ReadFile(folder.File("d.ffm"));
        ISeparableModel model = TextModelReader.Read(folder.File("m.txt"), data.Schema, LearningTask.Binary);
        var scores = new float[2];
        ModelScorer.Score(model, data, scores, 1);
        Assert.Equal([0.5f + 1 + 2 + (1 * 3) + (2 * 4), 0.5f + 1 - 2 + (2 * ((1 * 5) + (2 * 6)))], scores);
    }

    [Theory]
    [InlineData("bias: x\n", "m.txt:1: expected a finite number; found ' x'")]
    [InlineData("bias: 1\ni_1: 2\n", "m.txt:2: expected 'i_0: w', 'v_j: …' or 'v_j_f: …'; found 'i_1: 2'")]
    [InlineData("bias: 1\ni_0: 2\nv_0: 1 2\nv_1: 1\n", "m.txt:4: expected a vector of 2 numbers as in the lines before")]
    [InlineData("#global bias W0\n1\n#unary interactions Wj\n1\n",
        "m.txt:5: expected '#pairwise interactions Vj,f'; found 'the end of the file'")]
    [InlineData("hello\n", "m.txt:1: expected 'bias: b' of xLearn or '#global bias W0' of libFM; found 'hello'")]
    public void A_wrong_line_is_named(string text, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("m.txt"), text);
        FactoException error = Assert.Throws<FactoException>(() => TextModelReader.Read(folder.File("m.txt"), Renumbered(),
            LearningTask.Binary));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    // As read from a libFFM file whose fields' features do not lie side by side: vocabularies keep the file's numbers.
    private static FeatureSchema Renumbered() => new(
    [
        new Field { Spec = new FieldSpec { Name = "field0", Side = FieldSide.Context }, Count = 2, Vocabulary = new Vocabulary(["0",
            "2"]) },
        new Field { Spec = new FieldSpec { Name = "field7", Side = FieldSide.Context }, Count = 2, Vocabulary = new Vocabulary(["1",
            "3"]) },
    ]);
}
