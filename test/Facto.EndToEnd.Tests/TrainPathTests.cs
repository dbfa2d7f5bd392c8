using System.CommandLine;
using Facto.Cli;
using Facto.Cli.Commands;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.EndToEnd.Tests;

/// <summary>
/// Whatever `facto train` is given, on whatever it learns from: an option is read, or refused with its name. None is ignored.
/// </summary>
public class TrainPathTests
{
    private static readonly string[] s_flatOnly =
        ["--validation", "--test", "--groups", "--sides", "--positive-from", "--zero-based", "--max-bad-lines", "--bundle",
            "--text-model", "--text-format"];
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
            bool named = message?.Contains(option.Name, StringComparison.Ordinal) ?? false;
            if (SolverWord(option) is { } word)   // whether it is read depends on the solver, not on the path
            {
                if (message?.Contains(word, StringComparison.Ordinal) == false) { wrong.Add($"{path} {option.Name}: {message}"); }
                continue;
            }

            if (refused.Contains(option.Name) != named) { wrong.Add($"{path} {option.Name}: {message ?? "read"}"); }
            else if (message is not null && !named) { wrong.Add($"{path} {option.Name}: refused without its name: {message}"); }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
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

    // How the refusal of a solver's option names it; null of all other options.
    private static string? SolverWord(Option option) => option.Name == "--solver-option" ? "'x'"
        : Solvers.AllOptions.Any(o => $"--{o.Name}" == option.Name) ? option.Name[2..]
        : null;

    // Options that need another one are given with it.
    private static string[] Given(Option option) => option.Name switch
    {
        "--resume" => ["--resume", "--checkpoint", "c.ckpt"],
        "--initial-state" => ["--initial-state", "c.ckpt", "--initial-model", "m.facto"],
        "--data" => ["--data", "."],
        "--set" => ["--set", "name=x"],
        "--solver-option" => ["--solver-option", "x=1"],
        "--sides" => ["--sides", "user,item"],
        "--zero-based" => ["--zero-based", "true", "--groups", "x"],
        "--text-format" => ["--text-format", "XLearn", "--text-model", "x"],
        "--task" => ["--task", "binary"],
        "--solver" => ["--solver", "adagrad"],
        "--stage" => ["--stage", "recall"],
        "--holdout" => ["--holdout", "0.1"],
        _ when Solvers.AllOptions.FirstOrDefault(o => $"--{o.Name}" == option.Name) is { } ofSolver => [option.Name, Allowed(ofSolver)],
        _ when option.ValueType == typeof(bool) => [option.Name],
        _ when option.ValueType == typeof(string) || option.ValueType == typeof(string[]) => [option.Name, "x"],
        _ => [option.Name, "2"],
    };

    private static string Allowed(SolverOption option) => option.Kind == OptionKind.Choice
        ? option.Choices()[0]
        : SolverOption.Text(((double[])[2, 1, 0.5, option.Low, option.High]).First(value =>
        {
            try { option.Check(value); }
            catch (FactoException) { return false; }
            return true;
        }));

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
