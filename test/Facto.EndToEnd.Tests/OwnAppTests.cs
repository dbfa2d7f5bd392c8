using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Facto.AspNetCore;
using Facto.Serving;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Facto.EndToEnd.Tests;

/// <summary>The service inside somebody's own app.</summary>
public sealed class OwnAppTests(ServerTests.Service service) : IClassFixture<ServerTests.Service>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recommender_of_the_apps_own_answers_under_a_prefix_and_may_be_exchanged_at_any_time()
    {
        var source = new Exchanged { Current = new Recommender(BundleFolder.Open(service.Bundles)) };
        await using WebApplication app = await Start(services => services.AddFacto(source).AddConsole(), a =>
        {
            a.MapGet("/", () => "own");
            a.MapGroup("/reco").MapFacto();
            a.MapFactoConsole("/reco/console");
        });
        using HttpClient client = Client(app);
        Assert.Equal(
            "a", (await client.GetFromJsonAsync<JsonNode>("/reco/v1/users/u3/recommendations", Stop))!["version"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/v1/users/u3/recommendations", Stop)).StatusCode);
        Assert.Equal("own", await client.GetStringAsync("/", Stop));
        Assert.Equal(HttpStatusCode.Conflict, (await client.PostAsync("/reco/v1/bundles/reload", null, Stop)).StatusCode);
        string page = await client.GetStringAsync("/reco/console", Stop);
        Assert.Contains("<base href=\"/reco/console/\"", page, StringComparison.Ordinal);
        // Scalar's page takes its own path from the address that it is at, and puts what follows behind the rest.
        string docs = await client.GetStringAsync("/reco/docs/", Stop);
        Assert.Contains("'%2Freco%2Fdocs%2F'", docs, StringComparison.Ordinal);
        Assert.Contains("\"url\":\"reco/openapi/facto.json\"", docs, StringComparison.Ordinal);
        // the app's own page is not in it
        JsonNode document = (await client.GetFromJsonAsync<JsonNode>("/reco/openapi/facto.json", Stop))!;
        Assert.All(document["paths"]!.AsObject(), p => Assert.StartsWith("/reco/", p.Key, StringComparison.Ordinal));

        Assert.Equal(0, FactoProcess.Run(service.Folder.Path, "train", "--quiet", "--version", "own-b").Code);
        source.Current = new Recommender(Bundle.Open(Path.Combine(service.Bundles, "own-b")));
        Assert.Equal("own-b", (await client.GetFromJsonAsync<JsonNode>("/reco/health/ready", Stop))!["version"]!.GetValue<string>());
    }

    [Fact]
    public async Task Every_wrong_option_is_told_at_once_when_the_app_starts()
    {
        var settings =
            new Dictionary<string, string?>
            {
                ["BundleFolder"] = "/none",
                ["PollInterval"] = "00:00:00",
                ["MaxRequestBytes"] = "1",
                ["AllowedHosts:0"] = "http://x"
            };
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => Start(services => services.AddFacto(configuration), _ => { }));
        Assert.Equal(4, e.Failures.Count());
        foreach (string name in settings.Keys.Select(k => k.Split(':')[0]))
        {
            Assert.Contains(e.Failures, f => f.StartsWith(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_option_that_is_misspelt_is_named()
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["BundelFolder"] = "x" }).Build();
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => Start(services => services.AddFacto(configuration), _ => { }));
        Assert.Contains("BundelFolder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beyond_loopback_an_app_starts_only_with_authorization_of_its_own()
    {
        await Assert.ThrowsAsync<FactoException>(() => Start(Serve, app => app.MapFacto(), "http://0.0.0.0:0"));
        await using WebApplication guarded = await Start(services =>
        {
            Serve(services);
            services.AddAuthorization().AddAuthentication("none").AddScheme<AuthenticationSchemeOptions, Nobody>("none", null);
        }, app => app.MapFacto().RequireAuthorization(), "http://0.0.0.0:0");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{new Uri(guarded.Urls.First()).Port}") };
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/v1/bundle", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live", Stop)).StatusCode);
    }

    [Fact]
    public void Facto_serve_refuses_an_address_beyond_loopback()
    {
        (int code, _, string error) = FactoProcess.Run(service.Folder.Path, "serve", "--url", "http://0.0.0.0:0");
        Assert.Equal(2, code);
        Assert.Contains("can be reached by other machines", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_of_the_service_is_logged_with_its_cause_and_told_without_it()
    {
        var log = new Lines();
        await using WebApplication app =
            await Start(services => services.AddSingleton<ILoggerProvider>(log).AddFacto(new Broken()), a => a.MapFacto());
        using HttpClient client = Client(app);
        using HttpResponseMessage reply = await client.GetAsync("/v1/bundle", Stop);
        Assert.Equal(
            (HttpStatusCode.InternalServerError, "application/problem+json"),
            (reply.StatusCode, reply.Content.Headers.ContentType!.MediaType));
        Assert.DoesNotContain("the cause", await reply.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Contains(log.All, l => l.Contains("the cause", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Seen_items_come_back_when_the_service_is_set_so()
    {
        await using WebApplication app =
            await Start(services => services.AddFacto(o => (o.BundleFolder, o.HideSeen) = (service.Bundles, false)), a => a.MapFacto());
        using HttpClient client = Client(app);
        string[] all = Ids(await client.GetFromJsonAsync<JsonNode>("/v1/users/u3/recommendations?count=30", Stop));
        string[] hidden = Ids(await client.GetFromJsonAsync<JsonNode>("/v1/users/u3/recommendations?count=30&includeSeen=false", Stop));
        Assert.True(all.Length > hidden.Length);
        Assert.Equal(hidden, Ids(await service.Client.GetFromJsonAsync<JsonNode>("/v1/users/u3/recommendations?count=30", Stop)));
    }

    [Fact]
    public async Task A_bundle_says_whether_seen_items_come_back_until_a_request_says_otherwise()
    {
        using Folder folder = new Folder().WithProject();
        Assert.Equal(0, FactoProcess.Run(folder.Path, "train", "--quiet", "--set", "retrieval.hideSeen=false").Code);
        await using WebApplication app =
            await Start(services => services.AddFacto(o => o.BundleFolder = folder.File("out", "bundles")), a => a.MapFacto());
        using HttpClient client = Client(app);
        string[] all = Ids(await client.GetFromJsonAsync<JsonNode>("/v1/users/u3/recommendations?count=30", Stop));
        string[] hidden = Ids(await client.GetFromJsonAsync<JsonNode>("/v1/users/u3/recommendations?count=30&includeSeen=false", Stop));
        Assert.Equal(30, all.Length);
        Assert.True(hidden.Length < 30, $"{hidden.Length} items");
    }

    private static string[] Ids(JsonNode? list) => [.. list!["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>())];

    private void Serve(IServiceCollection services) => services.AddFacto(o => o.BundleFolder = service.Bundles);

    private static async Task<WebApplication> Start(
        Action<IServiceCollection> services, Action<WebApplication> map, string url = "http://127.0.0.1:0")
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        services(builder.Services);
        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync(Stop);
        return app;
    }

    private static HttpClient Client(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.First()) };

    private sealed class Exchanged : IRecommenderSource
    {
        public required Recommender Current { get; set; }
    }

    private sealed class Broken : IRecommenderSource
    {
        public Recommender Current => throw new InvalidOperationException("the cause");
    }

    private sealed class Nobody(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, System.Text.Encodings.Web.UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (All) { All.Add($"{formatter(state, exception)} {exception}"); }
        }

        public void Dispose()
        {
        }
    }
}
