using System.CommandLine;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Data;
using Facto.Import;

namespace Facto.Cli.Commands;

/// <summary>`facto init`: a commented facto.json from a look at a folder of files.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var command = new VerbCommand("init", "Write a commented facto.json by looking at your files",
            "facto init --data /data/shop",
            "facto init --data . --out shop/facto.json",
            "facto init --data . --log clicks.txt --user column1 --item column3      # what a look cannot see");
        var data = new Option<string>("--data")
        {
            Description = "Folder with the log and, if there are any, tables of users and items",
            DefaultValueFactory = _ => "."
        };
        var output = new Option<string>("--out")
        {
            Description = "The file to write; an existing one is kept",
            DefaultValueFactory = _ => "facto.json"
        };
        var log = new Option<string?>("--log") { Description = "The file of the log" };
        var user = new Option<string?>("--user") { Description = "The log's column of the user id" };
        var item = new Option<string?>("--item") { Description = "The log's column of the item id" };
        var label = new Option<string?>("--label")
        {
            Description = "The log's column of the label (rating, click, quantity); none for none"
        };
        var time = new Option<string?>("--time") { Description = "The log's column of the time; none for none" };
        var users = new Option<string?>("--users") { Description = "The file of the users; none for none" };
        var items = new Option<string?>("--items") { Description = "The file of the items; none for none" };
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        foreach (Option option in (Option[])[data, output, log, user, item, label, time, users, items, json, quiet])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) =>
        {
            string path = Path.GetFullPath(parsed.GetValue(output)!);
            if (File.Exists(path)) { throw new FactoException($"{path}: it exists already; name another file with --out or remove it"); }
            var hints = new InitHints
            {
                Log = parsed.GetValue(log),
                User = parsed.GetValue(user),
                Item = parsed.GetValue(item),
                Label = parsed.GetValue(label),
                Time = parsed.GetValue(time),
                Users = parsed.GetValue(users),
                Items = parsed.GetValue(items),
            };
            string folder = Path.GetDirectoryName(path)!;
            ProjectProposal proposal = ProjectInspector.Propose(Path.GetFullPath(parsed.GetValue(data)!), folder, hints);
            Directory.CreateDirectory(folder);
            DurableFile.WriteText(path, proposal.Text);
            Print(parsed.Report(json, quiet), proposal, path);
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static void Print(Report report, ProjectProposal proposal, string path)
    {
        report.Json(new JsonObject
        {
            ["project"] = path,
            ["understood"] = new JsonArray([.. proposal.Understood.Select(u => (JsonNode?)JsonValue.Create(u))]),
            ["preview"] = new JsonArray([.. proposal.Preview.Select(r =>
                (JsonNode?)new JsonArray([.. r.Select(v => (JsonNode?)JsonValue.Create(v))]))]),
        });
        foreach (string line in proposal.Understood) { report.Say($"  {line}"); }
        report.Table("the first rows as they were understood", proposal.Preview[0], proposal.Preview.Skip(1));
        report.Say($"{path}\nread it, then: facto import --project {path}");
    }
}
