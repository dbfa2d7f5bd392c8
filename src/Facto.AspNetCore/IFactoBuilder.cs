using Microsoft.Extensions.DependencyInjection;

namespace Facto.AspNetCore;

/// <summary>What <c>AddFacto</c> returns; optional parts of the service are added to it.</summary>
public interface IFactoBuilder
{
    /// <summary>The host's services.</summary>
    IServiceCollection Services { get; }
}

internal sealed class FactoBuilder(IServiceCollection services) : IFactoBuilder
{
    public IServiceCollection Services { get; } = services;
}
