using Facto.AspNetCore.Requests;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Facto.AspNetCore.Access;

/// <summary>
/// Stops a host at its start that other machines could reach and that lets anybody in: nothing listens beyond loopback without a key or the
/// host's own authorization. It runs when the server has told its addresses.
/// </summary>
internal sealed class StartAccess(EndpointDataSource endpoints, IServer server) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        string[] beyond = [.. (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Where(a => !Loopback.IsAddress(a))];
        if (beyond.Length == 0) { return Task.CompletedTask; }
        bool open = endpoints.Endpoints.Any(e => e.Metadata.GetMetadata<FactoEndpoint>() is not null
            && e.Metadata.GetMetadata<IAuthorizeData>() is null && e.Metadata.GetMetadata<IAllowAnonymous>() is null);
        return !open ? Task.CompletedTask : throw new FactoException(
            $"the app listens on {string.Join(", ", beyond)}, where other machines can reach Facto's endpoints, and nothing guards "
                + "them: listen on 127.0.0.1, "
            + "or call RequireAuthorization() on what MapFacto() and MapFactoConsole() return");
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
