using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Facto.AspNetCore.Configuration;

internal static class ConfigurationServices
{
    public static void AddFactoConfiguration(this IServiceCollection services)
    {
        services.AddOptions<FactoOptions>().ValidateOnStart();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IValidateOptions<FactoOptions>, PollIntervalValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<FactoOptions>, RequestLimitValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<FactoOptions>, AllowedHostsValidator>(),
        ]);
    }
}
