using System.Globalization;
using System.Text.Json.Nodes;

namespace Facto.EndToEnd.Tests;

/// <summary>What every training promises, on a project, a stage and flat files alike, by the program as a user types it.</summary>
public class LifeTests
{
    [Fact]
    public void A_project_a_stage_and_flat_files_choose_epochs_on_a_holdout_and_write_test_predictions()
    {
        using Folder folder = Ratings();
        string[] holdout = ["--holdout", "0.2", "--epochs", "6", "--patience", "0"];
        JsonNode project = Json(folder, ["train", .. holdout, "--predictions", "p.txt", "--evaluate"]);
        Assert.Equal(6, project["train"]!["epochs_tried"]!.GetValue<int>());
        Assert.Equal(project["train"]!["epochs"]!.GetValue<int>(), project["train"]!["best_epoch"]!.GetValue<int>());
        Assert.True(File.ReadAllLines(folder.File("p.txt")).Length > 20);
        Assert.NotNull(project["metrics"]!["test"]!["rmse"]);
        JsonNode plain = Json(folder, "train", "--epochs", "2");
        Assert.Null(plain["ranking"]);   // judging is asked for
        Assert.Null(plain["metrics"]!["test"]);

        JsonNode flat = Json(
            folder, ["train", "--train", "a.libfm", "--test", "a.libfm", .. holdout, "--predictions", "f.txt", "--checkpoint", "f.ckpt"]);
        Assert.Equal(6, flat["train"]!["epochs_tried"]!.GetValue<int>());
        Assert.Equal(File.ReadAllLines(folder.File("a.libfm")).Length, File.ReadAllLines(folder.File("f.txt")).Length);

        // The same with a sampler: what is predicted is the mean over all its draws.
        string[] gibbs = ["--solver", "gibbs", "--epochs", "8", "--burn-in", "2", "--samples", "2", "--factors", "2"];
        Json(folder, ["train", .. gibbs, "--predictions", "g.txt", "--model", "g.facto"]);
        Assert.Equal(File.ReadAllLines(folder.File("p.txt")).Length, File.ReadAllLines(folder.File("g.txt")).Length);
        Assert.True(File.Exists(folder.File("g.facto")));
        (int code, _, string error) = FactoProcess.Run(folder.Path, ["train", .. gibbs, "--holdout", "0.2"]);
        Assert.Equal((1, true), (code, error.Contains("averages all its epochs", StringComparison.Ordinal)));
    }

    [Fact]
    public void Stages_keep_a_checkpoint_each_and_go_on_from_them()
    {
        using Folder folder = new Folder().WithProject();
        string text = File.ReadAllText(folder.File("facto.json"));
        File.WriteAllText(folder.File("facto.json"), text[..text.IndexOf("\"training\"", StringComparison.Ordinal)] + """
            "negatives": { "perPositive": 3 },
            "stages": { "recall": { "training": { "task": "ranking", "solver": "icd", "factors": 4, "epochs": 4 } },
                        "rank": { "training": { "task": "binary", "factors": 4, "epochs": 5 } } } }
            """);
        Json(folder, "train", "--checkpoint", "s.ckpt", "--version", "v1", "--predictions", "p.txt");
        Assert.True(File.Exists(folder.File("s.ckpt.recall")) && File.Exists(folder.File("s.ckpt.rank"))
            && File.Exists(folder.File("p.txt")));
        (int code, _, string error) = FactoProcess.Run(folder.Path, "train", "--checkpoint", "s.ckpt", "--resume", "--version", "v2");
        Assert.True(code == 0, error);
        Assert.DoesNotContain("epoch 1/", error, StringComparison.Ordinal);   // nothing is learnt twice
        foreach (string model in (string[])["model.facto", Path.Combine("rank", "model.facto")])
        {
            string[] files = [.. ((string[])["v1", "v2"]).Select(v => Directory.GetFiles(
                folder.File("out", "bundles", v), "*.facto", SearchOption.AllDirectories)
                .First(f => f.Contains(Path.GetFileNameWithoutExtension(model), StringComparison.Ordinal)))];
            Assert.Equal(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));
        }

        JsonNode stage = Json(folder, "train", "--stage", "rank", "--model", "rank.facto", "--holdout", "0");
        Assert.Equal("rank.facto", stage["model"]!.GetValue<string>());
        JsonNode warm = Json(folder, "train", "--stage", "rank", "--initial-model", "rank.facto", "--epochs", "1");
        Assert.Equal(1, warm["stages"]!["rank"]!["epochs"]!.GetValue<int>());
    }

    [Fact]
    public void A_holdout_that_is_interrupted_goes_on_in_the_phase_where_it_was()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent as on Unix");
        using var folder = new Folder();
        using (StreamWriter writer = File.CreateText(folder.File("a.libfm")))
        {
            for (int i = 0; i < 30_000; i++)
            {
                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{1 + (i * 31 % 5)} {i * 17 % 900}:1 {900 + (i * 29 % 700)}:1"));
            }
        }

        string[] train =
        [
            "train", "--train", "a.libfm", "-k", "32", "--epochs", "40", "--patience", "0", "--holdout", "0.1", "--checkpoint", "run.ckpt",
        ];
        (int code, string line) = FactoProcess.SignalAt(folder.Path, FactoProcess.Interrupt, "epoch 10/40", train);
        Assert.Equal((130, "facto: interrupted"), (code, line));
        Assert.True(File.Exists(folder.File("run.ckpt")), "the search left no checkpoint");
        (code, _, string error) = FactoProcess.Run(folder.Path, [.. train, "--resume", "--model", "resumed.facto"]);
        Assert.True(code == 0, error);
        Assert.DoesNotContain("epoch 5/40", error, StringComparison.Ordinal);
        Assert.Equal(0, FactoProcess.Run(folder.Path, [.. train[..^2], "--model", "whole.facto"]).Code);
        Assert.Equal(File.ReadAllBytes(folder.File("whole.facto")), File.ReadAllBytes(folder.File("resumed.facto")));
    }

    [Fact]
    public void What_cannot_be_written_is_said_before_anything_is_learnt()
    {
        using Folder folder = Ratings();
        Json(folder, "train", "--version", "v1", "--epochs", "1");
        Directory.CreateDirectory(folder.File("taken"));
        File.WriteAllText(folder.File("file"), "x");
        foreach ((string[] option, string sentence) in new[]
        {
            (["--version", "v1"], "exists already"),
            (["--version", "a/b"], "no name for a bundle"),
            (["--predictions", "taken"], "is a folder"),
            (["--model", Path.Combine("file", "m.facto")], "could not be written"), (new[] { "--checkpoint", "taken" }, "is a folder"),
        })
        {
            (int code, string output, string error) = FactoProcess.Run(folder.Path, ["train", .. option]);
            Assert.Equal((1, string.Empty), (code, output));
            Assert.Contains(sentence, error, StringComparison.Ordinal);
            Assert.DoesNotContain("epoch 1/", error, StringComparison.Ordinal);
        }

        Json(folder, "train", "--epochs", "1", "--model", Path.Combine("new", "folder", "m.facto"));
        Assert.True(File.Exists(folder.File("new", "folder", "m.facto")));
    }

    [Fact]
    public void A_model_of_lists_and_one_of_flat_files_with_sides_can_be_served()
    {
        using Folder folder = Ratings();
        File.WriteAllLines(
            folder.File("lists.txt"),
            Enumerable.Range(0, 30).Select(u => $"u{u} " + string.Join(
                ' ', Enumerable.Range(0, 8).Select(i => $"i{((u * 3) + (i * 2)) % 20}"))));
        Json(
            folder, "train", "--train", "lists.txt", "--task", "ranking", "--solver", "icd", "-k", "4", "--bundle", "lists", "--version",
            "v1");
        Assert.Equal(3, Json(folder, "recommend", "--bundle", "lists", "--user", "u3", "--count", "3")["items"]!.AsArray().Count);
        Json(folder, "train", "--train", "a.libfm", "--sides", "user,item", "--epochs", "2", "--bundle", "sides");
        Assert.Equal(3, Json(folder, "recommend", "--bundle", "sides", "--user", "3", "--count", "3")["items"]!.AsArray().Count);
        (int code, _, string error) = FactoProcess.Run(folder.Path, "train", "--train", "a.libfm", "--bundle", "none");
        Assert.Equal((1, true), (code, error.Contains("--sides", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_warm_start_on_flat_files_keeps_every_weight_and_the_range_of_labels()
    {
        using Folder folder = Ratings();
        Json(folder, "train", "--train", "a.libfm", "--epochs", "8", "--model", "m1.facto");
        File.WriteAllText(folder.File("day2.libfm"), "3 2:1 77:1\n3 4:1 31:1\n");   // a new item, and only threes
        Json(
            folder, "train", "--train", "day2.libfm", "--initial-model", "m1.facto", "--epochs", "1", "--learning-rate", "1e-9", "--model",
            "m2.facto");
        double[] before = Predict("m1.facto"), after = Predict("m2.facto");
        Assert.True(before.Max() - before.Min() > 1);
        for (int i = 0; i < before.Length; i++) { Assert.Equal(before[i], after[i], 1e-5); }

        double[] Predict(string model)
        {
            Json(folder, "predict", "--model", model, "--data", "a.libfm", "--out", "o.txt");
            return [.. File.ReadAllLines(folder.File("o.txt")).Select(l => double.Parse(l, CultureInfo.InvariantCulture))];
        }
    }

    [Fact]
    public void Seen_items_come_back_when_the_project_says_so_and_the_service_listens_where_it_says()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent as on Unix");
        using Folder folder = new Folder().WithProject();
        Json(folder, "train", "--version", "hides");
        Json(folder, "train", "--version", "shows", "--set", "retrieval.hideSeen=false");
        string seen = File.ReadLines(folder.File("log.csv")).Skip(1).First(l => l.StartsWith("u3,", StringComparison.Ordinal))
            .Split(',')[1];
        string[] Ids(string version) => [.. Json(
            folder, "recommend", "--bundle", Path.Combine("out", "bundles", version), "--user", "u3", "--count", "30")["items"]!
            .AsArray().Select(i => i!["id"]!.GetValue<string>())];
        Assert.DoesNotContain(seen, Ids("hides"));
        Assert.Contains(seen, Ids("shows"));
        string hidden = Json(folder, "evaluate")["metrics"]!["model"]!.ToJsonString();
        Assert.NotEqual(hidden, Json(folder, "evaluate", "--set", "retrieval.hideSeen=false")["metrics"]!["model"]!.ToJsonString());
        (int code, _, string error) = FactoProcess.Run(
            folder.Path, "serve", "--set", "serving.address=192.0.2.1", "--set", "serving.port=5099");
        Assert.Equal((2, true), (code, error.Contains("http://192.0.2.1:5099", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("recommend", "--user", "u1", "--count", "0")]
    [InlineData("similar", "--item", "i1", "--count", "0")]
    [InlineData("train", "--holdout", "1")]
    [InlineData("train", "--train", "a.libfm", "--stage", "rank")]
    [InlineData("train", "--max-bad-lines", "3")]
    [InlineData("help", "nothing")]
    public void A_mistake_in_the_command_line_ends_with_2_and_one_sentence(params string[] arguments)
    {
        using Folder folder = new Folder().WithProject();
        (int code, string output, string error) = FactoProcess.Run(folder.Path, arguments);
        Assert.Equal((2, string.Empty), (code, output));
        Assert.StartsWith("facto: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_explains_the_solvers_from_their_own_descriptions()
    {
        using var folder = new Folder();
        JsonNode solvers = Json(folder, "help", "solvers");
        Assert.Equal(Training.Solvers.All.Select(s => s.Name), solvers["solvers"]!.AsArray().Select(s => s!["name"]!.GetValue<string>()));
        Assert.Contains("whole-catalogue", FactoProcess.Run(folder.Path, "help", "solvers").Out, StringComparison.Ordinal);
    }

    // Ratings 1 to 5 of 30 users and 20 items: as a project without a validation split, and as libFM text.
    private static Folder Ratings()
    {
        var folder = new Folder();
        string[] rows = [.. Enumerable.Range(0, 30 * 20).Where(n => n % 3 != 0)
            .Select(n => $"{n / 20},{n % 20},{1 + (((n / 20) + (n % 20 * 2) + (n % 7 / 3)) % 5)}")];
        File.WriteAllLines(
            folder.File("log.csv"),
            ["who,what,stars", .. rows.Select(r => "u" + r.Replace(",", ",i", StringComparison.Ordinal))
                .Select(r => r[..r.LastIndexOf('i')] + r[(r.LastIndexOf('i') + 1)..])]);
        File.WriteAllLines(
            folder.File("a.libfm"),
            rows.Select(r => r.Split(',')).Select(r => $"{r[2]} {r[0]}:1 {30 + int.Parse(r[1], CultureInfo.InvariantCulture)}:1"));
        File.WriteAllText(folder.File("facto.json"), """
            { "interactions": { "path": "log.csv", "user": "who", "item": "what", "label": "stars" },
              "fields": [ { "name": "user", "side": "user" }, { "name": "item", "side": "item" } ],
              "split": { "kind": "random", "validation": 0, "test": 0.2 },
              "training": { "task": "regression", "factors": 4, "epochs": 8 } }
            """);
        return folder;
    }

    private static JsonNode Json(Folder folder, params string[] arguments)
    {
        (int code, string output, string error) = FactoProcess.Run(folder.Path, [.. arguments, "--json", "--quiet"]);
        Assert.True(code == 0, $"facto {string.Join(' ', arguments)} ended with {code}: {error}");
        return JsonNode.Parse(output)!;
    }
}
