using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using Facto.Cli.Commands;
using Facto.Cli.Output;
using Facto.Import.Life;

namespace Facto.Cli;

/// <summary>The `facto` program: its verbs, and what every verb shares: interruption, errors as one sentence, exit codes.</summary>
internal static class FactoProgram
{
    public const int Ok = 0, Failed = 1, Usage = 2, Interrupted = 130;

    public static async Task<int> RunAsync(string[] args)
    {
        RootCommand root = Build();
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (string message in parsed.Errors.Select(e => e.Message).Distinct())
            {
                await Console.Error.WriteLineAsync($"facto: {message}");
            }

            string verb = parsed.CommandResult.Command is RootCommand ? string.Empty : parsed.CommandResult.Command.Name + " ";
            await Console.Error.WriteLineAsync($"facto: see 'facto {verb}--help'");
            return Usage;
        }

        using var cancel = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await InvokeAsync(parsed, cancel.Token);

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            cancel.Cancel();
        }
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("facto: interrupted");
            return Interrupted;
        }
        catch (Exception e) when (e is UsageException or OptionException)
        {
            await Console.Error.WriteLineAsync($"facto: {e.Message}");
            return Usage;
        }
        catch (Exception e) when (e is FactoException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"facto: {Sentence(e)}");
            return Failed;
        }
        catch (Exception e)
        {
            bool debug = Environment.GetEnvironmentVariable("FACTO_DEBUG") == "1";
            await Console.Error.WriteLineAsync(debug ? e.ToString() : Internal(e));
            return Failed;
        }
    }

    // What to report: without it whoever reads the report has to ask for it.
    private static string Internal(Exception e) =>
        $"facto: an error in facto itself: {e.GetType().Name}: {e.Message}; please report it with the command line, facto's version "
        + $"({typeof(FactoProgram).Assembly.GetName().Version?.ToString(3)}) and what the same command prints with FACTO_DEBUG=1";

    // The system names the temporary file that was being written, which is gone; what counts is the folder that could not take it.
    private static string Sentence(Exception e)
    {
        int hidden = e.Message.IndexOf($"{Path.DirectorySeparatorChar}.facto-", StringComparison.Ordinal);
        int quote = hidden < 0 ? -1 : e.Message.LastIndexOf('\'', hidden);
        if (e is not (IOException or UnauthorizedAccessException) || quote < 0) { return e.Message; }
        string folder = e.Message[(quote + 1)..hidden], reason = e is UnauthorizedAccessException
            ? "access is denied"
            : e.Message[..quote].TrimEnd(' ', ':');
        return $"{(folder.Length == 0 ? "/" : folder)}: it could not be written: {reason}; make room or allow writing there, or name "
            + $"another folder";
    }

    private static RootCommand Build()
    {
        var root = new RootCommand("Factorization machines: import, train, evaluate, export, recommend and serve.");
        foreach (Command command in Verbs.All) { root.Subcommands.Add(command); }
        foreach (HelpOption help in root.Options.OfType<HelpOption>()) { help.Action = new ExamplesHelp((HelpAction)help.Action!); }
        return root;
    }
}

/// <summary>The options were understood one by one but do not go together: exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
