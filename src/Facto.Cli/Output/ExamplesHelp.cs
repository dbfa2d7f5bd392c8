using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Facto.Cli.Output;

/// <summary>The usual help, then the examples of the verb.</summary>
internal sealed class ExamplesHelp(HelpAction usual) : SynchronousCommandLineAction
{
    // Whoever asks for help need not have given the required options.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        int code = usual.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        // The assembly cannot be called facto: beside Facto.dll that is the same name where case does not count.
        output.Write(text.ToString().Replace($"  {RootCommand.ExecutableName} ", "  facto ", StringComparison.Ordinal));
        if (parseResult.CommandResult.Command is IHasExamples { Examples: { Count: > 0 } examples })
        {
            output.WriteLine("Examples:");
            foreach (string example in examples) { output.WriteLine($"  {example}"); }
            output.WriteLine();
        }

        return code;
    }
}

/// <summary>A verb that shows how it is used.</summary>
internal interface IHasExamples
{
    IReadOnlyList<string> Examples { get; }
}

/// <summary>A verb of the program.</summary>
internal sealed class VerbCommand(string name, string description, params string[] examples) : Command(name, description), IHasExamples
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
