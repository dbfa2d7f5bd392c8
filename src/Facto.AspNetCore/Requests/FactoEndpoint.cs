using System.Reflection;
using Facto.AspNetCore.Access;
using Facto.AspNetCore.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Facto.AspNetCore.Requests;

/// <summary>Marks an endpoint as the service's own.</summary>
internal sealed class FactoEndpoint
{
    public static readonly FactoEndpoint Mark = new();
}

/// <summary>Marks an endpoint as one of the REST interface, by its name in the OpenAPI document.</summary>
/// <param name="Name">Unique in the document; no route name, because those are shared with the host's own endpoints.</param>
internal sealed record Operation(string Name);

/// <summary>
/// What holds for every endpoint of the service, in whosever app it is: who may ask, what a query may say, and that every error is told.
/// </summary>
internal static class EndpointConventions
{
    public static RouteGroupBuilder WithFactoConventions(this RouteGroupBuilder group)
    {
        group.WithMetadata(FactoEndpoint.Mark);
        ((IEndpointConventionBuilder)group).Finally(Surround);
        return group;
    }

    /// <summary>Names an endpoint of the REST interface and says what it does.</summary>
    public static RouteHandlerBuilder Named(this RouteHandlerBuilder endpoint, string name, string summary) =>
        endpoint.WithMetadata(new Operation(name)).WithSummary(summary).ProducesProblem(StatusCodes.Status400BadRequest);

    // Around the delegate and not as a filter: what fails while the framework binds arguments never reaches a filter.
    public static void Surround(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is not { } inner) { return; }
        IServiceProvider services = endpoint.ApplicationServices;
        ILogger log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Facto");
        var access = services.GetRequiredService<RequestAccess>();
        QueryRules? query = endpoint.Metadata.OfType<Operation>().Any()
            && endpoint.Metadata.OfType<MethodInfo>().FirstOrDefault() is { } handler
            ? new QueryRules(handler, (endpoint as RouteEndpointBuilder)?.RoutePattern)
            : null;
        endpoint.RequestDelegate = async context =>
        {
            try
            {
                access.Check(context);
                query?.Check(context.Request.Query);
                await inner(context);
            }
            catch (Exception e)
            {
                await Problems.Answer(context, e, log);
            }
        };
    }
}
