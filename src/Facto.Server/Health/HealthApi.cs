using Facto.Server.Bundles;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Facto.Server.Health;

/// <summary>A sign of life.</summary>
/// <param name="Status">"live" or "ready".</param>
/// <param name="Version">The bundle that answers.</param>
public sealed record HealthReply(string Status, string Version);

internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/health").WithTags("Health");
        group.MapGet("/live", (BundleStore store) => Reply("live", store)).WithName("Live").WithSummary("The process answers");
        group.MapGet("/ready", (BundleStore store) => Reply("ready", store)).WithName("Ready").WithSummary("A bundle is open, tried and answers");
    }

    private static Ok<HealthReply> Reply(string status, BundleStore store) => TypedResults.Ok(new HealthReply(status, store.Current.Bundle.Manifest.Version));
}
