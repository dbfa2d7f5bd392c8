using System.Net;

namespace Facto.AspNetCore.Access;

/// <summary>What can be reached from this machine only.</summary>
internal static class Loopback
{
    /// <summary>Whether a host name of a request or of an address to listen on means this machine alone.</summary>
    public static bool IsName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));

    /// <summary>Whether an address to listen on, such as http://127.0.0.1:5080, takes connections of this machine alone.</summary>
    public static bool IsAddress(string url) =>
        url.StartsWith("http://unix:", StringComparison.OrdinalIgnoreCase)
            || (Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && IsName(address.Host));
}
