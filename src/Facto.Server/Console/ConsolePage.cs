using System.Reflection;

namespace Facto.Server.Console;

/// <summary>The page at /: looks up a user, shows what they had, what is recommended and why. One embedded file over the public API.</summary>
internal static class ConsolePage
{
    private static readonly byte[] Html = Read();

    public static void MapConsole(this IEndpointRouteBuilder app) =>
        app.MapGet("/", () => Results.Bytes(Html, "text/html; charset=utf-8")).ExcludeFromDescription();

    private static byte[] Read()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("console.html")!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
