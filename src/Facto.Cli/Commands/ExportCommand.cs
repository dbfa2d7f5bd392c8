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
    private static VerbCommand Verb() => new(
        "export", "Write user or item vectors for other programs",
        "facto export --what items --format npy --out items.npy",
        "facto export --what users --format parquet --out users.parquet",
        "facto export --what bundle --posterior best --out small         # one draw of a gibbs model, served at k instead of S*k "
            + "dimensions",
        "facto export --what items --recipe naive --format jsonl --out items.jsonl");

    public static Command Create()
    {
        VerbCommand command = Verb();
        var bundle = new BundleOptions();
        var what = new Option<string>("--what")
        {
            Description = "users, items, or model (a model file) or bundle (a bundle folder to serve) of another --posterior form",
            Required = true
        };
        var format = new Option<string?>("--format") { Description = "npy, csv, tsv, jsonl, fvecs or parquet; of vectors" };
        var recipe = new Option<VectorRecipe?>("--recipe") { Description = "match, naive or pooled; the bundle's when not given" };
        var output = new Option<string>("--out") { Description = "The file to write, or the folder of a bundle", Required = true };
        var posterior = new Option<PosteriorForm>("--posterior")
        {
            Description =
                "Of a model of gibbs: samples (all draws one after another, the exact mean score), mean (mean parameters) or best (the "
                    + "single draw that fits the training part best)"
        };
        var samples =
            new Option<int?>("--samples") { Description = "With --posterior samples: so many draws, evenly chosen, instead of all" };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        what.AcceptOnlyFromAmong("users", "items", "model", "bundle");
        format.AcceptOnlyFromAmong("npy", "csv", "tsv", "jsonl", "fvecs", "parquet");
        bundle.AddTo(command);
        Option[] all = [what, format, recipe, posterior, samples, output, threads, json, quiet];
        foreach (Option option in all) { command.Options.Add(option); }
        command.SetAction((parsed, cancellation) =>
        {
            Report report = parsed.Report(json, quiet);
            Bundle opened = bundle.Open(parsed, report).Bundle;
            string path = parsed.GetRequiredValue(output), kind = parsed.GetRequiredValue(what);
            PosteriorForm form = parsed.GetValue(posterior);
            ISeparableModel model = Reduced(opened, form, parsed.GetValue(samples), report);
            if (kind is "model" or "bundle")
            {
                if (kind == "model") { ModelFile.Save(model, path); }
                else
                {
                    BundleFolder.Write(
                        path, opened.Manifest, model, opened.Data, null, parsed.GetValue(threads), seen: opened.SeenLog,
                        cancel: cancellation);
                }
                report.Json(new JsonObject { [kind] = path, ["dimension"] = model.VectorDimension });
                report.Say($"{kind} with vectors of {model.VectorDimension}: {path}");
                return Task.FromResult(FactoProgram.Ok);
            }

            string name = parsed.GetValue(format)
                ?? throw new UsageException("--format says how to write vectors: npy, csv, tsv, jsonl, fvecs or parquet");
            VectorRecipe wanted = parsed.GetValue(recipe) ?? opened.Manifest.Recipe;
            VectorTable table = model == opened.Model && wanted == opened.Manifest.Recipe
                ? (kind == "users" ? opened.UserVectors : opened.ItemVectors)
                : kind == "users"
                    ? VectorExporter.Users(model, opened.Data, wanted, parsed.GetValue(threads))
                    : VectorExporter.Items(model, opened.Data, wanted, parsed.GetValue(threads));
            if (name == "parquet") { ParquetVectors.Write(table, path, cancellation); }
            else
            {
                VectorText.Write(table, path, name == "jsonl" ? VectorFormat.JsonLines : Enum.Parse<VectorFormat>(name, ignoreCase: true));
            }
            report.Json(new JsonObject { ["vectors"] = table.Count, ["dimension"] = table.Dimension, ["format"] = name, ["out"] = path });
            report.Say($"{table.Count} vectors of {table.Dimension}: {path}");
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static ISeparableModel Reduced(Bundle bundle, PosteriorForm form, int? samples, Report report)
    {
        if (form == PosteriorForm.Samples && samples is null) { return bundle.Model; }
        if (form != PosteriorForm.Samples && samples is not null) { throw new UsageException("--samples goes with --posterior samples"); }
        if (bundle.Model is not FmPosterior posterior)
        {
            throw new FactoException(
                "--posterior and --samples need draws of a posterior, and this bundle's model has none: learn it with --solver gibbs");
        }
        if (samples is { } count) { return posterior.Thinned(count); }
        if (form == PosteriorForm.Mean) { return posterior.OnlyMean(); }
        int best = PosteriorScorer.BestDraw(posterior, bundle.Data);
        report.Note($"draw {best + 1} of {posterior.DrawCount} fits the training part best");
        return posterior.Only(best);
    }
}

/// <summary>What of a posterior leaves as one model.</summary>
internal enum PosteriorForm
{
    /// <summary>All draws: the exact mean of their scores, S·k factors.</summary>
    Samples,

    /// <summary>The mean of their parameters, k factors.</summary>
    Mean,

    /// <summary>One draw, k factors.</summary>
    Best,
}
