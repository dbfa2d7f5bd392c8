using System.CommandLine;
using Facto.Cli.Output;
using Facto.Import;

namespace Facto.Cli.Projects;

/// <summary>The options by which a verb finds its project.</summary>
internal sealed class ProjectOptions
{
    private readonly Option<string> _project = new("--project", "-p") { Description = "facto.json or its folder", DefaultValueFactory = _ => "." };
    private readonly Option<string?> _data = new("--data") { Description = "Folder of the sources, instead of the project's" };
    private readonly Option<string[]> _set = new("--set") { Description = "path.to.value=value over the project's (repeatable), such as training.factors=32" };

    /// <param name="command">The verb.</param>
    /// <param name="sources">False for a verb that reads no sources.</param>
    public void AddTo(Command command, bool sources = true)
    {
        command.Options.Add(_project);
        if (sources) { command.Options.Add(_data); }
        command.Options.Add(_set);
    }

    public bool IsGiven(ParseResult parsed) => parsed.GetResult(_project) is { Implicit: false };

    public ProjectFile Load(ParseResult parsed) => ProjectFile.Load(parsed.GetValue(_project)!, parsed.GetValue(_set) ?? [], parsed.GetValue(_data));

    public ProjectPipeline Pipeline(ParseResult parsed, Report report) => new(Load(parsed), report);
}
