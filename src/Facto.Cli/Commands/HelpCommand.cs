using System.CommandLine;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Import;

namespace Facto.Cli.Commands;

/// <summary>`facto help TOPIC`: tables that are made from the descriptions that the program itself goes by.</summary>
internal static class HelpCommand
{
    private static readonly Topic[] s_topics =
    [
        new("solvers", "How models are learnt, and which tasks each way can learn", Solvers),
        new("settings", "Every setting of facto.json: its values, what it does, its range and its default", Settings),
    ];

    public static Command Create()
    {
        var command = new VerbCommand("help", "Explain a topic: " + string.Join(", ", s_topics.Select(t => t.Name)), "facto help solvers",
            "facto help settings");
        var topic = new Argument<string?>("topic")
        {
            Description = "The topic; all are listed when not given",
            Arity = ArgumentArity.ZeroOrOne,
        };
        topic.AcceptOnlyFromAmong([.. s_topics.Select(t => t.Name)]);
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        command.Arguments.Add(topic);
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.SetAction((parsed, _) =>
        {
            Report report = parsed.Report(json, quiet);
            if (parsed.GetValue(topic) is { } name) { s_topics.First(t => t.Name == name).Print(report); }
            else
            {
                report.Json(new JsonObject { ["topics"] = new JsonArray([.. s_topics.Select(t => (JsonNode)t.Name)]) });
                report.Table(null, ["topic", "explains"], s_topics.Select(t => (IReadOnlyList<string>)[t.Name, t.Explains]));
            }

            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static void Solvers(Report report)
    {
        report.Json(new JsonObject
        {
            ["solvers"] = new JsonArray([.. Training.Solvers.All.Select(s => new JsonObject
            {
                ["name"] = s.Name,
                ["summary"] = s.Summary,
                ["tasks"] = new JsonArray([.. s.Tasks.Select(t => (JsonNode)t.ToString().ToLowerInvariant())]),
            })]),
        });
        report.Table(null, ["solver", "tasks", "what it does"], Training.Solvers.All.Select(s => (IReadOnlyList<string>)
            [s.Name, string.Join(", ", s.Tasks.Select(t => t.ToString().ToLowerInvariant())), s.Summary]));
    }

    private static void Settings(Report report)
    {
        IReadOnlyList<ProjectSetting> settings = ProjectSchema.Settings();
        report.Json(new JsonObject
        {
            ["settings"] = new JsonArray([.. settings.Select(s => new JsonObject
            {
                ["name"] = s.Name,
                ["kind"] = s.Kind,
                ["description"] = s.Description,
            })]),
        });
        report.Table(null, ["setting", "values", "what it does"], settings.Select(s => (IReadOnlyList<string>)
            [s.Name, s.Kind, s.Description]));
    }

    private sealed record Topic(string Name, string Explains, Action<Report> Print);
}
