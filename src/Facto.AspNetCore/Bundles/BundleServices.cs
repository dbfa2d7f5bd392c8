using Facto.AspNetCore.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Facto.AspNetCore.Bundles;

internal static class BundleServices
{
    public static FactoBuilder AddBundles(this FactoBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FactoOptions>, BundleFolderValidator>());
        services.TryAddSingleton<BundleStore>();
        services.TryAddSingleton<IRecommenderSource>(provider => provider.GetRequiredService<BundleStore>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BundleWatcher>());
        return builder;
    }
}
