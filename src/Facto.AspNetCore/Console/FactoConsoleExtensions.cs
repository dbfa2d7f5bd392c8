using Facto.AspNetCore;
using Facto.AspNetCore.Access;
using Facto.AspNetCore.Console;
using Facto.AspNetCore.Requests;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace Microsoft.AspNetCore.Builder;

/// <summary>
/// The web console: who gets what, why, and how good the model is. Its components read the recommender in the app's own process.
/// </summary>
public static class FactoConsoleExtensions
{
    /// <summary>Adds what <see cref="MapFactoConsole"/> needs.</summary>
    /// <param name="builder">What AddFacto returned.</param>
    public static IFactoBuilder AddConsole(this IFactoBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddMudServices();
        return builder;
    }

    /// <summary>Maps the web console; it needs no file beside the app and nothing from the internet.</summary>
    /// <param name="endpoints">The app, or a group of it.</param>
    /// <param name="path">Where, such as "/facto"; "/" for the app's start page.</param>
    /// <returns>For conventions on all of it, such as <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="InvalidOperationException">AddConsole was not called.</exception>
    public static IEndpointConventionBuilder MapFactoConsole(this IEndpointRouteBuilder endpoints, string path = "/facto")
    {
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(IDialogService)) == false)
        {
            throw new InvalidOperationException("MapFactoConsole() needs builder.Services.AddFacto(…).AddConsole() before builder.Build()");
        }

        RouteGroupBuilder group = endpoints.MapGroup(path == "/" ? string.Empty : path).WithFactoConventions();
        group.WithMetadata(ChangesState.Mark);   // of other origins: no web socket
        group.MapGet("/_assets/{version}/{name}", ConsoleAssets.Send).ExcludeFromDescription();
        RazorComponentsEndpointConventionBuilder pages = group.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        pages.DisableAntiforgery();   // there is no form: everything goes over the web socket
        pages.Add(EndWithSlash);
        return group;
    }

    // What the page loads is named relative to its address, so the address must end where a folder's would.
    private static void EndWithSlash(EndpointBuilder endpoint)
    {
        if (!endpoint.Metadata.OfType<ComponentTypeMetadata>().Any() || endpoint.RequestDelegate is not { } inner) { return; }
        endpoint.RequestDelegate = context =>
        {
            HttpRequest request = context.Request;
            if (request.Path.Value is not { } path || path.EndsWith('/')) { return inner(context); }
            context.Response.Redirect($"{request.PathBase}{request.Path}/{request.QueryString}");
            return Task.CompletedTask;
        };
    }
}
