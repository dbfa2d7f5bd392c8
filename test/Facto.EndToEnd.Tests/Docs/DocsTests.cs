using System.Text.RegularExpressions;
using Facto.Tests;

namespace Facto.EndToEnd.Tests.Docs;

/// <summary>
/// What stands in README, docs and the packages' pages does what it says: shell blocks run, JSON is a project's, C# is compiled elsewhere
/// and the same.
/// </summary>
public partial class DocsTests
{
    private static readonly string[] Elsewhere =
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "test"), "*Tests.cs", SearchOption.AllDirectories)
        .Select(f => Path.GetFileNameWithoutExtension(f)!)];

    public static TheoryData<string> Pages() => [.. MarkdownPage.All()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_block_is_seen_by_a_test(string page) => Assert.Empty(MarkdownPage.Read(page).Faults);

    [Theory]
    [MemberData(nameof(Pages))]
    public void Shell_blocks_run(string page)
    {
        CodeBlock[] blocks = [.. MarkdownPage.Read(page).Blocks.Where(b => b.Language == "sh")];
        if (blocks.Length == 0) { return; }
        using var shell = new ShellPage();
        foreach (CodeBlock block in blocks)
        {
            if (block.Directive.StartsWith("run: in ", StringComparison.Ordinal))
            {
                string test = block.Directive["run: in ".Length..];
                Assert.True(Elsewhere.Contains(test), $"{page}:{block.Line} says that {test} runs it, and there is no such test class");
                continue;
            }

            shell.Run(page, block);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Json_blocks_are_a_project(string page)
    {
        foreach (CodeBlock block in MarkdownPage.Read(page).Blocks.Where(
            b => b.Language == "json" && !b.Directive.StartsWith("json: not", StringComparison.Ordinal)))
        {
            using var folder = new Folder();
            string text = block.Text.TrimStart();
            bool whole = text.StartsWith('{');
            string interactions = block.Text.Contains("\"interactions\"", StringComparison.Ordinal)
                ? string.Empty
                : "\"interactions\": { \"path\": \"log.csv\", \"user\": \"u\", \"item\": \"i\" }, ";
            File.WriteAllText(folder.File("facto.json"), whole ? "{ " + interactions + text[1..] : "{ " + interactions + text + " }");
            try { Import.ProjectFile.Load(folder.Path); }
            catch (FactoException e) { Assert.Fail($"{page}:{block.Line}: {e.Message}"); }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void CSharp_blocks_are_the_regions_that_are_compiled_and_run(string page)
    {
        Dictionary<string, string> regions = Regions();
        foreach (CodeBlock block in MarkdownPage.Read(page).Blocks.Where(b => b.Language == "csharp"))
        {
            string name = block.Directive.StartsWith("snippet: ", StringComparison.Ordinal)
                ? block.Directive["snippet: ".Length..]
                : string.Empty;
            Assert.True(
                regions.ContainsKey(name),
                $"{page}:{block.Line}: '<!-- snippet: NAME -->' above the block must name a region of a test project; it names '{name}'");
            Assert.Equal(regions[name], block.Text);
        }
    }

    [Fact]
    public void What_no_test_would_see_is_told()
    {
        MarkdownPage page = MarkdownPage.Parse("p.md", ["text", "", "    indented", "", "```yaml", "a: b", "```", "```sh", "echo"]);
        Assert.Equal(
            ["p.md:3: an indented block is seen by no test: fence it", "p.md:5: a block is sh, json, csharp or text, not 'yaml'",
                "p.md:8: the fence has no end"], page.Faults);
    }

    // Region → its lines without their common indent. One that is compiled in two places is the same in both.
    private static Dictionary<string, string> Regions()
    {
        var regions = new Dictionary<string, string>();
        foreach (string file in SnippetFiles())
        {
            foreach (Match region in Region().Matches(File.ReadAllText(file)))
            {
                string[] lines = region.Groups[2].Value.Split('\n');
                int indent = lines.Where(l => l.Trim().Length > 0).Min(l => l.Length - l.TrimStart().Length);
                string text = string.Join('\n', lines.Select(l => l.Length > indent ? l[indent..] : l.Trim()));
                if (!regions.TryAdd(region.Groups[1].Value, text)) { Assert.Equal(regions[region.Groups[1].Value], text); }
            }
        }

        return regions;
    }

    // Compiled and run where they lie, or by PackageTests as programs of their own.
    private static IEnumerable<string> SnippetFiles() =>
        Directory.GetDirectories(Path.Combine(Repository.Root, "test"))
            .SelectMany(project => (string[])[project, Path.Combine(project, "Docs"), Path.Combine(project, "Programs")])
            .Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, "*.cs"));

    [GeneratedRegex(@"^[ ]*#region (\w+)\n(.*?)\n[ ]*#endregion", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();
}
