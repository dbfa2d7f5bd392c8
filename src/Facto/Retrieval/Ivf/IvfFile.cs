using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Numerics;
using Facto.Retrieval.Hnsw;

namespace Facto.Retrieval.Ivf;

/// <summary>An inverted file on disk (docs/formats/ivf-v1.md): every array as it lies in memory, so that opening maps it.</summary>
public static class IvfFile
{
    private const int Version = 1;

    /// <summary>Writes <paramref name="index"/>, whole or not at all.</summary>
    public static void Save(IvfIndex index, string path) => Write(index, path, null);

    /// <summary>As <see cref="Save(IvfIndex, string)"/>, with what the index was measured to find; nothing is written when that is below the requested floor.</summary>
    /// <exception cref="FactoException">The certificate does not hold.</exception>
    public static void Save(IvfIndex index, string path, RecallCertificate recall)
    {
        recall.Require();
        Write(index, path, recall);
    }

    private static void Write(IvfIndex index, string path, RecallCertificate? recall)
    {
        using var writer = new ArtefactWriter(path, ArtefactKind.Index, Version);
        var meta = new IvfMeta("ivf", index.Dimension, index.Count, index.ListCount, index.Probes, recall);
        writer.SetMeta(JsonSerializer.SerializeToUtf8Bytes(meta, IvfJson.Default.IvfMeta));
        index.Items.WriteSlots(writer);
        writer.Write<float>("space", index.Space.Parameters);
        writer.Write("centres", index.Centres.Storage);
        writer.Write<float>("offsets", index.Offsets);
        writer.Write<float>("leads", index.Leads);
        writer.Write<int>("starts", index.Starts);
        writer.Commit();
    }

    /// <summary>Maps an index; it keeps the file open as long as it lives.</summary>
    /// <param name="path">A file written by <see cref="Save(IvfIndex, string)"/>.</param>
    /// <param name="verify">
    /// Whether to check every checksum and place first (one pass over the file). Without it opening takes no time, but a damaged file may crash the program:
    /// pass false only for files that were verified before.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, foreign or of another kind.</exception>
    public static IvfIndex Open(string path, bool verify = true)
    {
        var reader = new ArtefactReader(path, ArtefactKind.Index, Version, verify);
        try
        {
            IvfMeta meta = ReadMeta(reader);
            HnswGraph items = HnswGraph.MapSlots(reader, meta.Dimension, 0, meta.Count, meta.Count);
            if (verify) { items.RequireSound(reader); }
            int[] starts = reader.Block<int>("starts", meta.Lists + 1L).Span.ToArray();
            for (int list = 0; list < meta.Lists; list++)
            {
                if (starts[list] > starts[list + 1]) { throw reader.Damaged($"list {list} ends before it begins"); }
            }

            if (starts[0] != 0 || starts[^1] != meta.Count) { throw reader.Damaged("its lists do not cover its items"); }
            using NativeBlock<float> space = reader.Block<float>("space", ItemSpace.ParameterCount(meta.Dimension));
            return new IvfIndex(
                items, ItemSpace.FromParameters(meta.Dimension, space.Span), reader.Matrix("centres", meta.Lists, Math.Max(1, meta.Dimension - 1)),
                reader.Block<float>("offsets", meta.Lists).Span.ToArray(), reader.Block<float>("leads", meta.Lists).Span.ToArray(), starts, meta.Probes);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static IvfMeta ReadMeta(ArtefactReader reader)
    {
        IvfMeta? meta;
        try
        {
            meta = JsonSerializer.Deserialize(reader.Meta, IvfJson.Default.IvfMeta);
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its description is not valid: {e.Message}");
        }

        if (meta is not { Index: "ivf" }) { throw reader.Damaged($"it holds an index of the kind '{meta?.Index}', expected 'ivf'"); }
        if (meta.Dimension is < 1 or > 1 << 16 || meta.Count < 0 || meta.Lists is < 1 or > 1 << 20 || meta.Probes is < 1 or > 1024)
        {
            throw reader.Damaged($"{meta.Count} items of {meta.Dimension} coordinates in {meta.Lists} lists are impossible");
        }

        return meta;
    }
}

internal sealed record IvfMeta(string Index, int Dimension, int Count, int Lists, int Probes, RecallCertificate? Recall = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IvfMeta))]
internal sealed partial class IvfJson : JsonSerializerContext;
