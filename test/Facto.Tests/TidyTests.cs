using System.Text.RegularExpressions;

namespace Facto.Tests;

/// <summary>Taste as a check: lengths and left-overs.</summary>
public class TidyTests
{
    private const int LongestFile = 450;
    private const int LongestMethod = 70;
    private const int LongestLine = 140;

    [Fact]
    public void Files_are_one_idea_long()
    {
        IEnumerable<string> wrong = Sources("src").Where(f => File.ReadLines(f).Count() > LongestFile)
            .Select(f => $"{Relative(f)} has over {LongestFile} lines");
        Assert.Empty(wrong);
    }

    [Fact]
    public void Methods_fit_a_screen()
    {
        IEnumerable<string> wrong = Sources("src")
            .SelectMany(f => LongMethods(File.ReadAllLines(f)).Select(m => $"{Relative(f)}:{m.Line} has {m.Length} lines"));
        Assert.Empty(wrong);
    }

    [Fact]
    public void Lines_are_at_most_140_columns()
    {
        IEnumerable<string> wrong = Sources("src", "test", "bench")
            .SelectMany(f => LongLines(File.ReadAllLines(f)).Select(l => $"{Relative(f)}:{l}"));
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_long_line_is_seen_and_a_text_that_has_to_stay_whole_is_not()
    {
        string text = new('x', 150);
        Assert.Equal([1, 6], LongLines([text, "a", "\"\"\"", text, "\"\"\";", text]));
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        var marker = new Regex(@"NotImplementedException|\bTODO\b|\bFIXME\b|\bHACK\b");
        string self = Path.GetFileName(typeof(TidyTests).Name) + ".cs";
        IEnumerable<string> wrong = Sources("src", "test", "bench")
            .Where(f => Path.GetFileName(f) != self && marker.IsMatch(File.ReadAllText(f))).Select(Relative);
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_long_method_is_seen()
    {
        string[] code = ["class C", "{", "    void M()", "    {", .. Enumerable.Repeat("        X();", 80), "    }", "}"];
        Assert.Equal((3, 83), Assert.Single(LongMethods(code)));
    }

    // A raw string literal keeps its lines as they are.
    private static IEnumerable<int> LongLines(string[] lines)
    {
        bool raw = false;
        for (int i = 0; i < lines.Length; i++)
        {
            bool fence = lines[i].Split("\"\"\"").Length % 2 == 0;
            if (!raw && !fence && lines[i].Length > LongestLine) { yield return i + 1; }
            raw ^= fence;
        }
    }

    // A member starts on a line indented by four with a parenthesis and ends at the closing brace of the same indent. A kernel may opt out
    // by saying why in a comment with "long on purpose" just above it.
    private static IEnumerable<(int Line, int Length)> LongMethods(string[] lines)
    {
        int start = -1;
        for (int i = 0; i < lines.Length; i++)
        {
            if (Regex.IsMatch(lines[i], @"^    [\w\[]"))
            {
                bool isMember = lines[i].Contains('(', StringComparison.Ordinal) && !Regex.IsMatch(lines[i], @"\b(class|struct|record)\b");
                start = isMember && !lines[i].TrimEnd().EndsWith(';') ? i : -1;
            }

            if (start >= 0 && lines[i] == "    }")
            {
                int length = i - start + 1;
                bool excused = lines[Math.Max(0, start - 8)..start]
                    .Any(l => l.Contains("long on purpose", StringComparison.OrdinalIgnoreCase));
                if (length > LongestMethod && !excused) { yield return (start + 1, length); }
                start = -1;
            }
        }
    }

    private static IEnumerable<string> Sources(params string[] folders) => folders
        .Select(f => Path.Combine(Repository.Root, f)).Where(Directory.Exists)
        .SelectMany(f => Directory.EnumerateFiles(f, "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file);
}
