using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Import;
using Facto.Import.Life;
using Facto.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Facto.Cli.Commands;

/// <summary>`facto serve`: the online service over a folder of bundles.</summary>
internal static class ServeCommand
{
    internal const string DefaultUrl = "http://127.0.0.1:5080";

    public static Command Create()
    {
        var command = new VerbCommand("serve", "Answer over HTTP from the current bundle, with a web console",
            "facto serve",
            "facto serve --bundle out/bundles --url http://127.0.0.1:8080");
        var bundle = new BundleOptions();
        var url = new Option<string?>("--url")
        {
            Description = $"Address to listen on; the project's serving.address and serving.port when not given, {DefaultUrl} without a "
                + "project",
        };
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        bundle.AddTo(command);
        foreach (Option option in (Option[])[url, json, quiet]) { command.Options.Add(option); }
        command.SetAction(async (parsed, cancellation) =>
        {
            Report report = parsed.Report(json, quiet);
            Project? project = bundle.Project(parsed);
            var options = new FactoServerOptions
            {
                BundleFolder = bundle.Path(parsed, report),
                Url = parsed.GetValue(url) ?? (project is null ? DefaultUrl : UrlOf(project.File.Serving)),
                HideSeen = project?.File.Retrieval.HideSeen,
            };
            return await RunAsync(options, report, cancellation);
        });
        return command;
    }

    /// <summary>Serves until it is interrupted.</summary>
    public static async Task<int> RunAsync(FactoServerOptions options, Report report, CancellationToken cancellation)
    {
        string url = options.Url;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"--url is '{url}'; it must look like {DefaultUrl}");
        }
        if (FactoServer.RemoteProblem(url) is { } problem) { throw new UsageException(problem); }
        await RequireFreeAsync(address, cancellation);
        await using WebApplication app = FactoServer.Build(options);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e)
        {
            throw new FactoException(
                $"cannot listen on {url}: {e.InnerException?.Message ?? e.Message}; choose another address with --url", e);
        }

        string at = app.Urls.First();
        report.Note($"serving {options.BundleFolder}");
        report.Json(new JsonObject { ["url"] = at, ["console"] = at + "/", ["openapi"] = at + "/openapi/facto.json" });
        report.Say($"console   {at}/\nAPI page  {at}/docs\nOpenAPI   {at}/openapi/facto.json\nCtrl-C stops the service");
        using CancellationTokenRegistration stop = cancellation.Register(() => app.Lifetime.StopApplication());
        await app.WaitForShutdownAsync(CancellationToken.None);
        return FactoProgram.Ok;
    }

    private static string UrlOf(ServingSpec serving) =>
        new UriBuilder(Uri.UriSchemeHttp, serving.Address, serving.Port).Uri.GetLeftPart(UriPartial.Authority);

    // Tried before the host is built: a host that cannot listen writes its stack to the log.
    private static async Task RequireFreeAsync(Uri address, CancellationToken cancellation)
    {
        if (address.Port == 0) { return; }
        try
        {
            IPAddress[] hosts = await Dns.GetHostAddressesAsync(address.Host, cancellation);
            using var listener = new Socket(hosts[0].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(hosts[0], address.Port));
        }
        catch (SocketException e)
        {
            throw new FactoException(
                $"cannot listen on {address.GetLeftPart(UriPartial.Authority)}: {e.Message}; choose another address with --url", e);
        }
    }
}
