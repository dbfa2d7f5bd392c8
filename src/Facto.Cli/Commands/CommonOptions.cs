using System.CommandLine;
using Facto.Cli.Output;

namespace Facto.Cli.Commands;

/// <summary>Options that most verbs share, so that they are spelt and described the same everywhere.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object instead of tables" };

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Print nothing but errors (and --json)" };

    public static Option<int> Threads() => new("--threads") { Description = "Workers; 1 is deterministic", DefaultValueFactory = _ => 1 };

    /// <exception cref="UsageException">A list of none, or of less.</exception>
    public static void RequireCount(int count)
    {
        if (count < 1) { throw new UsageException($"--count is {count}; it must be at least 1"); }
    }

    public static Report Report(this ParseResult parsed, Option<bool> json, Option<bool> quiet) =>
        new(parsed.GetValue(json), parsed.GetValue(quiet));
}
