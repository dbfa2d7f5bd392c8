using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Data;

namespace Facto.Cli.Commands;

/// <summary>`facto inspect`: what is inside any Facto file.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var command = new VerbCommand("inspect", "Print what is inside a Facto file and check it",
            "facto inspect model.facto",
            "facto inspect bundle/items.vectors --json");
        var path = new Argument<string>("file") { Description = "Any file that Facto has written" };
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        command.Arguments.Add(path);
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.SetAction((parsed, _) =>
        {
            using var reader = new ArtefactReader(parsed.GetRequiredValue(path), verify: true);
            Show(reader, parsed.Report(json, quiet));
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static void Show(ArtefactReader reader, Report report)
    {
        JsonNode? meta = JsonNode.Parse(Encoding.UTF8.GetString(reader.Meta));
        report.Json(new JsonObject
        {
            ["file"] = reader.FilePath,
            ["kind"] = reader.Kind.ToString().ToLowerInvariant(),
            ["version"] = reader.Version,
            ["bytes"] = reader.FileLength,
            ["checksums"] = "ok",
            ["description"] = meta?.DeepClone(),
            ["sections"] = new JsonArray(
                [.. reader.Sections.Select(
                    s => new JsonObject { ["name"] = s.Name, ["bytes"] = s.Bytes, ["elements"] = s.Bytes / s.ElementSize })]),
        });
        report.Say(
            $"{reader.FilePath}: {reader.Kind.ToString().ToLowerInvariant()} (layout {reader.Version}), "
                + $"{Report.Count(reader.FileLength)} bytes, checksums ok");
        if (meta is JsonObject description)
        {
            report.Table(
                null, ["property", "value"],
                description.Select(p => (IReadOnlyList<string>)[p.Key, Shorten(p.Value?.ToJsonString() ?? "–")]));
        }

        report.Table(
            null, ["section", "elements", "bytes"],
            reader.Sections.Select(s => (IReadOnlyList<string>)[s.Name, $"{s.Bytes / s.ElementSize}", $"{s.Bytes}"]));
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..97] + "...";
}
