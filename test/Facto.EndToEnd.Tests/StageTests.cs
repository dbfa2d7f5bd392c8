using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Facto.Server;
using Microsoft.AspNetCore.Builder;

namespace Facto.EndToEnd.Tests;

public class StageTests
{
    [Fact]
    public async Task Stages_are_learnt_one_by_one_or_together_and_serve_as_a_cascade()
    {
        using Folder folder = WithStages();
        (int early, _, string wrong) = FactoProcess.Run(folder.Path, "train", "--stage", "rank");
        Assert.Equal((1, true), (early, wrong.Contains("run 'facto train --stage recall' first", StringComparison.Ordinal)));

        JsonNode recall = Json(folder, "train", "--stage", "recall", "--version", "v1");
        Assert.Empty(recall["cascade"]!.AsArray());
        Assert.Null(Json(folder, "recommend", "--user", "u3")["stages"]);
        JsonNode rank = Json(folder, "train", "--stage", "rank", "--version", "v2", "--evaluate");
        Assert.True(rank["stages"]!["rank"]!["test"]!["auc"]!.GetValue<double>() > 0.5);
        JsonNode prerank = Json(folder, "train", "--stage", "prerank", "--version", "v3");
        Assert.Equal(["recall", "prerank", "rank"], prerank["cascade"]!.AsArray().Select(s => s!["stage"]!.GetValue<string>()));
        JsonNode all = Json(folder, "train", "--version", "v4", "--evaluate");
        Assert.Equal(["recall", "rank", "prerank"], all["stages"]!.AsObject().Select(s => s.Key));
        Assert.True(
            all["ranking"]!["cascade"]!["recall@10"]!.GetValue<double>() > all["ranking"]!["random"]!["recall@10"]!.GetValue<double>());
        Assert.NotNull(Json(folder, "evaluate")["metrics"]!["cascade"]!["ndcg@20"]);

        JsonNode list = Json(folder, "recommend", "--user", "u3", "--count", "4", "--explain", "2");
        int admissible = list["stages"]![0]!["entered"]!.GetValue<int>();
        Assert.InRange(admissible, 10, 29);
        Assert.Equal(
            [(admissible, 12), (12, 6), (6, 4)], list["stages"]!.AsArray()
            .Select(s => (s!["entered"]!.GetValue<int>(), s["left"]!.GetValue<int>())));
        string first = list["items"]![0]!["id"]!.GetValue<string>();
        JsonNode explained = Json(folder, "explain", "--user", "u3", "--item", first, "--top", "1000");
        Assert.Equal(1, explained["stages"]![2]!["rank"]!.GetValue<int>());
        Assert.Equal(explained["score"]!.GetValue<double>(), explained["terms"]!.AsArray().Sum(t => t!["value"]!.GetValue<double>()), 1e-3);

        await using WebApplication app =
            FactoServer.Build(new FactoServerOptions { BundleFolder = folder.File("out", "bundles"), Url = "http://127.0.0.1:0" });
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        JsonNode http = (await client.GetFromJsonAsync<JsonNode>("/v1/users/u3/recommendations?count=4"))!;
        Assert.Equal(
            list["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()), http["items"]!.AsArray()
            .Select(i => i!["id"]!.GetValue<string>()));
        Assert.Equal(12, http["stages"]![1]!["entered"]!.GetValue<int>());
        using HttpResponseMessage trace = await client.PostAsJsonAsync("/v1/trace", new { user = "u3", item = first });
        Assert.Equal(
            ["recall", "prerank", "rank"], (await trace.Content.ReadFromJsonAsync<JsonNode>())!.AsArray()
            .Select(s => s!["stage"]!.GetValue<string>()));
    }

    [Fact]
    public void A_stage_is_tuned_in_its_own_section()
    {
        using Folder folder = WithStages();
        JsonNode tuned = Json(
            folder, "tune", "--stage", "rank", "--trials", "3", "--rungs", "1", "--epochs", "3", "--range", "learning-rate=0.01..0.3 log");
        Assert.Equal("logloss", tuned["metric"]!.GetValue<string>());
        Assert.Contains(tuned["written"]!.AsArray(), w => w!["setting"]!.GetValue<string>() == "stages.rank.training.learningRate");
        Assert.Contains(
            $"\"learningRate\": {tuned["best"]!["learning-rate"]}", File.ReadAllText(folder.File("facto.json")), StringComparison.Ordinal);
        (int code, _, string error) = FactoProcess.Run(folder.Path, "tune", "--trials", "3");
        Assert.Equal((2, true), (code, error.Contains("say which to tune", StringComparison.Ordinal)));
    }

    private static Folder WithStages()
    {
        Folder folder = new Folder().WithProject();
        string text = File.ReadAllText(folder.File("facto.json"));
        string project = text[..text.IndexOf("\"training\"", StringComparison.Ordinal)] + """
            "negatives": { "perPositive": 3 },
            "stages": {
              "recall": { "training": { "task": "ranking", "solver": "icd", "factors": 8, "epochs": 10 }, "count": 12 },
              "prerank": { "training": { "factors": 4, "epochs": 5 }, "count": 6 },
              "rank": { "training": { "task": "binary", "factors": 8, "epochs": 8 } } } }
            """;
        File.WriteAllText(folder.File("facto.json"), project);
        return folder;
    }

    private static JsonNode Json(Folder folder, params string[] arguments)
    {
        (int code, string output, string error) = FactoProcess.Run(folder.Path, [.. arguments, "--json", "--quiet"]);
        Assert.True(code == 0, $"facto {string.Join(' ', arguments)} ended with {code}: {error}");
        return JsonNode.Parse(output)!;
    }
}
