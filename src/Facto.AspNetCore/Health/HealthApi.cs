using Facto.AspNetCore.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Facto.AspNetCore.Health;

/// <summary>A sign of life.</summary>
/// <param name="Status">"live", "ready" or "started".</param>
/// <param name="Version">The bundle that answers.</param>
internal sealed record HealthReply(string Status, string Version);

internal static class HealthApi
{
    // Open to whoever probes, also where the rest asks who comes: they say nothing but a version.
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/health").WithTags("Health").AllowAnonymous();
        group.MapGet("/live", (IRecommenderSource source) => Reply("live", source)).Named("Live", "The process answers");
        group.MapGet("/ready", (IRecommenderSource source) => Reply("ready", source)).Named("Ready", "A bundle is open, tried and answers");
        group.MapGet("/startup", (IRecommenderSource source) => Reply("started", source)).Named("Startup", "The first bundle is open");
    }

    private static Answer<HealthReply> Reply(string status, IRecommenderSource source) =>
        Answers.With(new HealthReply(status, source.Current.Bundle.Manifest.Version));
}
