using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Numerics;
using Facto.Retrieval.Exact;

namespace Facto.Retrieval.Bounded;

/// <summary>Indexes that search by scanning, on disk (docs/formats/README.md). Opening maps the file; nothing is copied.</summary>
internal static class ScanFile
{
    private const int Version = 1;
    private const string Exact = "exact", Bounded = "bounded-int8";

    /// <summary>Writes an exact index, whole or not at all.</summary>
    public static void Save(ExactIndex index, string path)
    {
        using var writer = Begin(path, Exact, index);
        writer.Write("panels", index.Panels.Storage);
        writer.Commit();
    }

    /// <summary>Writes a bounded index, whole or not at all.</summary>
    public static void Save(BoundedIndex index, string path)
    {
        using var writer = Begin(path, Bounded, index);
        writer.Write("bounds", index.Panels.Bounds);
        writer.Write("codes", index.Panels.Codes);
        writer.Write("items", index.ItemBlock);
        writer.Write("positions", index.PositionBlock);
        writer.Write("rows", index.RowBlock);
        writer.Commit();
    }

    /// <summary>Maps an index; it keeps the file open as long as it lives.</summary>
    /// <param name="path">A file that <c>Save</c> wrote.</param>
    /// <param name="verify">Whether to check every checksum now, which reads the whole file. Without it the structure alone is checked: a
    /// damaged vector may then give wrong scores, never a read outside the file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, foreign or of another kind; the message says which.</exception>
    public static IItemIndex Open(string path, bool verify = true)
    {
        var reader = new ArtefactReader(path, ArtefactKind.Index, Version, verify);
        try
        {
            ScanIndexMeta meta = ReadMeta(reader);
            return meta.Index switch
            {
                Exact =>
                    new ExactIndex(
                        new PanelMatrix(
                            reader.Block<float>("panels", PanelMatrix.StorageLength(meta.Count, meta.Dimension)), meta.Count,
                            meta.Dimension)),
                Bounded => OpenBounded(reader, meta),
                _ => throw reader.Damaged($"it holds an index of the kind '{meta.Index}', this reader knows '{Exact}' and '{Bounded}'"),
            };
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static BoundedIndex OpenBounded(ArtefactReader reader, ScanIndexMeta meta)
    {
        if (meta.Dimension is < 1 or > BoundedIndex.MaxDimension)
        {
            throw reader.Damaged($"a bounded index of dimension {meta.Dimension} is impossible");
        }
        var panels = new CodePanels(
            reader.Block<byte>("codes", CodePanels.CodeLength(meta.Count, meta.Dimension)),
            reader.Block<float>("bounds", CodePanels.BoundLength(meta.Count)),
            meta.Count,
            meta.Dimension);
        return new BoundedIndex(
            panels,
            reader.Block<int>("items", meta.Count),
            reader.Block<int>("positions", meta.Count),
            reader.Block<float>("rows", (long)meta.Count * meta.Dimension));
    }

    private static ArtefactWriter Begin(string path, string kind, IItemIndex index)
    {
        var writer = new ArtefactWriter(path, ArtefactKind.Index, Version);
        writer.SetMeta(
            JsonSerializer.SerializeToUtf8Bytes(
                new ScanIndexMeta(kind, index.Count, index.Dimension), ScanIndexJson.Default.ScanIndexMeta));
        return writer;
    }

    private static ScanIndexMeta ReadMeta(ArtefactReader reader)
    {
        try
        {
            ScanIndexMeta meta = JsonSerializer.Deserialize(reader.Meta, ScanIndexJson.Default.ScanIndexMeta)
                ?? throw reader.Damaged("its description is empty");
            return meta is { Count: >= 0, Dimension: >= 0 and <= 1 << 24 }
                ? meta
                : throw reader.Damaged($"an index of {meta.Count} × {meta.Dimension} is impossible");
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its description is not valid: {e.Message}");
        }
    }
}

internal sealed record ScanIndexMeta(string Index, int Count, int Dimension);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ScanIndexMeta))]
internal sealed partial class ScanIndexJson : JsonSerializerContext;
