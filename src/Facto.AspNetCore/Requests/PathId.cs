using Facto.AspNetCore.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Facto.AspNetCore.Requests;

/// <summary>
/// The id in a path, character by character as the client meant it. The framework leaves %2F as it stands, so that an id with a slash and
/// one with the three characters "%2F" look alike; the line as it came over the wire tells them apart. What no path can hold (".", "..",
/// "") goes by query.
/// </summary>
internal static class PathId
{
    /// <summary>The value of the route's parameter "id".</summary>
    public static string Of(HttpContext context)
    {
        string routed = context.GetRouteValue("id") as string ?? string.Empty;
        if (context.GetEndpoint() is not RouteEndpoint endpoint || !routed.Contains('%', StringComparison.Ordinal)) { return routed; }
        IReadOnlyList<RoutePatternPathSegment> pattern = endpoint.RoutePattern.PathSegments;
        int after = pattern.Reverse().TakeWhile(s => s.Parts is not [RoutePatternParameterPart { Name: "id" }]).Count();
        string raw = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? string.Empty;
        int question = raw.IndexOf('?', StringComparison.Ordinal);
        string[] segments = (question < 0 ? raw : raw[..question]).TrimEnd('/').Split('/');
        return segments.Length > after ? Uri.UnescapeDataString(segments[^(after + 1)]) : routed;
    }

    /// <summary>An id that a query must name.</summary>
    public static string Needed(string? value, string name) =>
        value ?? throw new RequestException(StatusCodes.Status400BadRequest, $"the query needs {name}=ID");
}
