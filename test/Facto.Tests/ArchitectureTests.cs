using System.Text.RegularExpressions;

namespace Facto.Tests;

/// <summary>Who may use whom inside the library. It reads text, so it is a fence and not a proof.</summary>
public class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Numerics"] = [],
        ["Data"] = ["Numerics"],
        ["Models"] = ["Numerics", "Data"],
        ["Training"] = ["Numerics", "Data", "Models", "Evaluation"],
        ["Retrieval"] = ["Numerics", "Data"],
        ["Evaluation"] = ["Numerics", "Data", "Models", "Retrieval"],
        ["Store"] = [],
        ["Serving"] = ["Numerics", "Data", "Models", "Retrieval"],
    };

    [Fact]
    public void Layers_use_only_the_layers_below_them()
    {
        string library = Path.Combine(Repository.Root, "src", "Facto");
        var wrong = new List<string>();
        foreach (string layer in Directory.GetDirectories(library).Select(d => Path.GetFileName(d)!).Where(d => d is not ("bin" or "obj")))
        {
            Assert.True(Allowed.ContainsKey(layer), $"src/Facto/{layer} is not in the layer table of ArchitectureTests");
            string[] forbidden = [.. Allowed.Keys.Where(k => k != layer && !Allowed[layer].Contains(k))];
            foreach (string file in Directory.GetFiles(Path.Combine(library, layer), "*.cs", SearchOption.AllDirectories))
            {
                string code = WithoutComments(File.ReadAllText(file));
                wrong.AddRange(forbidden.Where(f => Uses(code, f)).Select(f => $"{layer}/{Path.GetFileName(file)} uses {f}"));
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("namespace Facto.Models;\nusing Facto.Training;", true)]
    [InlineData("namespace Facto.Models;\nvar x = Training.SquaredLoss.Value;", true)]
    [InlineData("namespace Facto.Models;\n// see Training.Trainer\nvar x = model.Training;", false)]
    public void The_fence_sees_what_it_must_see(string code, bool uses) => Assert.Equal(uses, Uses(WithoutComments(code), "Training"));

    private static bool Uses(string code, string layer) => Regex.IsMatch(code, $@"(Facto\.{layer}\b|(?<![\w.]){layer}\.[A-Z])");

    private static string WithoutComments(string code) => Regex.Replace(code, @"//.*|""(\\.|[^""\\])*""", string.Empty);
}
