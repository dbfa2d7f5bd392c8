using System.CommandLine;
using Facto.Cli.Output;
using Facto.Import.Life;
using Facto.Serving;

namespace Facto.Cli.Projects;

/// <summary>The options by which a verb finds its bundle: --bundle DIR, or the project's current one.</summary>
internal sealed class BundleOptions
{
    private readonly Option<string?> _bundle = new("--bundle", "-b")
    {
        Description = "A bundle or a folder of bundles; the project's when not given",
    };
    private readonly ProjectOptions _project = new();

    public void AddTo(Command command)
    {
        command.Options.Add(_bundle);
        _project.AddTo(command, sources: false);
    }

    /// <summary>The folder of bundles, or one bundle's own.</summary>
    public string Path(ParseResult parsed, Report report) =>
        parsed.GetValue(_bundle) ?? _project.Open(parsed, new LifeReport(report)).BundlesFolder;

    /// <summary>The project; null when a bundle is named and no project is read.</summary>
    public Project? Project(ParseResult parsed) => parsed.GetValue(_bundle) is null ? _project.Open(parsed, null) : null;

    /// <summary>The project, when it is flat and no bundle is named.</summary>
    public Project? Flat(ParseResult parsed, Report report) =>
        parsed.GetValue(_bundle) is null && _project.Open(parsed, new LifeReport(report)) is { File.Interactions.IsFlat: true } flat
            ? flat
            : null;

    public Recommender Open(ParseResult parsed, Report report) => new(BundleFolder.Open(Path(parsed, report)));
}

/// <summary>The options that say who asks.</summary>
internal sealed class UserQueryOptions
{
    private readonly Option<string?> _user = new("--user", "-u")
    {
        Description = "User id; unknown ones are served from --feature and --history",
    };
    private readonly Option<string[]> _features = new("--feature", "-f")
    {
        Description = "field=value of a user or context field (repeatable)",
    };
    private readonly Option<string[]> _history = new("--history")
    {
        Description = "Item ids that the user had, oldest first",
        AllowMultipleArgumentsPerToken = true,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_user);
        command.Options.Add(_features);
        command.Options.Add(_history);
    }

    public UserQuery Query(ParseResult parsed) => new()
    {
        User = parsed.GetValue(_user),
        Features = Assignments(parsed.GetValue(_features), "--feature"),
        History = parsed.GetValue(_history),
    };

    /// <summary>"a=1", "a=2", "b=3" → a: [1, 2], b: [3].</summary>
    public static Dictionary<string, IReadOnlyList<string>>? Assignments(string[]? given, string option)
    {
        if (given is not { Length: > 0 }) { return null; }
        var lists = new Dictionary<string, List<string>>();
        foreach (string assignment in given)
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) { throw new UsageException($"{option} '{assignment}' is not of the form field=value"); }
            if (!lists.TryGetValue(assignment[..equals], out List<string>? values)) { lists[assignment[..equals]] = values = []; }
            values.Add(assignment[(equals + 1)..]);
        }

        return lists.ToDictionary(l => l.Key, l => (IReadOnlyList<string>)l.Value);
    }
}
