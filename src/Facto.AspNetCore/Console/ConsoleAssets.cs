using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Facto.AspNetCore.Console;

/// <summary>
/// The console's scripts and styles, carried in this assembly and not as files beside the app: so they are there in every app, published or
/// not, as a tool and as a single file. The address names the content, so a browser keeps it for good.
/// </summary>
internal static class ConsoleAssets
{
    private sealed record Asset(byte[] Bytes, byte[] Compressed, string ContentType);

    private const string Prefix = "console/";
    private static readonly Lazy<FrozenDictionary<string, Asset>> All = new(Read);
    private static readonly Lazy<string> Content = new(() => Convert.ToHexStringLower(
        SHA256.HashData([.. All.Value.OrderBy(a => a.Key, StringComparer.Ordinal).SelectMany(a => SHA256.HashData(a.Value.Bytes))]))[..12]);

    /// <summary>Where a page finds an asset, relative to the console's address.</summary>
    public static string Address(string name) => $"_assets/{Content.Value}/{name}";

    public static async Task Send(HttpContext context)
    {
        string name = context.Request.RouteValues["name"] as string ?? string.Empty;
        if (!All.Value.TryGetValue(name, out Asset? asset)) { throw new Errors.NotThereException($"the console has no asset '{name}'"); }
        bool gzip = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        HttpResponse response = context.Response;
        response.ContentType = asset.ContentType;
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        response.Headers.XContentTypeOptions = "nosniff";
        if (gzip) { response.Headers.ContentEncoding = "gzip"; }
        byte[] body = gzip ? asset.Compressed : asset.Bytes;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static FrozenDictionary<string, Asset> Read()
    {
        Assembly assembly = typeof(ConsoleAssets).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(n => n[Prefix.Length..], n =>
        {
            using Stream stream = assembly.GetManifestResourceStream(n)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            using var packed = new MemoryStream();
            using (var zip = new GZipStream(packed, CompressionLevel.Optimal)) { zip.Write(bytes); }
            return new Asset(bytes, packed.ToArray(), n.EndsWith(".css", StringComparison.Ordinal) ? "text/css" : "text/javascript");
        });
    }
}
