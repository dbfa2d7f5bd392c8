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
            "facto init --data . --out shop/facto.json");
        var data = new Option<string>("--data") { Description = "Folder with the log and, if there are any, tables of users and items", DefaultValueFactory = _ => "." };
        var output = new Option<string>("--out") { Description = "The file to write; an existing one is kept", DefaultValueFactory = _ => "facto.json" };
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        foreach (Option option in (Option[])[data, output, json, quiet]) { command.Options.Add(option); }
        command.SetAction((parsed, _) =>
        {
            string path = Path.GetFullPath(parsed.GetValue(output)!);
            if (File.Exists(path)) { throw new FactoException($"{path}: it exists already; name another file with --out or remove it"); }
            string proposal = ProjectInspector.Propose(Path.GetFullPath(parsed.GetValue(data)!), Path.GetDirectoryName(path));
            DurableFile.WriteText(path, proposal);
            Report report = parsed.Report(json, quiet);
            report.Json(new JsonObject { ["project"] = path });
            report.Say($"{path}\nread it, then: facto import --project {path}");
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }
}
