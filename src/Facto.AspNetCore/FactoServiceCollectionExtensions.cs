using Facto.AspNetCore;
using Facto.AspNetCore.Access;
using Facto.AspNetCore.Bundles;
using Facto.AspNetCore.Configuration;
using Facto.AspNetCore.Health;
using Facto.AspNetCore.OpenApi;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the recommendation service to an app. Every part is added only where the host has not put its own.</summary>
public static class FactoServiceCollectionExtensions
{
    /// <summary>Serves the current bundle of a folder and follows it.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options; <see cref="FactoOptions.BundleFolder"/> is needed.</param>
    public static IFactoBuilder AddFacto(this IServiceCollection services, Action<FactoOptions> configure)
    {
        services.Configure(configure);
        return services.AddCore().AddBundles();
    }

    /// <summary>Serves the current bundle of a folder and follows it.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The section with the options, usually <c>builder.Configuration.GetSection("Facto")</c>; a misspelt name
    /// is refused at start.</param>
    public static IFactoBuilder AddFacto(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<FactoOptions>().Bind(configuration, binder => binder.ErrorOnUnknownConfiguration = true);
        return services.AddCore().AddBundles();
    }

    /// <summary>Serves one recommender that the host has made.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="recommender">What answers.</param>
    /// <param name="configure">Sets further options, or null.</param>
    public static IFactoBuilder AddFacto(
        this IServiceCollection services, Facto.Recommender recommender, Action<FactoOptions>? configure = null) =>
        services.AddFacto(new OneRecommender(recommender), configure);

    /// <summary>Serves whatever recommender the host's source names at each request.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="source">Names the recommender of a request; any number of requests ask at once.</param>
    /// <param name="configure">Sets further options, or null.</param>
    public static IFactoBuilder AddFacto(
        this IServiceCollection services, IRecommenderSource source, Action<FactoOptions>? configure = null)
    {
        if (configure is not null) { services.Configure(configure); }
        services.TryAddSingleton(source);
        return services.AddCore();
    }

    // The table of contents of the service: one line per concern.
    private static FactoBuilder AddCore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddFactoConfiguration();
        services.AddFactoAccess();
        services.AddFactoHealth();
        services.AddFactoOpenApi();
        return new FactoBuilder(services);
    }
}
