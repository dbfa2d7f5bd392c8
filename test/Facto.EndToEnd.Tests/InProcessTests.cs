using System.Globalization;
using Facto.Training.Options;

namespace Facto.EndToEnd.Tests;

/// <summary>A program that uses the library and the command line learn the same model, byte for byte, from the same rows.</summary>
public class InProcessTests
{
    private sealed record Row(string User, string Item, float Stars, long Time);

    private sealed record Product(string Id, string Genre);

    private static readonly Row[] Log =
    [
        .. Enumerable.Range(0, 400)
            .Select(n => new Row($"u{n % 40}", $"i{((n * 7) + (n / 40)) % 30}", 1 + ((n + (n / 9)) % 5), 1_700_000_000 + (n * 37))),
    ];

    private static readonly Product[] Products =
        [.. Enumerable.Range(0, 30).Select(i => new Product($"i{i}", i % 2 == 0 ? "even" : "odd"))];

    public static TheoryData<string, bool, string[]> Trainings => new()
    {
        { "nothing set: no labels", false, [] },
        { "nothing set: ratings", true, [] },
        { "icd", false, ["--solver", "icd", "--factors", "8", "--epochs", "6"] },
        { "bsl", false, ["--solver", "bsl", "--factors", "8", "--epochs", "4", "--seed", "7"] },
        { "adagrad", true, ["--task", "regression", "--solver", "adagrad", "--factors", "4", "--epochs", "5", "--learning-rate", "0.05"] },
        { "als", true, ["--task", "regression", "--solver", "als", "--factors", "4", "--epochs", "5"] },
        { "gibbs", true,
            ["--task", "regression", "--solver", "gibbs", "--factors", "4", "--epochs", "15", "--burn-in", "5", "--samples", "4"] },
    };

    [Theory]
    [MemberData(nameof(Trainings))]
    public void The_model_is_the_command_lines(string name, bool labels, string[] arguments)
    {
        using var folder = new Folder();
        Write(folder, labels);
        (int code, string output, string error) = FactoProcess.Run(folder.Path, ["train", "--version", "v", "--quiet", .. arguments]);
        Assert.True(code == 0, $"{name}: {output}{error}");

        var builder = Dataset.From(Log, r => r.User, r => r.Item).Time(r => r.Time)
            .Items(Products, p => p.Id, f => f.Category("genre", p => p.Genre));
        FactorizationMachine model = FactorizationMachine.Fit((labels ? builder.Label(r => r.Stars) : builder).Build(), Options(name));
        Recommender.Create(model).Save(folder.File("library"));
        string library = Directory.GetDirectories(folder.File("library")).Single(d => !Path.GetFileName(d).StartsWith('.'));
        Assert.Equal(
            File.ReadAllBytes(folder.File("out", "bundles", "v", "model.facto")), File.ReadAllBytes(Path.Combine(library, "model.facto")));
    }

    private static SolverOptions? Options(string name) => name switch
    {
        "icd" => new WholeCatalogueOptions { Factors = 8, Epochs = 6 },
        "bsl" => new BilateralSoftmaxOptions { Factors = 8, Epochs = 4, Seed = 7 },
        "adagrad" => new AdaGradOptions { Task = Models.LearningTask.Regression, Factors = 4, Epochs = 5, LearningRate = 0.05f },
        "als" => new AlsOptions { Task = Models.LearningTask.Regression, Factors = 4, Epochs = 5 },
        "gibbs" => new GibbsOptions { Task = Models.LearningTask.Regression, Factors = 4, Epochs = 15, BurnIn = 5, Samples = 4 },
        _ => null,
    };

    private static void Write(Folder folder, bool labels)
    {
        File.WriteAllText(folder.File("log.csv"), "user,item,stars,time\n"
            + string.Concat(Log.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.User},{r.Item},{r.Stars},{r.Time}\n"))));
        File.WriteAllText(folder.File("items.csv"), "id,genre\n" + string.Concat(Products.Select(p => $"{p.Id},{p.Genre}\n")));
        File.WriteAllText(folder.File("facto.json"), $$"""
            { "interactions": { "path": "log.csv", "user": "user", "item": "item", "time": "time"{{(labels ? ", \"label\": \"stars\"" : "")}} },
              "items": { "path": "items.csv", "id": "id" },
              "fields": [ { "name": "user", "side": "user" }, { "name": "item", "side": "item" }, { "name": "genre", "side": "item" } ],
              "split": { "kind": "none" } }
            """);
    }
}
