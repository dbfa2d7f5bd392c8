using System.CommandLine;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Serving;

namespace Facto.Cli.Commands;

/// <summary>`facto similar`: items whose factors point the same way.</summary>
internal static class SimilarCommand
{
    public static Command Create()
    {
        var command = new VerbCommand("similar", "Items that resemble an item", "facto similar --item 318 --count 10");
        var bundle = new BundleOptions();
        var item = new Option<string>("--item", "-i") { Description = "Item id", Required = true };
        var count = new Option<int>("--count", "-n") { Description = "How many", DefaultValueFactory = _ => 10 };
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        bundle.AddTo(command);
        foreach (Option option in (Option[])[item, count, json, quiet]) { command.Options.Add(option); }
        command.SetAction((parsed, _) =>
        {
            CommonOptions.RequireCount(parsed.GetValue(count));
            Report report = parsed.Report(json, quiet);
            IReadOnlyList<SimilarItem> similar = bundle.Open(parsed, report).Similar(parsed.GetRequiredValue(item), parsed.GetValue(count));
            report.Json(new JsonObject
            {
                ["items"] = new JsonArray([.. similar.Select(s => new JsonObject
                {
                    ["id"] = s.Id,
                    ["title"] = s.Title,
                    ["similarity"] = s.Similarity,
                })]),
            });
            report.Table(
                null, ["item", "title", "similarity"],
                similar.Select(s => (IReadOnlyList<string>)[s.Id, s.Title, Report.Number(s.Similarity)]));
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }
}
