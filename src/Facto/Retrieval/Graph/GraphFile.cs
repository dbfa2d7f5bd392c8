using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Numerics;
using Facto.Retrieval.Approximate;
using Facto.Retrieval.Recall;

namespace Facto.Retrieval.Graph;

/// <summary>A graph on disk (docs/formats/hnsw-v1.md): every array as it lies in memory, so that opening maps it.</summary>
internal static class GraphFile
{
    private const int Version = 1;

    /// <summary>Compacts <paramref name="index"/> and writes it, whole or not at all. Updates wait, searches go on.</summary>
    /// <param name="index">What is written.</param>
    /// <param name="path">The file.</param>
    /// <param name="recall">What the index was measured to find, or null; nothing is written when that is below the requested
    /// floor.</param>
    /// <exception cref="FactoException">The certificate does not hold.</exception>
    public static void Save(GraphIndex index, string path, RecallCertificate? recall = null)
    {
        recall?.Require();
        index.ReadCompacted((graph, space, options) => Write(graph, space, options, index.Effort, path, recall));
    }

    private static void Write(
        CodedItems graph, ItemSpace space, GraphOptions options, SearchEffort effort, string path, RecallCertificate? recall)
    {
        using var writer = new ArtefactWriter(path, ArtefactKind.Index, Version);
        var meta = new GraphMeta(
            "hnsw", graph.Dimension, graph.Count, graph.RowLimit, options.M, options.EfConstruction, effort.EfSearch, effort.Head, recall);
        writer.SetMeta(JsonSerializer.SerializeToUtf8Bytes(meta, GraphJson.Default.GraphMeta));
        writer.Write<float>("space", space.Parameters);
        graph.WriteSlots(writer);
        writer.Commit();
    }

    /// <summary>Maps an index; it keeps the file open as long as it lives. The first update copies it into memory.</summary>
    /// <param name="path">A file written by <see cref="Save"/>.</param>
    /// <param name="verify">
    /// Whether to check every checksum and link first (one pass over the file). Without it opening takes no time, but a damaged file may
    /// crash the program:
    /// pass false only for files that were verified before.
    /// </param>
    /// <param name="options">Workers and compaction for later updates; null for the defaults. Links and breadth come from the file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, foreign or of another kind.</exception>
    public static GraphIndex Open(string path, bool verify = true, GraphOptions? options = null)
    {
        var reader = new ArtefactReader(path, ArtefactKind.Index, Version, verify);
        try
        {
            GraphMeta meta = ReadMeta(reader);
            CodedItems graph = CodedItems.MapSlots(reader, meta.Dimension, 2 * meta.Links, meta.Count, meta.RowLimit);
            if (verify) { graph.RequireSound(reader); }
            using NativeBlock<float> space = reader.Block<float>("space", ItemSpace.ParameterCount(meta.Dimension));
            options = (
                options
                ?? new GraphOptions()) with
            {
                M = meta.Links,
                EfConstruction = meta.BuildBreadth,
                Effort = new SearchEffort(meta.Breadth, meta.Head)
            };
            options.Validate();
            return new GraphIndex(
                graph, ItemSpace.FromParameters(meta.Dimension, space.Span), options, meta.Count)
            { Recall = meta.Recall };
        }
        catch (FactoException e)
        {
            reader.Dispose();
            throw reader.Damaged(e.Message);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static GraphMeta ReadMeta(ArtefactReader reader)
    {
        GraphMeta? meta;
        try
        {
            meta = JsonSerializer.Deserialize(reader.Meta, GraphJson.Default.GraphMeta);
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its description is not valid: {e.Message}");
        }

        if (meta is not { Index: "hnsw" }) { throw reader.Damaged($"it holds an index of the kind '{meta?.Index}', expected 'hnsw'"); }
        if (meta.Dimension is < 1 or > 1 << 16 || meta.Count < 0 || meta.RowLimit < meta.Count || meta.Links is < 4 or > 64)
        {
            throw reader.Damaged($"{meta.Count} items of {meta.Dimension} coordinates with {meta.Links} links are impossible");
        }

        return meta;
    }
}

internal sealed record GraphMeta(
    string Index, int Dimension, int Count, int RowLimit, int Links, int BuildBreadth, int Breadth, int Head,
    RecallCertificate? Recall = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GraphMeta))]
internal sealed partial class GraphJson : JsonSerializerContext;
