using System.CommandLine;
using System.CommandLine.Parsing;

namespace Facto.Cli.Commands;

/// <summary>
/// What was given on the command line, read once by the path that a verb takes (a project, one of its stages, flat files). What the path
/// has not read when it has its request together it would ignore: then the verb ends with the option's name instead of with a result that
/// its user did not ask for.
/// </summary>
internal sealed class Arguments(ParseResult parsed)
{
    private readonly HashSet<Option> _read = [];

    /// <summary>What the parser made of the command line.</summary>
    public ParseResult Parsed => parsed;

    /// <summary>An option's value; the path takes it into account.</summary>
    public T? Get<T>(Option<T> option)
    {
        _read.Add(option);
        return parsed.GetValue(option);
    }

    /// <summary>Whether the option was given by the user; asking is not reading.</summary>
    public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Notes that options were read by somebody who needs the parser itself.</summary>
    public void HasRead(params IEnumerable<Option> options) => _read.UnionWith(options);

    /// <summary>Ends the verb when something was given that nobody has read.</summary>
    /// <param name="path">What the verb does, as in "training on flat files".</param>
    /// <exception cref="UsageException">An option would be ignored.</exception>
    public void RefuseUnread(string path)
    {
        IEnumerable<Option> given = parsed.CommandResult.Children.OfType<OptionResult>().Where(r => !r.Implicit).Select(r => r.Option);
        string[] unread = [.. given.Where(o => !_read.Contains(o)).Select(o => o.Name)];
        if (unread.Length == 0) { return; }
        throw new UsageException($"{string.Join(" and ", unread)} {(unread.Length == 1 ? "is" : "are")} not read by {path}: leave "
            + $"{(unread.Length == 1 ? "it" : "them")} out");
    }
}
