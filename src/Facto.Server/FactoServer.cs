using System.Xml.Linq;
using Facto.AspNetCore;
using Facto.AspNetCore.Access;
using Facto.AspNetCore.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Facto.Server;

/// <summary>What is served and where.</summary>
public sealed record FactoServerOptions
{
    /// <summary>A folder of bundles (its current one is served, and a change of it is followed) or one bundle.</summary>
    public required string BundleFolder { get; init; }

    /// <summary>Address to listen on, of this machine alone; port 0 takes any free one.</summary>
    public string Url { get; init; } = "http://127.0.0.1:5080";

    /// <summary>How often the folder is looked at for a new current bundle.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether what a user has had already is left out of lists when a request does not say; null does as the bundle was
    /// made to.</summary>
    public bool? HideSeen { get; init; }
}

/// <summary>The ready-made host: Facto.AspNetCore at the root, the console as start page.</summary>
public static class FactoServer
{
    /// <summary>Builds the service; the bundle is opened and tried here.</summary>
    /// <exception cref="FactoException">There is no bundle, or the address can be reached by other machines.</exception>
    /// <exception cref="InvalidDataException">The bundle is damaged.</exception>
    public static WebApplication Build(FactoServerOptions options)
    {
        if (RemoteProblem(options.Url) is { } problem) { throw new FactoException(problem); }
        WebApplicationBuilder builder =
            WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(options.Url).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);
        // A circuit of the console lives no longer than the service, and so do the keys that protect it.
        builder.Services.Configure<KeyManagementOptions>(
            keys => (keys.XmlRepository, keys.XmlEncryptor) = (new KeysInMemory(), new NullXmlEncryptor()));
        builder.Services.AddFacto(facto =>
        {
            facto.BundleFolder = options.BundleFolder;
            facto.PollInterval = options.PollInterval;
            facto.HideSeen = options.HideSeen;
        }).AddConsole();
        WebApplication app = builder.Build();
        Open(app);
        ILogger log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Facto");
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = context => Problems.Answer(context, context.Features.Get<IExceptionHandlerFeature>()!.Error, log),
            SuppressDiagnosticsCallback = _ => true,   // Problems logs what is the service's fault
        });
        app.UseStatusCodePages(context => Problems.Write(context.HttpContext, context.HttpContext.Response.StatusCode));
        app.MapFacto();
        app.MapFactoConsole("/");
        return app;
    }

    /// <summary>What is wrong with an address that other machines could reach; null when only this machine can.</summary>
    /// <param name="url">Such as http://127.0.0.1:5080.</param>
    public static string? RemoteProblem(string url) => Loopback.IsAddress(url)
        ? null
        : $"'{url}' can be reached by other machines, and nothing would ask them for a key: keys come with the live service. Until then "
            + "listen on http://127.0.0.1:5080 "
            + "and let a proxy on this machine ask who comes, or map Facto.AspNetCore into an app with authorization of its own";

    // Now and not at the start, so that whoever builds the service is told in one sentence.
    private static void Open(WebApplication app)
    {
        try
        {
            app.Services.GetRequiredService<IRecommenderSource>();
        }
        catch (OptionsValidationException e)
        {
            throw new FactoException(string.Join("; ", e.Failures), e);
        }
    }

    private sealed class KeysInMemory : IXmlRepository
    {
        private readonly List<XElement> _keys = [];

        public IReadOnlyCollection<XElement> GetAllElements()
        {
            lock (_keys) { return [.. _keys.Select(k => new XElement(k))]; }
        }

        public void StoreElement(XElement element, string friendlyName)
        {
            lock (_keys) { _keys.Add(new XElement(element)); }
        }
    }
}
