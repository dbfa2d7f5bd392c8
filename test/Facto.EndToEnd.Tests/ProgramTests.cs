using System.Text.Json.Nodes;

namespace Facto.EndToEnd.Tests;

public class ProgramTests
{
    public static TheoryData<string> Verbs =>
        ["demo", "init", "import", "train", "tune", "evaluate", "predict", "export", "index", "recommend", "similar", "explain", "serve",
            "inspect", "help"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_helps_with_examples_whatever_it_requires(string verb)
    {
        (int code, string output, _) = FactoProcess.Run(Path.GetTempPath(), verb, "--help");
        Assert.Equal(0, code);
        Assert.Contains($"Usage:{Environment.NewLine}  facto {verb}", output, StringComparison.Ordinal);
        Assert.Contains($"Examples:{Environment.NewLine}  facto {verb}", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("icd")]
    [InlineData("bsl")]
    public void Lists_of_items_by_user_are_learnt_to_rank_without_a_project(string solver)
    {
        using var folder = new Folder();
        // Users of even number like even items: two thirds of them to learn from, the rest to find.
        var random = new Random(1);
        bool[] held = [.. Enumerable.Range(0, 60 * 60).Select(_ => random.Next(3) == 0)];
        string[] Lines(bool test) =>
            [.. Enumerable.Range(0, 60)
                .Select(u =>
                    $"u{u} "
                    + string.Join(
                        ' ', Enumerable.Range(0, 60).Where(i => i % 2 == u % 2 && held[(u * 60) + i] == test).Select(i => $"i{i}")))];
        File.WriteAllLines(folder.File("train.txt"), Lines(test: false));
        File.WriteAllLines(folder.File("test.txt"), Lines(test: true));
        JsonNode trained = Json(
            folder, "train", "--train", "train.txt", "--test", "test.txt", "--task", "ranking", "--solver", solver, "-k", "4", "--epochs",
            "150", "--model", "m.facto", "--predictions", "scores.txt");
        // a score for every pair of the test part
        Assert.Equal(held.Where((h, n) => h && (n / 60 % 2) == (n % 60 % 2)).Count(), File.ReadAllLines(folder.File("scores.txt")).Length);
        double model = trained["metrics"]!["test"]!["ndcg@10"]!.GetValue<double>(),
            popularity = trained["popularity"]!["test"]!["ndcg@10"]!.GetValue<double>();
        Assert.True(model > 0.85 && model > 1.4 * popularity, $"{model} beside {popularity}");
        JsonNode chosen = Json(
            folder, "train", "--train", "train.txt", "--task", "ranking", "--solver", solver, "-k", "4", "--epochs", "3",
            "--initial-model", "m.facto", "--holdout", "0.2");
        Assert.InRange(chosen["train"]!["epochs"]!.GetValue<int>(), 1, 3);
    }

    [Fact]
    public void A_project_goes_from_files_to_recommendations_with_reasons()
    {
        using Folder folder = new Folder().WithProject();
        JsonNode import = Json(folder, "import");
        Assert.Equal((40, 30), (import["users"]!.GetValue<int>(), import["items"]!.GetValue<int>()));
        JsonNode train = Json(folder, "train", "--version", "v1", "--evaluate");
        Assert.True(train["train"]!["epochs"]!.GetValue<int>() >= 1);
        Assert.True(
            train["ranking"]!["model"]!["recall@10"]!.GetValue<double>() > train["ranking"]!["random"]!["recall@10"]!.GetValue<double>());
        JsonNode evaluate = Json(folder, "evaluate", "--cutoffs", "5", "20");
        Assert.NotNull(evaluate["metrics"]!["match"]!["ndcg@20"]);
        Assert.NotNull(evaluate["metrics"]!["naive"]!["recall@5"]);
        foreach (string recommender in (string[])["model", "match", "pooled", "popularity", "item-knn", "random"])
        {
            Assert.NotNull(evaluate["metrics"]![recommender]!["recall_min@20"]);
        }
        Assert.InRange(evaluate["half_widths_95"]!["random"]!["recall@5"]!.GetValue<double>(), 0.01, 0.3);
        JsonNode list = Json(folder, "recommend", "--user", "u3", "--count", "5", "--explain", "2");
        Assert.Equal(5, list["items"]!.AsArray().Count);
        Assert.All(list["items"]!.AsArray(), i => Assert.StartsWith("Title ", i!["title"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal(2, list["items"]![0]!["reasons"]!.AsArray().Count);
        JsonNode odd = Json(folder, "recommend", "--user", "u3", "--where", "genre=Odd", "--include-seen", "--count", "30");
        Assert.All(
            odd["items"]!.AsArray(), i =>
            Assert.Equal(1, int.Parse(i!["id"]!.GetValue<string>()[1..], System.Globalization.CultureInfo.InvariantCulture) % 2));
        Assert.Equal(3, Json(folder, "similar", "--item", "i4", "--count", "3")["items"]!.AsArray().Count);
        JsonNode explained = Json(folder, "explain", "--user", "u3", "--item", "i5", "--top", "100");
        Assert.Equal(explained["score"]!.GetValue<double>(), explained["terms"]!.AsArray().Sum(t => t!["value"]!.GetValue<double>()), 1e-3);
        Json(folder, "export", "--what", "users", "--format", "npy", "--out", "users.npy");
        foreach (string format in (string[])["npy", "csv", "tsv", "jsonl", "fvecs", "parquet"])
        {
            Assert.Equal(
                30, Json(folder, "export", "--what", "items", "--format", format, "--out", $"items.{format}")["vectors"]!.GetValue<int>());
            Assert.True(new FileInfo(folder.File($"items.{format}")).Length > 0);
        }

        Assert.Equal("scan", list["plan"]!["route"]!.GetValue<string>());
        JsonNode files =
            Json(folder, "index", "--items", "items.npy", "--users", "users.npy", "--kind", "ivf", "--at", "5", "--out", "index");
        Assert.True(files["recall"]!["filtered_recall"]!.GetValue<double>() >= 0.95);
        Assert.True(File.Exists(folder.File("index", "lists.facto")));
        JsonNode graph = Json(folder, "index", "--kind", "graph", "--at", "5", "--version", "v2");
        Assert.Equal("graph", graph["kind"]!.GetValue<string>());
        Assert.InRange(graph["searches"]!.AsArray().Count, 2, 10);
        Assert.All(graph["searches"]!.AsArray(), s => Assert.Equal(1, s!["recall"]!.GetValue<double>()));
        JsonNode again = Json(folder, "recommend", "--user", "u3", "--count", "5", "--explain", "2");
        Assert.Equal("v2", again["version"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(list["items"], again["items"]));
        Assert.Equal("ok", Json(folder, "inspect", Path.Combine("out", "bundles", "v1", "model.facto"))["checksums"]!.GetValue<string>());
    }

    [Fact]
    public void A_posterior_says_how_sure_it_is_explores_by_a_seed_and_leaves_in_three_forms()
    {
        using Folder folder = new Folder().WithProject();
        JsonNode train = Json(
            folder, "train", "--solver", "gibbs", "--task", "binary", "--set", "negatives.perPositive=2", "--epochs", "12", "--burn-in",
            "4", "--samples", "4",
            "-k", "3", "--version", "v1", "--evaluate");
        Assert.InRange(train["metrics"]!["test"]!["logloss"]!.GetValue<double>(), 0.01, 3);
        JsonNode explained = Json(folder, "explain", "--user", "u3", "--item", "i5", "--top", "100");
        Assert.Equal(
            explained["score"]!.GetValue<double>(), explained["terms"]!.AsArray()
            .Sum(t => t!["value"]!.GetValue<double>()) + explained["rest"]!.GetValue<double>(), 1e-3);
        Assert.InRange(
            explained["interval"]!["mean"]!.GetValue<double>(), explained["interval"]!["low"]!.GetValue<double>() - 0.01,
            explained["interval"]!["high"]!.GetValue<double>() + 0.01);
        string first = Json(folder, "recommend", "--user", "u3", "--thompson", "5", "--interval", "0.9").ToJsonString();
        Assert.Equal(first, Json(folder, "recommend", "--user", "u3", "--thompson", "5", "--interval", "0.9").ToJsonString());
        Assert.Contains("\"draw\":", first, StringComparison.Ordinal);
        Assert.Equal(13, Json(folder, "export", "--what", "items", "--format", "npy", "--out", "all.npy")["dimension"]!.GetValue<int>());
        foreach (string form in (string[])["mean", "best"])
        {
            Assert.Equal(4, Json(folder, "export", "--what", "bundle", "--posterior", form, "--out", form)["dimension"]!.GetValue<int>());
            Assert.Equal(10, Json(folder, "recommend", "--bundle", form, "--user", "u3")["items"]!.AsArray().Count);
        }

        File.WriteAllText(
            folder.File("a.libfm"), string.Concat(Enumerable.Range(0, 60).Select(i => $"{1 + (i % 5)} {i % 6}:1 {6 + (i % 7)}:1\n")));
        Json(folder, "train", "--train", "a.libfm", "--solver", "gibbs", "--task", "regression", "--epochs", "8", "--burn-in", "2",
            "--model", "g.facto");
        JsonNode predicted = Json(folder, "predict", "--model", "g.facto", "--data", "a.libfm", "--interval", "0.9", "--out", "p.tsv");
        Assert.InRange(predicted["intervals"]!["coverage"]!.GetValue<double>(), 0.5, 1);
        string[] lines = File.ReadAllLines(folder.File("p.tsv"));
        Assert.Equal((60, 3), (lines.Length, lines[0].Split('\t').Length));
    }

    [Fact]
    public void The_demo_runs_offline_says_that_its_world_is_generated_and_beats_popularity_in_it()
    {
        using var folder = new Folder();
        (int code, string output, string error) = FactoProcess.Run(
            folder.Path, new Dictionary<string, string> { ["FACTO_DATA"] = "", ["HOME"] = folder.Path, ["XDG_DATA_HOME"] = folder.Path },
            "demo", "--offline", "--no-serve");
        Assert.True(code == 0, error);
        Assert.Contains("GENERATED", output, StringComparison.Ordinal);
        Assert.Contains("genre=", output, StringComparison.Ordinal);
        JsonNode manifest = JsonNode.Parse(
            File.ReadAllText(
                Directory.GetFiles(folder.File("facto-demo", "out", "bundles"), "manifest.json", SearchOption.AllDirectories).Single()))!;
        Assert.True(
            manifest["metrics"]!["model"]!["recall@10"]!.GetValue<double>()
                > 1.3 * manifest["metrics"]!["popularity"]!["recall@10"]!.GetValue<double>(),
            manifest["metrics"]!.ToJsonString());
    }

    [Fact]
    public void Init_writes_a_project_that_imports_and_keeps_an_existing_one()
    {
        using Folder folder = new Folder().WithProject();
        File.Delete(folder.File("facto.json"));
        Assert.Equal(0, FactoProcess.Run(folder.Path, "init", "--out", "project/facto.json").Code);
        Assert.Equal(0, FactoProcess.Run(folder.Path, "import", "--project", "project", "--quiet").Code);
        (int code, _, string error) = FactoProcess.Run(folder.Path, "init", "--out", "project/facto.json");
        Assert.Equal((1, true), (code, error.Contains("exists already", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(2, "--bogus", "train", "--bogus")]
    [InlineData(2, "factors is -3", "train", "--train", "a.libfm", "--factors", "-3")]
    [InlineData(2, "--resume needs --checkpoint", "train", "--train", "a.libfm", "--resume")]
    [InlineData(1, "facto.json", "train")]
    [InlineData(1, "nofile", "train", "--train", "nofile")]
    [InlineData(1, "no training examples", "train", "--train", "empty.libfm")]
    [InlineData(1, "bad.libfm:2", "train", "--train", "bad.libfm")]
    [InlineData(2, "one file each", "train", "--train", "lists.txt", "lists.txt", "--task", "ranking", "--solver", "icd")]
    [InlineData(2, "leave out --groups", "train", "--train", "lists.txt", "--groups", "g.meta", "--task", "ranking", "--solver", "icd")]
    [InlineData(1, "first bytes", "inspect", "bad.libfm.bin")]
    [InlineData(1, "there is no bundle", "serve", "--bundle", ".")]
    [InlineData(1, "did you mean 'user'", "import", "--project", "misspelt.json")]
    public void What_is_wrong_gets_one_sentence_and_its_exit_code(int expected, string sentence, params string[] arguments)
    {
        using var folder = new Folder();
        File.WriteAllText(folder.File("a.libfm"), "1 0:1\n0 1:1\n");
        File.WriteAllText(folder.File("empty.libfm"), string.Empty);
        File.WriteAllText(folder.File("lists.txt"), "1 2 3\n");
        File.WriteAllText(folder.File("bad.libfm"), "1 0:1\nabc 1:1\n");
        File.WriteAllText(folder.File("bad.libfm.bin"), new string('x', 500));
        File.WriteAllText(folder.File("misspelt.json"), """{ "interactions": { "path": "x.csv", "usr": "a" } }""");
        (int code, string output, string error) = FactoProcess.Run(folder.Path, arguments);
        Assert.Equal(expected, code);
        Assert.Empty(output);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static JsonNode Json(Folder folder, params string[] arguments)
    {
        (int code, string output, string error) = FactoProcess.Run(folder.Path, [.. arguments, "--json", "--quiet"]);
        Assert.True(code == 0, $"facto {string.Join(' ', arguments)} ended with {code}: {error}");
        return JsonNode.Parse(output)!;
    }
}
