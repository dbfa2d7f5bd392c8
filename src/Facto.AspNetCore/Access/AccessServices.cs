using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Facto.AspNetCore.Access;

internal static class AccessServices
{
    public static void AddFactoAccess(this IServiceCollection services)
    {
        services.TryAddSingleton<RequestAccess>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StartAccess>());
    }
}
