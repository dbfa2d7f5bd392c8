using System.CommandLine;
using Facto.Cli.Demo;
using Facto.Cli.Output;
using Facto.Data;
using Facto.Import;
using Facto.Import.Life;
using Facto.Server;
using Facto.Serving;
using Facto.Training.Session;

namespace Facto.Cli.Commands;

/// <summary>`facto demo`: the whole life of a recommendation in one command.</summary>
internal static class DemoCommand
{
    // The made-up world has less structure for each rating than the real one.
    private const string RealStrength = "0.003", GeneratedStrength = "0.03";

    // The same columns whether the films are real or generated.
    private const string Settings = """
        {
          // Written by 'facto demo'. Change it and run facto import, facto train and facto serve in this folder.
          "name": "demo",
          "data": DATA,
          "interactions": { "path": "ratings.csv", "user": "userId", "item": "movieId", "label": "rating", "positiveFrom": 4, "time": "timestamp" },
          "items": { "path": "movies.csv", "id": "movieId", "title": "title" },
          "fields": [
            { "name": "user", "side": "user" },
            { "name": "item", "side": "item" },
            { "name": "genre", "side": "item", "kind": "multiCategorical", "column": "genres", "pooling": "mean" },
          ],
          "split": { "kind": "leaveLast", "last": 1 },   // the last film of each person tests, the one before it validates
          "training": { "task": "ranking", "solver": "icd", "factors": 32, "epochs": 20, "regularizationFactors": STRENGTH },
        }
        """;

    public static Command Create()
    {
        var command = new VerbCommand("demo", "Import, train, evaluate, recommend and serve a film catalogue, in one command",
            "facto demo",
            "facto demo --data /data/ml-latest-small --url http://127.0.0.1:8080",
            "facto demo --offline --no-serve                              # a generated world, and no server at the end");
        var data = new Option<string?>("--data")
        {
            Description = "Folder with MovieLens' ratings.csv and movies.csv; FACTO_DATA is looked into when not given",
        };
        var output = new Option<string>("--out")
        {
            Description = "Folder for the project and what is made",
            DefaultValueFactory = _ => "facto-demo",
        };
        var offline = new Option<bool>("--offline")
        {
            Description = "Fetch nothing: use --data, what was fetched before, or a generated world",
        };
        var noServe = new Option<bool>("--no-serve") { Description = "Stop after the recommendations" };
        var url = new Option<string>("--url") { Description = "Address to serve on", DefaultValueFactory = _ => ServeCommand.DefaultUrl };
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        foreach (Option option in (Option[])[data, output, offline, noServe, url, json, quiet]) { command.Options.Add(option); }
        command.SetAction(async (parsed, cancellation) =>
        {
            Report report = parsed.Report(json, quiet);
            string folder = Path.GetFullPath(parsed.GetValue(output)!);
            string films = await FindFilmsAsync(folder, parsed.GetValue(data), parsed.GetValue(offline), report, cancellation);
            string bundles = Run(folder, films, report, cancellation);
            return parsed.GetValue(noServe)
                ? FactoProgram.Ok
                : await ServeCommand.RunAsync(
                    new FactoServerOptions { BundleFolder = bundles, Url = parsed.GetValue(url)! }, report, cancellation);
        });
        return command;
    }

    private static async Task<string> FindFilmsAsync(
        string folder, string? data, bool offline, Report report, CancellationToken cancellation)
    {
        if (data is not null)
        {
            if (!MovieLens.IsThere(data))
            {
                throw new FactoException($"{data}: --data must be a folder with MovieLens' ratings.csv and movies.csv");
            }

            return Path.GetFullPath(data);
        }

        string? known = Environment.GetEnvironmentVariable("FACTO_DATA") is { Length: > 0 } root
            ? Path.Combine(root, "ml-latest-small")
            : null;
        if (known is not null && MovieLens.IsThere(known)) { return Path.GetFullPath(known); }
        string cache = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "facto",
            "ml-latest-small");
        string? why = MovieLens.IsThere(cache) ? null : offline ? "--offline was given" : await MovieLens.FetchAsync(cache, cancellation);
        if (why is null)
        {
            report.Say($"data: {MovieLens.Terms}");
            return cache;
        }

        string generated = Generated(folder);
        GeneratedWorld.Write(generated);
        report.Say($"data: GENERATED films and people, because MovieLens latest-small is not here ({why}). They are made up: the figures "
            + "below say that the program works, not how good it is.");
        return generated;
    }

    private static string Generated(string folder) => Path.Combine(folder, "generated");

    private static string Run(string folder, string films, Report report, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, "facto.json");
        DurableFile.WriteText(path, Settings
            .Replace("DATA", System.Text.Json.JsonSerializer.Serialize(Path.GetRelativePath(folder, films)), StringComparison.Ordinal)
            .Replace("STRENGTH", films == Generated(folder) ? GeneratedStrength : RealStrength, StringComparison.Ordinal));
        Project project = Project.Open(path, progress: new LifeReport(report), time: TimeProvider.System);
        ImportReport import = project.Import(cancellation);
        report.Say($"imported {import.Rows} ratings of {import.Items} films by {import.Users} people");
        TrainReport trained = project.Train(
            new TrainRequest { Options = o => o with { Threads = Environment.ProcessorCount }, Evaluate = true }, cancellation);
        (TrainingOutcome outcome, Bundle bundle) = (trained.Trained[0].Outcome, trained.Bundle!);
        report.Say($"trained {outcome.Settings.Solver}, k={outcome.Settings.Factors}: {outcome.EpochsRun} epochs in "
            + $"{Report.Number(outcome.Seconds, "0.00")} s, "
            + $"the best was epoch {outcome.BestEpoch}");
        RankingTable.Print(
            report, "each person's last film, looked for in the whole catalogue", trained.Ranking["test"], project.File.Retrieval.Count);
        var recommender = new Recommender(bundle);
        foreach (int user in Enumerable.Range(0, 3).Select(u => u * (bundle.Data.UserIds!.Count - 1) / 2))
        {
            ShowUser(recommender, user, report);
        }

        report.Say($"project: {path}\nbundle:  {bundle.Folder}");
        return project.BundlesFolder;
    }

    private static void ShowUser(Recommender recommender, int user, Report report)
    {
        Bundle bundle = recommender.Bundle;
        string id = bundle.Data.UserIds![user];
        report.Say($"\nperson {id} liked {string.Join(", ", bundle.Seen[user].ToArray().Take(4).Select(bundle.Title))} …");
        RecommendCommand.PrintTable(report, recommender.Recommend(new RecommendationRequest { User = id, Count = 5, Reasons = 2 }));
    }
}
