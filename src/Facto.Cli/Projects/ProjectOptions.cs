using System.CommandLine;
using Facto.Cli.Commands;
using Facto.Import.Life;

namespace Facto.Cli.Projects;

/// <summary>The options by which a verb finds its project.</summary>
internal sealed class ProjectOptions
{
    private readonly Option<string> _project = new("--project", "-p")
    {
        Description = "facto.json or its folder",
        DefaultValueFactory = _ => ".",
    };
    private readonly Option<string?> _data = new("--data") { Description = "Folder of the sources, instead of the project's" };
    private readonly Option<string[]> _set = new("--set")
    {
        Description = "path.to.value=value over the project's (repeatable), such as training.factors=32",
    };

    /// <param name="command">The verb.</param>
    /// <param name="sources">False for a verb that reads no sources.</param>
    public void AddTo(Command command, bool sources = true)
    {
        command.Options.Add(_project);
        if (sources) { command.Options.Add(_data); }
        command.Options.Add(_set);
    }

    /// <summary>Whether the user named a project.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetResult(_project) is { Implicit: false };

    /// <summary>The project, by a path of a verb that reads all that says which.</summary>
    public Project Open(Arguments arguments, IProgress<LifeEvent>? progress)
    {
        arguments.HasRead(_project, _data, _set);
        return Open(arguments.Parsed, progress);
    }

    public Project Open(ParseResult parsed, IProgress<LifeEvent>? progress) =>
        Project.Open(parsed.GetValue(_project)!, parsed.GetValue(_set) ?? [], parsed.GetValue(_data), progress, TimeProvider.System);
}
