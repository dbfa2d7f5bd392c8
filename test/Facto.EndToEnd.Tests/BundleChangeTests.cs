using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Facto.Server;
using Facto.Serving;
using Microsoft.AspNetCore.Builder;

namespace Facto.EndToEnd.Tests;

/// <summary>What another process makes current is served on request or by itself; options that exclude one another are told.</summary>
public sealed class BundleChangeTests(ServerTests.Service service) : IClassFixture<ServerTests.Service>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reload_serves_what_another_process_made_current_and_says_whether_that_is_new()
    {
        using ServerTests.Service own = new();
        await using WebApplication app = await Start(own.Bundles, TimeSpan.FromDays(1));
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(("a", false), await Reload(client));
        Assert.Equal(0, FactoProcess.Run(own.Folder.Path, "train", "--quiet", "--version", "b").Code);
        Assert.Equal("a", await Version(client));
        Assert.Equal(("b", true), await Reload(client));
        Assert.Equal(("b", false), await Reload(client));
        Assert.Equal("b", await Version(client));

        BundleFolder.SetCurrent(own.Bundles, "a");
        File.WriteAllBytes(Path.Combine(own.Bundles, "a", "model.facto"), [1, 2, 3]);
        using HttpResponseMessage refused = await client.PostAsync("/v1/bundles/reload", null, Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.DoesNotContain(own.Folder.Path, await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal("b", await Version(client));
    }

    [Fact]
    public async Task A_new_current_bundle_is_followed_by_itself()
    {
        using ServerTests.Service own = new();
        await using WebApplication app = await Start(own.Bundles, TimeSpan.FromMilliseconds(20));
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(0, FactoProcess.Run(own.Folder.Path, "train", "--quiet", "--version", "b").Code);
        for (int tries = 0; await Version(client) != "b"; tries++)
        {
            Assert.True(tries < 1000, "the new bundle was not taken");
            await Task.Delay(20, Stop);
        }
    }

    [Theory]
    [InlineData("""{ "user": "u3", "thompson": 1 }""", "thompson needs draws of a posterior")]
    [InlineData("""{ "user": "u3", "interval": 0.9 }""", "interval needs draws of a posterior")]
    [InlineData("""{ "user": "u3", "where": { "user": ["u3"] } }""", "'user' is not an item field")]
    [InlineData("""{ "user": "u3", "features": { "genre": ["Even"] } }""", "'genre' is not a user or context field")]
    public async Task Options_that_do_not_go_together_are_told(string body, string sentence)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage reply = await service.Client.PostAsync("/v1/recommendations", content, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        string detail = (await reply.Content.ReadFromJsonAsync<JsonNode>(Stop))!["detail"]!.GetValue<string>();
        Assert.Contains(sentence, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_that_is_allowed_and_denied_is_denied()
    {
        using var content = new StringContent("""{ "allow": ["i1", "i2"], "deny": ["i1"] }""", Encoding.UTF8, "application/json");
        using HttpResponseMessage reply = await service.Client.PostAsync("/v1/recommendations", content, Stop);
        JsonArray items = (await reply.Content.ReadFromJsonAsync<JsonNode>(Stop))!["items"]!.AsArray();
        Assert.Equal("i2", Assert.Single(items)!["id"]!.GetValue<string>());
    }

    private static async Task<WebApplication> Start(string bundles, TimeSpan poll)
    {
        var options = new FactoServerOptions { BundleFolder = bundles, Url = "http://127.0.0.1:0", PollInterval = poll };
        WebApplication app = FactoServer.Build(options);
        await app.StartAsync(Stop);
        return app;
    }

    private static async Task<(string Version, bool Changed)> Reload(HttpClient client)
    {
        using HttpResponseMessage reply = await client.PostAsync("/v1/bundles/reload", null, Stop);
        JsonNode body = (await reply.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
        return (body["version"]!.GetValue<string>(), body["changed"]!.GetValue<bool>());
    }

    private static async Task<string> Version(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonNode>("/health/ready", Stop))!["version"]!.GetValue<string>();
}
