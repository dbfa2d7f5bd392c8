using System.Text;
using Facto.Import;
using Facto.Models;
using Facto.Training;

namespace Facto.Tests.Import;

public class ProjectEditorTests
{
    private const string Project = """
        {
          // the shop's log
          "interactions": { "path": "log.csv", "user": "u", "item": "i" },   // no times
          "training": {
            "task": "ranking", // by lists
            /* was 16 */ "factors": 32,
            "extra": { "unobserved-weight": 0.1, },
          },
        }
        """;

    [Fact]
    public void Only_what_differs_is_written_and_every_comment_stays()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("facto.json"), Project);
        TrainOptions before = ProjectFile.Load(folder.Path, null, ".").Training;
        var after =
            before with
            {
                Factors = 24,
                RegularizationFactors = 0.0123f,
                Solver = "icd",
                Threads = 7,
                Extra = new Dictionary<string, double> { ["unobserved-weight"] = 0.25, ["reg-exponent"] = 1 }
            };
        IReadOnlyList<ProjectChange> changes = ProjectEditor.WriteTraining(folder.File("facto.json"), "training", before, after);
        Assert.Equal(
            ["training.extra.reg-exponent", "training.extra.unobserved-weight", "training.factors", "training.regularizationFactors",
                "training.solver"], changes.Select(c => c.Setting).Order(StringComparer.Ordinal));
        string text = File.ReadAllText(folder.File("facto.json"));
        TrainOptions read = ProjectFile.Load(folder.Path, null, ".").Training;
        Assert.Equal(
            (24, 0.0123f, "icd", (int?)null, 0.25, 1.0, LearningTask.Ranking),
            (read.Factors, read.RegularizationFactors, read.Solver, read.Threads, read.Extra["unobserved-weight"],
                read.Extra["reg-exponent"], read.Task));
        foreach (string kept in (string[])["// the shop's log", "// no times", "// by lists", "/* was 16 */ \"factors\": 24,"])
        {
            Assert.Contains(kept, text, StringComparison.Ordinal);
        }
        Assert.Empty(ProjectEditor.WriteTraining(folder.File("facto.json"), "training", read, read with { Threads = 3 }));
        Assert.Equal(text, File.ReadAllText(folder.File("facto.json")));
    }

    [Theory]
    [InlineData("{}", "{ \"training\": { \"factors\": 5 } }")]
    [InlineData("{ \"name\": \"a\" }", "{ \"training\": { \"factors\": 5 }, \"name\": \"a\" }")]
    [InlineData("{\n  \"training\": {\n    \"epochs\": 3\n  }\n}", "{\n  \"training\": {\n    \"factors\": 5,\n    \"epochs\": 3\n  }\n}")]
    [InlineData(
        "{ \"x\": { \"training\": 1 }, \"training\": { \"factors\": [1, 2] } }",
        "{ \"x\": { \"training\": 1 }, \"training\": { \"factors\": 5 } }")]
    [InlineData("\uFEFF{ \"training\": { \"factors\" : 17 } }", "\uFEFF{ \"training\": { \"factors\" : 5 } }")]
    public void A_value_is_replaced_where_it_stands_or_put_first(string before, string after) =>
        Assert.Equal(
            after, Encoding.UTF8.GetString(ProjectEditor.Set(Encoding.UTF8.GetBytes(before), "training.factors", "5", "facto.json")));

    [Fact]
    public void A_section_that_is_a_single_value_is_refused() =>
        Assert.Contains(
            "cannot be written",
            Assert.Throws<FactoException>(
                () =>
                ProjectEditor.Set("{ \"training\": 3 }"u8.ToArray(), "training.factors", "5", "facto.json")).Message,
                StringComparison.Ordinal);
}
