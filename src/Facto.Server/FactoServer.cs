using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Server.Bundles;
using Facto.Server.Console;
using Facto.Server.Health;
using Facto.Server.Items;
using Facto.Server.Recommendations;
using Facto.Server.Vectors;
using Scalar.AspNetCore;

namespace Facto.Server;

/// <summary>What is served and where.</summary>
public sealed record FactoServerOptions
{
    /// <summary>A folder of bundles (its current one is served, and a change of it is followed) or one bundle.</summary>
    public required string BundleFolder { get; init; }

    /// <summary>Address to listen on; port 0 takes any free one.</summary>
    public string Url { get; init; } = "http://127.0.0.1:5080";

    /// <summary>How often the folder is looked at for a new current bundle.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>The online service. One line per feature; each folder holds one feature's endpoints.</summary>
public static class FactoServer
{
    /// <summary>Builds the service; the bundle is opened and tried here.</summary>
    /// <exception cref="FactoException">There is no bundle.</exception>
    /// <exception cref="InvalidDataException">The bundle is damaged.</exception>
    public static WebApplication Build(FactoServerOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(options.Url);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<BundleStore>();
        builder.Services.AddHostedService<BundleWatcher>();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<ErrorReply>();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);   // so that ErrorReply says what is wrong with a body
        builder.Services.AddOpenApi(document => document.AddDocumentTransformer((api, _, _) =>
        {
            api.Info.Title = "Facto";
            api.Info.Version = typeof(FactoServer).Assembly.GetName().Version!.ToString(3);
            api.Info.Description = "Recommendations from a factorization machine: lists, scores, reasons and vectors.";
            return Task.CompletedTask;
        }));
        builder.AddConsole();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        });
        WebApplication app = builder.Build();
        app.Services.GetRequiredService<BundleStore>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapOpenApi();
        app.MapScalarApiReference("/docs", page => page.WithTitle("Facto").DisableDefaultFonts());
        app.MapRecommendations();
        app.MapItems();
        app.MapVectors();
        app.MapBundles();
        app.MapHealth();
        app.MapConsole();
        return app;
    }
}
