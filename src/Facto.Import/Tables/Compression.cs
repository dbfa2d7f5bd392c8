using Facto.Data.Text;

namespace Facto.Import;

/// <summary>What file names say about formats, and the decompressor of zstd that the library does without.</summary>
internal static class Compression
{
    static Compression() => TextFile.Zstandard ??= static stream => new ZstdSharp.DecompressionStream(stream, leaveOpen: false);

    /// <summary>Makes zstd readable for everything in this process.</summary>
    public static void Enable()
    {
        // The static constructor has done it.
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
