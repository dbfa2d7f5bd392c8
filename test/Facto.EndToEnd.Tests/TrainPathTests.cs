using System.CommandLine;
using System.CommandLine.Parsing;
using Facto.Cli;
using Facto.Cli.Commands;

namespace Facto.EndToEnd.Tests;

/// <summary>
/// Whatever `facto train` is given, on whatever it learns from: an option is read, or refused with its name. None is ignored.
/// </summary>
public class TrainPathTests
{
    private static readonly string[] s_flatOnly = ["--validation", "--test", "--groups", "--sides", "--positive-from", "--zero-based", "--max-bad-lines", "--bundle"];
    private static readonly string[] s_projectOnly = ["--project", "--data", "--set", "--stage", "--evaluate"];

    /// <summary>Path, what it begins with, and the options that it refuses.</summary>
    public static TheoryData<string, string[], string[]> Paths => new()
    {
        { "project", ["--project", "PROJECT"], [.. s_flatOnly, "--stage"] },
        { "stages", ["--project", "STAGES"], [.. s_flatOnly, "--model", "--initial-model", "--initial-state"] },
        { "stage", ["--project", "STAGES", "--stage", "rank"], s_flatOnly },
        { "flat", ["--train", "a.libfm"], [.. s_projectOnly, "--version", "--predictions"] },
        { "flat with test", ["--train", "a.libfm", "--test", "b.libfm"], [.. s_projectOnly, "--version"] },
        { "bundle of flat", ["--train", "a.txt", "--task", "ranking", "--bundle", "b"], [.. s_projectOnly, "--predictions"] },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_option_is_read_or_refused_with_its_name(string path, string[] start, string[] refused)
    {
        using Folder folder = new Folder().WithProject();
        string text = File.ReadAllText(folder.File("facto.json"));
        File.WriteAllText(
            folder.File("stages.json"),
            text[..text.LastIndexOf('}')] + """, "stages": { "rank": { "training": { "task": "binary" } } } }""");
        string[] arguments = [.. start.Select(a => a.Replace("PROJECT", folder.File("facto.json"), StringComparison.Ordinal)
            .Replace("STAGES", folder.File("stages.json"), StringComparison.Ordinal))];
        var wrong = new List<string>();
        foreach (Option option in new TrainCommand().Build().Options.Where(o => !arguments.Contains(o.Name)
            && o.Name is not ("--help" or "--train")))
        {
            string? message = Refusal([.. arguments, .. Given(option)]);
            if (option.HelpName is "number" or "name" || option.Name == "--solver-option")
            {
                // An option of the solvers: the value, or the solver, may not do, and that is said with its name too.
                string named = option.Name == "--solver-option" ? "'x'" : option.Name[2..];
                if (message?.Contains(named, StringComparison.Ordinal) == false) { wrong.Add($"{path} {option.Name}: {message}"); }
                continue;
            }

            bool isNamed = message?.Contains(option.Name, StringComparison.Ordinal) ?? false;
            if (refused.Contains(option.Name) != isNamed) { wrong.Add($"{path} {option.Name}: {message ?? "read"}"); }
            else if (message is not null && !isNamed) { wrong.Add($"{path} {option.Name}: refused without its name: {message}"); }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void An_option_that_nobody_reads_is_found()
    {
        var known = new Option<int>("--known");
        var forgotten = new Option<string?>("--forgotten");
        var command = new Command("verb") { known, forgotten };
        var arguments = new Arguments(command.Parse(["--known", "3", "--forgotten", "x"]));
        Assert.Equal(3, arguments.Get(known));
        Assert.Contains(
            "--forgotten is not read by", Assert.Throws<UsageException>(() => arguments.RefuseUnread("a test")).Message,
            StringComparison.Ordinal);
        arguments.Get(forgotten);
        arguments.RefuseUnread("a test");
    }

    // Options that need another one are given with it.
    private static string[] Given(Option option) => option.Name switch
    {
        "--resume" => ["--resume", "--checkpoint", "c.ckpt"],
        "--initial-state" => ["--initial-state", "c.ckpt", "--initial-model", "m.facto"],
        "--data" => ["--data", "."],
        "--set" => ["--set", "name=x"],
        "--solver-option" => ["--solver-option", "x=1"],
        "--sides" => ["--sides", "user,item"],
        "--task" => ["--task", "binary"],
        "--solver" => ["--solver", "adagrad"],
        "--schedule" => ["--schedule", "Cosine"],
        "--stage" => ["--stage", "recall"],
        "--holdout" => ["--holdout", "0.1"],
        "--zero-based" => ["--zero-based", "true", "--groups", "x"],
        _ when option.HelpName == "number" => [option.Name, "2"],
        _ when option.ValueType == typeof(bool) => [option.Name],
        _ when option.ValueType == typeof(string) || option.ValueType == typeof(string[]) => [option.Name, "x"],
        _ => [option.Name, "2"],
    };

    private static string? Refusal(string[] arguments)
    {
        var train = new TrainCommand();
        ParseResult parsed = train.Build().Parse(arguments);
        if (parsed.Errors.Count > 0) { return string.Join(' ', parsed.Errors.Select(e => e.Message)); }
        try
        {
            train.Plan(new Arguments(parsed), null);
            return null;
        }
        catch (UsageException e)
        {
            return e.Message;
        }
    }
}
