using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Facto.EndToEnd.Tests;

/// <summary>Every mistake of a client is a 4xx with problem details, and nothing is changed for pages and names of others.</summary>
public sealed class RefusedRequestTests(ServerTests.Service service) : IClassFixture<ServerTests.Service>
{
    [Theory]
    [InlineData("/v1/users/u1/recommendations?cuont=3", 400, "'cuont' is no query parameter here")]
    [InlineData("/v1/users/u1/recommendations?count=ten", 400, "count is 'ten'; it must be a whole number")]
    [InlineData("/v1/users/u1/recommendations?count=1&count=2", 400, "count is given 2 times")]
    [InlineData("/v1/users/u1/recommendations?popularity=1,5", 400, "popularity is '1,5'; it must be a finite number")]
    [InlineData("/v1/users/u1/recommendations?popularity=NaN", 400, "popularity is 'NaN'")]
    [InlineData("/v1/users/u1/recommendations?thompson=-1", 400, "thompson is '-1'")]
    [InlineData("/v1/bundle?x=1", 400, "this address has none")]
    [InlineData("/v1/nowhere", 404, "there is nothing at /v1/nowhere")]
    [InlineData("/v1/scores", 405, "GET is not allowed here")]
    public async Task A_wrong_address_is_told_whatever_the_client_accepts(string path, int status, string sentence)
    {
        foreach (string accept in (string[])["application/json", "text/html"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.ParseAdd(accept);
            using HttpResponseMessage reply = await service.Client.SendAsync(request);
            Assert.Contains(sentence, await Detail(reply, status), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("application/json; charset=klingon", 415)]
    public async Task A_body_of_another_kind_is_refused(string type, int status)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using HttpResponseMessage reply = await service.Client.PostAsync("/v1/recommendations", content);
        await Detail(reply, status);
    }

    [Fact]
    public async Task Items_that_are_null_and_a_body_that_is_too_long_are_refused()
    {
        using HttpResponseMessage none = await service.Client.PostAsync("/v1/scores", Json("""{ "items": null }"""));
        Assert.Contains("items is null", await Detail(none, 400), StringComparison.Ordinal);
        using HttpResponseMessage large =
            await service.Client.PostAsync("/v1/recommendations", Json($$"""{ "user": "{{new string('x', 5 << 20)}}" }"""));
        Assert.Contains("longer than", await Detail(large, 413), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:99999", "/v1/bundle", 400)]
    [InlineData("127.0.0.1:99999", "/openapi/facto.json", 400)]
    [InlineData("127.0.0.1:99999", "/", 400)]
    [InlineData("127.0.0.1:99999", "/nowhere", 404)]
    public async Task A_host_that_is_none_is_the_clients_mistake(string host, string path, int status)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        string reply = await reader.ReadToEndAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", reply, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Host", "evil.example")]
    public async Task Pages_and_names_of_others_change_nothing(string header, string value)
    {
        foreach (string path in (string[])["/v1/bundles/reload", "/v1/bundles/a/activate", "/_blazor/negotiate?negotiateVersion=1"])
        {
            using var request =
                new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(string.Empty, Encoding.UTF8, "text/plain") };
            request.Headers.TryAddWithoutValidation(header, value);
            using HttpResponseMessage reply = await service.Client.SendAsync(request);
            await Detail(reply, 403);
        }
    }

    [Fact]
    public async Task The_services_own_pages_and_clients_without_an_origin_may()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/bundles/reload");
        request.Headers.Add("Origin", service.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        using HttpResponseMessage own = await service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        using HttpResponseMessage plain = await service.Client.PostAsync("/v1/bundles/reload", null);
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        using HttpResponseMessage unknown = await service.Client.PostAsync("/v1/bundles/none/activate", null);
        Assert.Contains("there is no bundle version 'none'; there are a", await Detail(unknown, 404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_users_vector_is_had_by_post()
    {
        JsonNode known = (await service.Client.GetFromJsonAsync<JsonNode>("/v1/users/u3/vector"))!;
        using HttpResponseMessage posted = await service.Client.PostAsync("/v1/users/vector", Json("""{ "user": "u3" }"""));
        JsonNode same = (await posted.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal(known.ToJsonString(), same.ToJsonString());
        using HttpResponseMessage stranger =
            await service.Client.PostAsync("/v1/users/vector", Json("""{ "features": { "user": ["nobody"] } }"""));
        JsonNode unknown = (await stranger.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal("nobody", unknown["unknown"]![0]!["value"]!.GetValue<string>());
        Assert.All(unknown["vector"]!.AsArray().Skip(1), v => Assert.Equal(0, v!.GetValue<float>()));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<string> Detail(HttpResponseMessage reply, int status)
    {
        string text = await reply.Content.ReadAsStringAsync();
        Assert.True(
            (status, "application/problem+json") == ((int)reply.StatusCode, reply.Content.Headers.ContentType?.MediaType),
            $"{(int)reply.StatusCode} {text}");
        JsonNode problem = JsonNode.Parse(text)!;
        Assert.Equal(status, problem["status"]!.GetValue<int>());
        return problem["detail"]!.GetValue<string>();
    }
}
