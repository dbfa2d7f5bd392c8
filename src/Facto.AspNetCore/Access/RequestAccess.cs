using System.Net;
using Facto.AspNetCore.Errors;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Facto.AspNetCore.Access;

/// <summary>
/// Which requests may be answered before there are keys. A page of another origin that a browser on this machine shows must not change
/// anything here: not by a form or a script of its own (Origin), and not under a name that was pointed at 127.0.0.1 (Host).
/// </summary>
internal sealed class RequestAccess(IOptions<FactoOptions> options)
{
    /// <exception cref="RequestException">The request is refused.</exception>
    public void Check(HttpContext context)
    {
        string host = context.Request.Host.Host;
        if (!Uri.TryCreate($"http://{context.Request.Host.Value}/", UriKind.Absolute, out _))
        {
            throw new RequestException(StatusCodes.Status400BadRequest, "the Host header is no host name with a port from 0 to 65535");
        }

        EndpointMetadataCollection metadata = context.GetEndpoint()!.Metadata;
        if (metadata.GetMetadata<ChangesState>() is null) { return; }
        CheckOrigin(context.Request);
        if (metadata.GetMetadata<IAuthorizeData>() is not null) { return; }   // the host has its own way to know who asks
        if (context.Connection.LocalIpAddress is { } local && !IPAddress.IsLoopback(local))
        {
            throw new RequestException(
                StatusCodes.Status403Forbidden,
                "without authorization nothing is changed for other machines: ask on the server's own machine");
        }

        if (!Loopback.IsName(host) && !options.Value.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            throw new RequestException(
                StatusCodes.Status403Forbidden,
                $"without authorization nothing is changed for Host '{host}': ask by a loopback name, or list the name in AllowedHosts");
        }
    }

    // A browser names the origin with every POST and every web socket; other clients leave it out.
    private static void CheckOrigin(HttpRequest request)
    {
        string? origin = request.Headers.Origin;
        bool foreign = origin is not null
            && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? from)
                && from.Authority.Equals(Authority(request), StringComparison.OrdinalIgnoreCase));
        if (foreign)
        {
            throw new RequestException(StatusCodes.Status403Forbidden, "a page of another origin may not change anything here");
        }
    }

    // As a browser writes it: without the scheme's usual port.
    private static string Authority(HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host.Value}/", UriKind.Absolute, out Uri? own) ? own.Authority : string.Empty;
}
