using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Facto.Server;
using Microsoft.AspNetCore.Builder;

namespace Facto.EndToEnd.Tests;

public class HistoryTests
{
    [Fact]
    public async Task Somebody_never_seen_gets_lists_of_the_history_in_the_request()
    {
        using Folder folder = new Folder().WithProject(users: 120);
        string text = File.ReadAllText(folder.File("facto.json"))
            .Replace(
                "{ \"name\": \"user\", \"side\": \"user\" }",
                "{ \"name\": \"had\", \"side\": \"user\", \"kind\": \"bag\", \"pooling\": \"sqrt\" }", StringComparison.Ordinal)
            .Replace(
                "\"leaveLast\", \"last\": 1", "\"users\", \"test\": 0.2, \"validation\": 0.1, \"history\": 0.7", StringComparison.Ordinal)
            .Replace("\"epochs\": 10", "\"epochs\": 60", StringComparison.Ordinal)
            .Replace("\"solver\": \"icd\"", "\"learningRate\": 0.05, \"patience\": 20, \"solver\": \"softmax\"", StringComparison.Ordinal);
        File.WriteAllText(folder.File("facto.json"), text);
        Assert.True(Json(folder, "import")["splits"]!["history"]!.GetValue<long>() > 100);
        JsonNode ranking = Json(folder, "train", "--evaluate")["ranking"]!;
        Assert.True(
            ranking["model"]!["recall@10"]!.GetValue<double>() > 1.2 * ranking["popularity"]!["recall@10"]!.GetValue<double>(),
            ranking.ToJsonString());

        string[] odd = ["i1", "i5", "i9"], even = ["i0", "i4", "i8"];
        await using WebApplication app =
            FactoServer.Build(new FactoServerOptions { BundleFolder = folder.File("out", "bundles"), Url = "http://127.0.0.1:0" });
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        foreach ((string[] history, int parity) in new[] { (odd, 1), (even, 0) })
        {
            string[] list = Ids(Json(folder, ["recommend", "--user", "stranger", "--count", "4", "--history", .. history]));
            Assert.All(list, id => Assert.Equal(parity, int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture) % 2));
            Assert.Empty(list.Intersect(history));
            using HttpResponseMessage http = await client.PostAsJsonAsync("/v1/recommendations", new { history, count = 4 });
            Assert.Equal(list, Ids((await http.Content.ReadFromJsonAsync<JsonNode>())!));
        }
    }

    private static string[] Ids(JsonNode response) => [.. response["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>())];

    private static JsonNode Json(Folder folder, params string[] arguments)
    {
        (int code, string output, string error) = FactoProcess.Run(folder.Path, [.. arguments, "--json", "--quiet"]);
        Assert.True(code == 0, $"facto {string.Join(' ', arguments)} ended with {code}: {error}");
        return JsonNode.Parse(output)!;
    }
}
