using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Facto.Package.Tests;

/// <summary>What a stranger does with the packages, in fresh projects outside of the tree.</summary>
[Trait("Category", "Slow")]
public sealed partial class PackageTests(FeedFixture feed, ITestOutputHelper output) : IClassFixture<FeedFixture>
{
    // The README's first lines; Facto.EndToEnd.Tests holds the two equal.
    private const string Program = "TenLines.cs";

    [Fact]
    public void A_console_app_restores_builds_and_runs()
    {
        feed.Need();
        string folder = feed.Project("shop", "Microsoft.NET.Sdk", "Facto", Program);
        string printed = feed.Run(folder, "dotnet", "run", "-c", "Release");
        Assert.True(printed.Split('\n').Count(l => l.StartsWith("item ", StringComparison.Ordinal)) >= 5, printed);
    }

    [Fact]
    public void A_console_app_is_published_ahead_of_time_without_a_warning_and_runs()
    {
        feed.Need();
        Assert.SkipUnless(File.Exists("/usr/bin/clang"), "clang is not installed");
        string folder = feed.Project(
            "native", "Microsoft.NET.Sdk", "Facto", Program,
            "<PublishAot>true</PublishAot><InvariantGlobalization>true</InvariantGlobalization>");
        string published = feed.Run(folder, "dotnet", "publish", "-c", "Release", "--use-current-runtime", "-o", "out");
        Assert.DoesNotContain("warning", published, StringComparison.OrdinalIgnoreCase);
        string program = Path.Combine(folder, "out", "native");
        feed.Run(folder, program);
        long begun = Stopwatch.GetTimestamp();
        string printed = feed.Run(folder, program);
        Assert.Contains("item ", printed, StringComparison.Ordinal);
        output.WriteLine(
            $"native program: {new FileInfo(program).Length:N0} bytes, from start to end "
                + $"{Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F0} ms");
        TestContext.Current.SendDiagnosticMessage(
            $"native program: {new FileInfo(program).Length:N0} bytes, from start to end "
                + $"{Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F0} ms");
    }

    [Fact]
    public async Task The_tool_is_installed_and_takes_a_table_to_a_list_and_an_app_serves_its_bundle_under_a_prefix_with_the_console()
    {
        feed.Need();
        feed.Run(feed.Root, "dotnet", "tool", "install", "Facto.Cli", "--version", feed.Version, "--tool-path", "tools");
        string facto = Path.Combine(feed.Root, "tools", "facto"),
            work = Directory.CreateDirectory(Path.Combine(feed.Root, "work")).FullName;
        File.WriteAllText(
            Path.Combine(work, "log.csv"),
            "user,item,time\n" + string.Concat(Enumerable.Range(0, 40).SelectMany(u => Enumerable.Range(0, 12)
            .Select(n => $"u{u},i{(((u * 7) + (n * 2)) % 30 / 2 * 2) + (u % 2)},{(u * 100) + n}\n"))));
        Assert.Matches(@"\d+\.\d+\.\d+", feed.Run(work, facto, "--version"));
        foreach (string verb in (string[])["init", "import", "train"]) { feed.Run(work, facto, verb); }
        JsonNode list = JsonNode.Parse(feed.Run(work, facto, "recommend", "--user", "u3", "--count", "4", "--json", "--quiet"))!;
        string[] expected = [.. list["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>())];
        Assert.Equal(4, expected.Length);

        string app = feed.Project("api", "Microsoft.NET.Sdk.Web", "Facto.AspNetCore", "Api.cs");
        feed.Run(app, "dotnet", "build", "-c", "Release");
        using Process process = feed.Start(app, "dotnet", [Path.Combine(app, "bin", "Release", "net10.0", "api.dll")],
            ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("Facto__BundleFolder", Path.Combine(work, "out", "bundles")));
        try
        {
            Task<string> complaints = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string url = string.Empty;
            while (url.Length == 0)
            {
                url = Address()
                    .Match(await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await complaints)).Value;
            }
            _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            using var client = new HttpClient { BaseAddress = new Uri(url) };
            JsonNode served = JsonNode.Parse(await client.GetStringAsync("/reco/v1/users/u3/recommendations?count=4"))!;
            Assert.Equal(expected, served["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()));
            Assert.Equal("the app's own page", await client.GetStringAsync("/"));
            Assert.Equal("Healthy", await client.GetStringAsync("/healthz"));
            Assert.Contains("/reco/v1/recommendations", await client.GetStringAsync("/reco/openapi/facto.json"), StringComparison.Ordinal);
            await CheckConsole(client);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static async Task CheckConsole(HttpClient client)
    {
        string page = await client.GetStringAsync("/facto");
        Assert.Contains("<base href=\"/facto/\"", page, StringComparison.Ordinal);
        string[] assets = [.. Assets().Matches(page).Select(m => m.Groups[1].Value)];
        Assert.Equal(3, assets.Length);
        foreach (string asset in assets)
        {
            using HttpResponseMessage reply = await client.GetAsync("/facto/" + asset);
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            Assert.True((await reply.Content.ReadAsByteArrayAsync()).Length > 10_000, asset);
        }

        using HttpResponseMessage circuit = await client.PostAsync("/facto/_blazor/negotiate?negotiateVersion=1", null);
        Assert.Equal(HttpStatusCode.OK, circuit.StatusCode);
        Assert.Equal(
            JsonValueKind.String,
            JsonDocument.Parse(await circuit.Content.ReadAsStringAsync()).RootElement.GetProperty("connectionToken").ValueKind);
    }

    [GeneratedRegex("http://127.0.0.1:[0-9]+")]
    private static partial Regex Address();

    [GeneratedRegex("(?:href|src)=\"(_assets/[^\"]+)\"")]
    private static partial Regex Assets();
}
