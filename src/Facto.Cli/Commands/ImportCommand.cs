using System.CommandLine;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Import;
using Facto.Import.Life;

namespace Facto.Cli.Commands;

/// <summary>`facto import`: sources → the two-sided dataset.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var command = new VerbCommand("import", "Read the project's sources into a dataset",
            "facto import",
            "facto import --project shop/facto.json --data /data/shop",
            "facto import --set split.kind=time --set fields.genre.minCount=5");
        var project = new ProjectOptions();
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        project.AddTo(command);
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.SetAction((parsed, cancellation) =>
        {
            Report report = parsed.Report(json, quiet);
            Project opened = project.Open(parsed, new LifeReport(report));
            Print(report, opened.Import(cancellation), opened.File.DatasetPath);
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    public static void Print(Report report, ImportReport import, string path)
    {
        report.Json(new JsonObject
        {
            ["dataset"] = path,
            ["rows"] = import.Rows,
            ["bad_rows"] = import.BadRows,
            ["bad_reasons"] = Counts(import.BadReasons),
            ["excluded"] = Counts(import.Excluded),
            ["unread"] = new JsonArray([.. import.Unread.Select(Unread)]),
            ["repeated_pairs"] = import.Repeated,
            ["users"] = import.Users,
            ["items"] = import.Items,
            ["negatives"] = import.Negatives,
            ["splits"] = Counts(import.Parts.ToDictionary(p => p.Key, p => (long)p.Value)),
            ["features"] = Counts(import.Features.ToDictionary(p => p.Key, p => (long)p.Value)),
        });
        var rows = new List<(string, long)> { ("rows read", import.Rows) };
        rows.AddRange(import.Excluded.Select(e => ($"left out: {e.Key}", e.Value)));
        rows.AddRange(import.BadReasons.Select(b => ($"bad: {b.Key}", b.Value)));
        rows.AddRange(
            import.Unread.Select(
                u => ($"unread: {u.Field}: {u.What} (such as {string.Join(", ", u.Examples.Select(e => $"'{e}'"))})", u.Count)));
        rows.AddRange(import.TableNotes.Select(b => (b.Key, b.Value)));
        rows.AddRange(
        [
            ("repeated pairs merged", import.Repeated), ("negatives drawn", import.Negatives), ("users", import.Users),
            ("items", import.Items),
        ]);
        rows.AddRange(import.Parts.Select(p => ($"{p.Key} examples", (long)p.Value)));
        rows.AddRange(import.Features.Select(f => ($"features of {f.Key}", (long)f.Value)));
        report.Table(null, ["import", "count"], rows.Select(r => (IReadOnlyList<string>)[r.Item1, $"{r.Item2}"]));
        foreach (string bad in import.FirstBadRows) { report.Say($"  {bad}"); }
        report.Say($"dataset: {path}");
    }

    private static JsonNode Unread(UnreadValues unread) => new JsonObject
    {
        ["field"] = unread.Field,
        ["what"] = unread.What,
        ["count"] = unread.Count,
        ["of"] = unread.Of,
        ["examples"] = new JsonArray([.. unread.Examples.Select(e => (JsonNode?)JsonValue.Create(e))]),
    };

    private static JsonObject Counts(IReadOnlyDictionary<string, long> counts)
    {
        var json = new JsonObject();
        foreach ((string name, long count) in counts) { json[name] = count; }
        return json;
    }
}
