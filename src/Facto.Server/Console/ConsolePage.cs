using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using MudBlazor.Services;

namespace Facto.Server.Console;

/// <summary>The web console at /: who gets what, why, and how good the model is. Its components read the bundle in the service's own process.</summary>
internal static class ConsolePage
{
    public static void AddConsole(this WebApplicationBuilder builder)
    {
        StaticWebAssetsLoader.UseStaticWebAssets(builder.Environment, builder.Configuration);
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddMudServices();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();   // a circuit lives no longer than the service: no keys on disk
    }

    public static void MapConsole(this WebApplication app)
    {
        app.UseAntiforgery();
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, $"{app.Environment.ApplicationName}.staticwebassets.endpoints.json"))) { app.MapStaticAssets(); }
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }
}
