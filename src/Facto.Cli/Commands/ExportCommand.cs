using System.CommandLine;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Data;
using Facto.Import;
using Facto.Models;
using Facto.Serving;

namespace Facto.Cli.Commands;

/// <summary>`facto export`: the vectors of a bundle for other programs.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var command = new VerbCommand("export", "Write user or item vectors for other programs",
            "facto export --what items --format npy --out items.npy",
            "facto export --what users --format parquet --out users.parquet",
            "facto export --what items --recipe naive --format jsonl --out items.jsonl");
        var bundle = new BundleOptions();
        var what = new Option<string>("--what") { Description = "users or items", Required = true };
        var format = new Option<string>("--format") { Description = "npy, csv, tsv, jsonl, fvecs or parquet", Required = true };
        var recipe = new Option<VectorRecipe?>("--recipe") { Description = "match, naive or pooled; the bundle's when not given" };
        var output = new Option<string>("--out") { Description = "The file to write", Required = true };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        what.AcceptOnlyFromAmong("users", "items");
        format.AcceptOnlyFromAmong("npy", "csv", "tsv", "jsonl", "fvecs", "parquet");
        bundle.AddTo(command);
        foreach (Option option in (Option[])[what, format, recipe, output, threads, json, quiet]) { command.Options.Add(option); }
        command.SetAction((parsed, cancellation) =>
        {
            Report report = parsed.Report(json, quiet);
            Bundle opened = bundle.Open(parsed, report).Bundle;
            VectorTable table = Table(opened, parsed.GetRequiredValue(what), parsed.GetValue(recipe) ?? opened.Manifest.Recipe, parsed.GetValue(threads));
            string path = parsed.GetRequiredValue(output), name = parsed.GetRequiredValue(format);
            if (name == "parquet") { ParquetVectors.Write(table, path, cancellation); }
            else { VectorText.Write(table, path, name == "jsonl" ? VectorFormat.JsonLines : Enum.Parse<VectorFormat>(name, ignoreCase: true)); }
            report.Json(new JsonObject { ["vectors"] = table.Count, ["dimension"] = table.Dimension, ["format"] = name, ["out"] = path });
            report.Say($"{table.Count} vectors of {table.Dimension}: {path}");
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static VectorTable Table(Bundle bundle, string what, VectorRecipe recipe, int threads)
    {
        if (recipe == bundle.Manifest.Recipe) { return what == "users" ? bundle.UserVectors : bundle.ItemVectors; }
        return what == "users" ? VectorExporter.Users(bundle.Model, bundle.Data, recipe, threads) : VectorExporter.Items(bundle.Model, bundle.Data, recipe, threads);
    }
}
