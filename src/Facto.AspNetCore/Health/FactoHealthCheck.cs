using Facto.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Facto.AspNetCore.Health;

/// <summary>For a host that collects the health of its parts (<c>MapHealthChecks</c>): healthy when the recommender answers.</summary>
internal sealed class FactoHealthCheck(IRecommenderSource source) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Recommender recommender = source.Current;
        recommender.Recommend(new RecommendationRequest { Count = 1 });
        return Task.FromResult(HealthCheckResult.Healthy($"bundle {recommender.Bundle.Manifest.Version}"));
    }
}

internal static class HealthServices
{
    public static void AddFactoHealth(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(FactoHealthCheck))) { return; }   // AddFacto twice is one check
        services.AddSingleton<FactoHealthCheck>();
        services.AddHealthChecks().AddCheck<FactoHealthCheck>("facto", tags: ["ready"]);
    }
}
