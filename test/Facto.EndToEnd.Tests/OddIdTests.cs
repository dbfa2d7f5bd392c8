using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Facto.Server;
using Microsoft.AspNetCore.Builder;

namespace Facto.EndToEnd.Tests;

/// <summary>
/// Every id of the log can be asked for over HTTP, character by character: by path where a path can hold it, by query and body always.
/// </summary>
public sealed class OddIdTests
{
    private static readonly string[] Ids =
        ["a/b?c#d", "a%2Fb", "%", "100%25", "b l a n k s", "tab\there", "é", "e\u0301", "😀", "\"q\"", "a,b", "a+b", "null",
            "recommendations", "vector", "-", "..", "."];

    [Fact]
    public async Task Ids_of_any_characters_are_answered()
    {
        using Folder folder = new();
        var log = new System.Text.StringBuilder("user,item\n");
        for (int u = 0; u < Ids.Length; u++)
        {
            for (int n = 0; n < 5; n++)
            {
                log.Append(
                    System.Globalization.CultureInfo.InvariantCulture, $"{Quoted(Ids[u])},{Quoted(Ids[(u + (n * 2)) % Ids.Length])}\n");
            }
        }

        File.WriteAllText(folder.File("log.csv"), log.ToString());
        File.WriteAllText(folder.File("facto.json"), """
            { "interactions": { "path": "log.csv", "user": "user", "item": "item" }, "split": { "kind": "none" },
              "training": { "task": "ranking", "solver": "icd", "factors": 4, "epochs": 3 } }
            """);
        Assert.Equal(0, FactoProcess.Run(folder.Path, "train", "--quiet").Code);
        await using WebApplication app =
            FactoServer.Build(new FactoServerOptions { BundleFolder = folder.File("out", "bundles"), Url = "http://127.0.0.1:0" });
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        foreach (string id in Ids)
        {
            string escaped = Uri.EscapeDataString(id);
            JsonNode byQuery = await Get(client, $"/v1/recommendations?user={escaped}&count=3");
            Assert.True(byQuery["userKnown"]!.GetValue<bool>(), $"{id} by query");
            using HttpResponseMessage posted =
                await client.PostAsJsonAsync("/v1/recommendations", new { user = id, count = 3 }, TestContext.Current.CancellationToken);
            Assert.Equal(
                byQuery.ToJsonString(),
                (await posted.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!.ToJsonString());
            Assert.Equal(id, (await Get(client, $"/v1/item?item={escaped}"))["id"]!.GetValue<string>());
            Assert.NotEmpty((await Get(client, $"/v1/users/items?user={escaped}")).AsArray());
            if (id is "." or "..") { continue; }   // a path cannot hold these: clients and servers take them for folders
            JsonNode byPath = await Get(client, $"/v1/users/{escaped}/recommendations?count=3");
            Assert.Equal(byQuery.ToJsonString(), byPath.ToJsonString());
            if (id != "vector") { Assert.Equal(id, (await Get(client, $"/v1/items/{escaped}"))["id"]!.GetValue<string>()); }
            Assert.NotEmpty((await Get(client, $"/v1/items/{escaped}/similar?count=3")).AsArray());
        }
    }

    private static string Quoted(string id) => $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task<JsonNode> Get(HttpClient client, string path)
    {
        using HttpResponseMessage reply = await client.GetAsync(path, TestContext.Current.CancellationToken);
        string text = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(reply.IsSuccessStatusCode, $"{path}: {text}");
        return JsonNode.Parse(text)!;
    }
}
