using System.CommandLine;
using Facto.Import;

namespace Facto.Cli.Projects;

/// <summary>The options that say how a table is laid out which is not laid out as the project's log is.</summary>
internal sealed class TableLayoutOptions
{
    private readonly Option<string?> _delimiter = new("--delimiter")
    {
        Description = "What stands between columns, where the table is laid out otherwise than the project's log; a blank means any number "
            + "of blanks and tabs",
    };
    private readonly Option<string?> _encoding = new("--encoding") { Description = "The table's encoding: utf-8, latin-1 or utf-16" };
    private readonly Option<string?> _columns = new("--columns")
    {
        Description = "Names of the columns of a table without a header, as user,item,rating",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_delimiter, _encoding, _columns]) { command.Options.Add(option); }
    }

    /// <summary>The name of an option that was given, or null.</summary>
    public string? Given(ParseResult parsed) =>
        ((Option[])[_delimiter, _encoding, _columns]).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })?.Name;

    public TableSource Apply(ParseResult parsed, TableSource source) => source with
    {
        Delimiter = parsed.GetValue(_delimiter) switch
        {
            null => source.Delimiter,
            "tab" or "\\t" => "\t",
            { Length: > 0 } delimiter => delimiter,
            _ => throw new UsageException("--delimiter is empty; it must be the text between two columns, such as ';'"),
        },
        Encoding = parsed.GetValue(_encoding) switch
        {
            null => source.Encoding,
            "utf-8" or "latin-1" or "utf-16" => parsed.GetValue(_encoding)!,
            { } other => throw new UsageException($"--encoding is '{other}'; it must be utf-8, latin-1 or utf-16"),
        },
        Header = parsed.GetValue(_columns) is null && source.Header,
        Columns = parsed.GetValue(_columns) is { } columns ? [.. columns.Split(',').Select(c => c.Trim())] : source.Columns,
    };
}
