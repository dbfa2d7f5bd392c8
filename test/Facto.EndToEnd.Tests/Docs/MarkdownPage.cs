using System.Text.RegularExpressions;
using Facto.Tests;

namespace Facto.EndToEnd.Tests.Docs;

/// <summary>A fenced block of a page.</summary>
/// <param name="Line">1-based line of its fence.</param>
/// <param name="Language">The fence's info string: sh, json, csharp, text.</param>
/// <param name="Directive">What the HTML comment above it says to the tests, such as "snippet: TenLines" or "run: serve"; empty without
/// one.</param>
/// <param name="Text">Its lines, joined by line feeds.</param>
internal sealed record CodeBlock(int Line, string Language, string Directive, string Text);

/// <summary>The blocks of code on a page of the documentation.</summary>
internal sealed partial class MarkdownPage
{
    private MarkdownPage(string path, IReadOnlyList<CodeBlock> blocks, IReadOnlyList<string> faults) =>
        (Path, Blocks, Faults) = (path, blocks, faults);

    /// <summary>Relative to the repository's root.</summary>
    public string Path { get; }

    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>Blocks that no test would see, as "page:line: what is wrong".</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Every page whose code is tested: README, CONTRIBUTING, docs/, the packages' own pages.</summary>
    public static IEnumerable<string> All()
    {
        string root = Repository.Root;
        IEnumerable<string> packages = Directory.GetDirectories(System.IO.Path.Combine(root, "src"))
            .Select(d => System.IO.Path.Combine(d, "README.md"));
        IEnumerable<string> pages = Directory.EnumerateFiles(System.IO.Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories);
        return ((string[])[System.IO.Path.Combine(root, "README.md"), System.IO.Path.Combine(root, "CONTRIBUTING.md")])
            .Concat(pages).Concat(packages).Where(File.Exists).Select(p => System.IO.Path.GetRelativePath(root, p))
                .Order(StringComparer.Ordinal);
    }

    public static MarkdownPage Read(string path) => Parse(path, File.ReadAllLines(System.IO.Path.Combine(Repository.Root, path)));

    public static MarkdownPage Parse(string path, string[] lines)
    {
        var blocks = new List<CodeBlock>();
        var faults = new List<string>();
        string directive = string.Empty;
        for (int i = 0; i < lines.Length; i++)
        {
            if (Comment().Match(lines[i]) is { Success: true } comment) { directive = comment.Groups[1].Value; }
            else if (Fence().Match(lines[i]) is { Success: true } fence)
            {
                int end = Array.FindIndex(lines, i + 1, l => l.TrimStart() == "```");
                if (end < 0)
                {
                    faults.Add($"{path}:{i + 1}: the fence has no end");
                    break;
                }

                string language = fence.Groups[2].Value, indent = fence.Groups[1].Value;
                if (language is not ("sh" or "json" or "csharp" or "text"))
                {
                    faults.Add($"{path}:{i + 1}: a block is sh, json, csharp or text, not '{language}'");
                }

                blocks.Add(
                    new(i + 1, language, directive,
                        string.Join(
                            '\n', lines[(i + 1)..end]
                            .Select(l => l.StartsWith(indent, StringComparison.Ordinal) ? l[indent.Length..] : l))));
                directive = string.Empty;
                i = end;
            }
            else if (lines[i].StartsWith("    ", StringComparison.Ordinal) && (i == 0 || lines[i - 1].Length == 0))
            {
                faults.Add($"{path}:{i + 1}: an indented block is seen by no test: fence it");
            }
            else if (lines[i].Trim().Length > 0) { directive = string.Empty; }
        }

        return new(path, blocks, faults);
    }

    [GeneratedRegex(@"^\s*<!-- ((?:snippet|run|json): .*?) -->\s*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(\s*)```(\w*)\s*$")]
    private static partial Regex Fence();
}
