using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Facto.Server;
using Facto.Serving;
using Microsoft.AspNetCore.Builder;

namespace Facto.EndToEnd.Tests;

/// <summary>The service on a real port over a bundle that the program made.</summary>
public sealed partial class ServerTests : IClassFixture<ServerTests.Service>
{
    private readonly Service _service;

    public ServerTests(Service service) => _service = service;

    private HttpClient Client => _service.Client;

    [Fact]
    public async Task Known_users_unknown_users_filters_scores_and_explanations_are_answered()
    {
        JsonNode known = await Get("/v1/users/u3/recommendations?count=4&reasons=2");
        Assert.True(known["userKnown"]!.GetValue<bool>());
        Assert.Equal(4, known["items"]!.AsArray().Count);
        Assert.Equal(2, known["items"]![0]!["reasons"]!.AsArray().Count);
        JsonNode stranger = await Post("/v1/recommendations", new { user = "nobody", count = 3, where = new { genre = new[] { "Even" } } });
        Assert.False(stranger["userKnown"]!.GetValue<bool>());
        Assert.Equal("nobody", stranger["unknown"]![0]!["value"]!.GetValue<string>());
        Assert.Equal(3, stranger["items"]!.AsArray().Count);
        JsonNode chosen = await Post(
            "/v1/recommendations", new { user = "u3", includeSeen = true, allow = new[] { "i1", "i2", "i4" }, deny = new[] { "i2" } });
        Assert.Equal(["i1", "i4"], chosen["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()).Order());
        JsonNode scores = await Post("/v1/scores", new { user = "u3", items = new[] { "i2", "i1", "none" } });
        Assert.Equal(["i2", "i1"], scores["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()));
        JsonNode terms = await Post("/v1/explain", new { user = "u3", item = "i2" });
        Assert.Equal(scores["items"]![0]!["score"]!.GetValue<double>(), terms.AsArray().Sum(t => t!["value"]!.GetValue<double>()), 1e-3);
    }

    [Fact]
    public async Task Items_vectors_bundle_and_health_are_answered_and_the_identity_holds_over_http()
    {
        Assert.Equal("Title 7", (await Get("/v1/items/i7"))["title"]!.GetValue<string>());
        Assert.Equal(5, (await Get("/v1/items/i7/similar?count=5")).AsArray().Count);
        Assert.Equal("i7", (await Get("/v1/items?title=title%207"))[0]!["id"]!.GetValue<string>());
        Assert.NotEmpty((await Get("/v1/users/u3/items")).AsArray());
        JsonNode user = await Get("/v1/users/u3/vector"), item = await Get("/v1/items/i7/vector");
        double product = user["vector"]!.AsArray().Zip(item["vector"]!.AsArray(), (a, b) => a!.GetValue<double>() * b!.GetValue<double>())
            .Sum();
        double score = (await Post("/v1/scores", new { user = "u3", items = new[] { "i7" } }))["items"]![0]!["score"]!.GetValue<double>();
        Assert.Equal(score, product + user["term"]!.GetValue<double>(), 1e-4);
        Assert.NotEmpty((await Get("/v1/bundle"))["versions"]!.AsArray());
        Assert.Equal("ready", (await Get("/health/ready"))["status"]!.GetValue<string>());
        Assert.Equal("live", (await Get("/health/live"))["status"]!.GetValue<string>());
        Assert.Contains("<title>Facto</title>", await Client.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync("/docs/")).StatusCode);
    }

    [Theory]
    [InlineData("/v1/items/none/similar", 404, "item 'none' is unknown")]
    [InlineData("/v1/users/none/vector", 404, "user 'none' is unknown")]
    [InlineData("/v1/users/u1/recommendations?count=0", 400, "count is 0; it must be 1 to 10000")]
    public async Task An_error_is_problem_details_with_one_sentence(string path, int status, string sentence)
    {
        using HttpResponseMessage reply = await Client.GetAsync(path);
        Assert.Equal((status, "application/problem+json"), ((int)reply.StatusCode, reply.Content.Headers.ContentType!.MediaType));
        Assert.Contains(
            sentence, (await reply.Content.ReadFromJsonAsync<JsonNode>())!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "usr": "u1" }""", "usr")]
    [InlineData("""{ "user": """, "JSON")]
    [InlineData("""{ "user": "u1", "user": "u2" }""", "user")]
    [InlineData("""{ "features": null }""", "features")]
    [InlineData("""{ "features": { "user": null } }""", "features.user is null")]
    [InlineData("""{ "features": { "user": [null] } }""", "features.user[0] is null")]
    [InlineData("""{ "where": { "genre": null } }""", "where.genre is null")]
    [InlineData("""{ "deny": [1] }""", "deny[0] is 1")]
    [InlineData("""{ "popularityDial": "1,5" }""", "popularityDial")]
    [InlineData("""{ "user": "\ud800" }""", "user")]
    [InlineData("[]", "a list")]
    [InlineData("""{ "user": "u1", "count": "ten" }""", "count is a string")]
    [InlineData("""{ "features": { "mood": ["sad"] } }""", "mood")]
    [InlineData("""{ "where": { "mood": ["sad"] } }""", "mood")]
    public async Task A_wrong_body_is_refused_by_a_sentence_that_names_what_is_wrong(string body, string named)
    {
        using HttpResponseMessage reply =
            await Client.PostAsync("/v1/recommendations", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        string detail = (await reply.Content.ReadFromJsonAsync<JsonNode>())!["detail"]!.GetValue<string>();
        Assert.Contains(named, detail, StringComparison.Ordinal);
        Assert.DoesNotMatch("   at |System\\.|Facto\\.", detail);
    }

    [Fact]
    public async Task The_openapi_document_lists_every_endpoint()
    {
        JsonNode document = await Get("/openapi/facto.json");
        string version = typeof(FactoServer).Assembly.GetName().Version!.ToString(3);
        Assert.Equal(
            ("Facto", version), (document["info"]!["title"]!.GetValue<string>(), document["info"]!["version"]!.GetValue<string>()));
        string[] paths = [.. document["paths"]!.AsObject().Select(p => p.Key.TrimEnd('/'))];
        string[] expected =
        [
            "/health/live", "/health/ready", "/health/startup", "/v1/bundle", "/v1/bundles/reload", "/v1/bundles/{version}/activate",
                "/v1/explain", "/v1/item",
            "/v1/items", "/v1/items/vector", "/v1/items/{id}", "/v1/items/{id}/similar", "/v1/items/{id}/vector", "/v1/recommendations",
                "/v1/scores", "/v1/similar",
            "/v1/trace", "/v1/users/items", "/v1/users/vector", "/v1/users/{id}/items", "/v1/users/{id}/recommendations",
                "/v1/users/{id}/vector",
        ];
        Assert.Equal(expected, paths.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_page_of_the_openapi_document_needs_nothing_from_outside()
    {
        string page = await Client.GetStringAsync("/docs/");
        string[] scripts = [.. ScriptSources().Matches(page).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(scripts);
        foreach (string script in scripts)
        {
            var address = new Uri(new Uri(Client.BaseAddress!, "/docs/"), script);
            Assert.Equal(Client.BaseAddress!.Authority, address.Authority);
            using HttpResponseMessage reply = await Client.GetAsync(address);
            Assert.Equal(
                (HttpStatusCode.OK, "text/javascript"),
                (reply.StatusCode, reply.Content.Headers.ContentType!.MediaType!.Replace("application", "text", StringComparison.Ordinal)));
            Assert.NotEmpty(await reply.Content.ReadAsByteArrayAsync());
        }

        Assert.Contains("openapi/facto.json", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("https?://(?!127\\.0\\.0\\.1)", page);
    }

    [GeneratedRegex("<script[^>]* src=\"([^\"]+)\"")]
    private static partial Regex ScriptSources();

    [Fact]
    public async Task Bundles_are_swapped_under_load_with_no_failed_request_and_a_damaged_one_is_refused()
    {
        using Service own = new();
        Assert.Equal(0, FactoProcess.Run(own.Folder.Path, "train", "--quiet", "--version", "b", "-k", "4").Code);
        using var stop = new CancellationTokenSource();
        var versions = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        int failed = 0;
        Task[] load = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using HttpResponseMessage reply = await own.Client.GetAsync("/v1/users/u5/recommendations?count=5");
                if (!reply.IsSuccessStatusCode) { Interlocked.Increment(ref failed); continue; }
                JsonNode body = (await reply.Content.ReadFromJsonAsync<JsonNode>())!;
                if (body["items"]!.AsArray().Count != 5) { Interlocked.Increment(ref failed); }
                versions.AddOrUpdate(body["version"]!.GetValue<string>(), 1, (_, n) => n + 1);
            }
        }))];
        for (int swap = 0; swap < 30; swap++)
        {
            using HttpResponseMessage swapped = await own.Client.PostAsync($"/v1/bundles/{(swap % 2 == 0 ? "b" : "a")}/activate", null);
            Assert.Equal(HttpStatusCode.OK, swapped.StatusCode);
            await Task.Delay(20);
        }

        string model = Path.Combine(own.Bundles, "b", "model.facto");
        byte[] bytes = File.ReadAllBytes(model);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(model, bytes);
        using HttpResponseMessage refused = await own.Client.PostAsync("/v1/bundles/b/activate", null);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal("a", BundleFolder.Current(own.Bundles));
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal(0, failed);
        Assert.True(versions.GetValueOrDefault("a") > 0 && versions.GetValueOrDefault("b") > 0, string.Join(", ", versions));
    }

    private async Task<JsonNode> Get(string path) => (await Client.GetFromJsonAsync<JsonNode>(path))!;

    private async Task<JsonNode> Post(string path, object body)
    {
        using HttpResponseMessage reply = await Client.PostAsJsonAsync(path, body);
        Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
        return (await reply.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public sealed class Service : IDisposable
    {
        private readonly WebApplication _app;

        public Service()
        {
            Folder = new Folder().WithProject();
            Assert.Equal(0, FactoProcess.Run(Folder.Path, "train", "--quiet", "--version", "a").Code);
            _app = FactoServer.Build(new FactoServerOptions { BundleFolder = Bundles, Url = "http://127.0.0.1:0" });
            _app.StartAsync().GetAwaiter().GetResult();
            Client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        }

        internal Folder Folder { get; }

        public string Bundles => Folder.File("out", "bundles");

        public HttpClient Client { get; }

        public void Dispose()
        {
            Client.Dispose();
            _app.StopAsync().GetAwaiter().GetResult();
            Folder.Dispose();
        }
    }
}
