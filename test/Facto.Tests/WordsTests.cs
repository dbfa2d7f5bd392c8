using System.Text.RegularExpressions;

namespace Facto.Tests;

/// <summary>One word for one thing: docs/glossary.md says which, and which other words public names and pages may not use for it.</summary>
public partial class WordsTests
{
    private static readonly string[][] Terms = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "glossary.md"))
        .Where(l => l.StartsWith("| ", StringComparison.Ordinal) && !l.StartsWith("| term ", StringComparison.Ordinal))
        .Select(l => Array.ConvertAll(l.Trim('|').Split('|'), c => c.Trim()))];

    [Fact]
    public void The_glossary_defines_each_term_once()
    {
        Assert.All(Terms, t => Assert.True(t.Length == 5 && t[2].Length > 0, string.Join(" | ", t)));
        string[] names = [.. Terms.SelectMany(t => t[0].Split(", "))];
        Assert.Equal(names.Distinct().Count(), names.Length);
        string[] first = [.. Terms.Select(t => t[0].Split(", ")[0])];
        Assert.Equal(first.Order(StringComparer.OrdinalIgnoreCase), first);
    }

    [Fact]
    public void Public_names_use_the_words_of_the_glossary()
    {
        string[] banned = [.. Terms.SelectMany(t => Words(t[3]))];
        IEnumerable<string> wrong =
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "PublicAPI.*.txt", SearchOption.AllDirectories)
            .SelectMany(f => File.ReadLines(f))
            .SelectMany(l => banned.Where(b => HasWord(l.Split(" -> ")[0], b)).Select(b => $"{b} in {l}"));
        Assert.Empty(wrong);
    }

    [Fact]
    public void Pages_use_the_words_of_the_glossary()
    {
        string[] banned = [.. Terms.SelectMany(t => Words(t[4]))];
        IEnumerable<string> pages = ((string[])["docs", "experiments", "samples", "src", "bench"])
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Repository.Root, f), "*.md", SearchOption.AllDirectories))
            .Concat(((string[])["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]).Select(f => Path.Combine(Repository.Root, f)))
            .Where(f => Path.GetFileName(f) != "glossary.md");
        IEnumerable<string> wrong = pages.SelectMany(f => banned
            .Where(b => File.ReadAllText(f).Contains(b, StringComparison.OrdinalIgnoreCase))
                .Select(b => $"{Path.GetRelativePath(Repository.Root, f)}: '{b}'"));
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Facto.Data.DatasetFile.Parts.get", "Parts", true)]
    [InlineData("Facto.Data.BestPass", "Pass", true)]
    [InlineData("Facto.Data.Partial", "Part", false)]
    [InlineData("Facto.Data.Compass", "Pass", false)]
    public void A_word_is_found_inside_a_name(string name, string word, bool found) => Assert.Equal(found, HasWord(name, word));

    private static IEnumerable<string> Words(string cell) => cell.Split(", ", StringSplitOptions.RemoveEmptyEntries);

    // Words of a name begin with a capital letter: PassResult has Pass, Compass has not.
    private static bool HasWord(string name, string word) => Regex.IsMatch(name, $@"(?<![A-Z]){Regex.Escape(word)}(?![a-z])");
}
