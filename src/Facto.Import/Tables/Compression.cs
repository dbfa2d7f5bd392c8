using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Facto.Data.Text;

namespace Facto.Import;

/// <summary>What file names say about formats, and the decompressor of zstd that the library does without.</summary>
internal static class Compression
{
    // The library has neither a decompressor of zstd nor a console: whoever loads this assembly gets both for flat files too.
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries",
        Justification = "Two delegates are set, nothing else happens.")]
    [ModuleInitializer]
    internal static void Enable()
    {
        TextFile.Zstandard ??= static stream => new ZstdSharp.DecompressionStream(stream, leaveOpen: false);
        TextFile.OpenInput ??= Console.OpenStandardInput;
    }

    /// <summary>The format that a file's name names; delimited text when it names none.</summary>
    public static TableFormat ByName(string file) => System.IO.Path.GetExtension(Plain(file)).ToLowerInvariant() switch
    {
        ".parquet" or ".pq" => TableFormat.Parquet,
        ".json" or ".jsonl" or ".ndjson" => TableFormat.JsonLines,
        _ => TableFormat.Csv,
    };

    /// <summary>A file's name without the ending of a compression.</summary>
    public static string Plain(string file)
    {
        string ending = System.IO.Path.GetExtension(file).ToLowerInvariant();
        return ending is ".gz" or ".zst" or ".zstd" ? file[..^ending.Length] : file;
    }
}
