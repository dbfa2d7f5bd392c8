using Facto.AspNetCore.Bundles;
using Facto.AspNetCore.Health;
using Facto.AspNetCore.Items;
using Facto.AspNetCore.OpenApi;
using Facto.AspNetCore.Recommendations;
using Facto.AspNetCore.Requests;
using Facto.AspNetCore.Vectors;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the service's addresses into an app.</summary>
public static class FactoEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the REST interface (/v1), health (/health/live, ready, startup), the OpenAPI document (/openapi/facto.json) and its page
    /// (/docs), below the prefix of the group that it is called on, if any.
    /// </summary>
    /// <param name="endpoints">The app, or a group of it.</param>
    /// <returns>For conventions on all of it, such as <c>RequireAuthorization()</c>; health stays open.</returns>
    /// <exception cref="InvalidOperationException">AddFacto was not called.</exception>
    public static IEndpointConventionBuilder MapFacto(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(
            typeof(Facto.AspNetCore.IRecommenderSource)) == false)
        {
            throw new InvalidOperationException("MapFacto() needs builder.Services.AddFacto(…) before builder.Build()");
        }

        RouteGroupBuilder group = endpoints.MapGroup(string.Empty).WithFactoConventions();
        group.MapRecommendations();
        group.MapItems();
        group.MapVectors();
        group.MapBundles();
        group.MapHealth();
        group.MapOpenApiPages();
        return group;
    }
}
