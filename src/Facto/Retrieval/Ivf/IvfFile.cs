using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Numerics;
using Facto.Retrieval.Approximate;
using Facto.Retrieval.Recall;

namespace Facto.Retrieval.Ivf;

/// <summary>An inverted file on disk (docs/formats/ivf-v1.md): every array as it lies in memory, so that opening maps it.</summary>
internal static class IvfFile
{
    private const int Version = 1;
    private const string Coded = "ivf", Product = "ivf-product";

    /// <summary>Writes <paramref name="index"/>, whole or not at all.</summary>
    /// <param name="index">What is written.</param>
    /// <param name="path">The file.</param>
    /// <param name="recall">What the index was measured to find, or null; nothing is written when that is below the requested
    /// floor.</param>
    /// <exception cref="FactoException">The certificate does not hold.</exception>
    public static void Save(IvfIndex index, string path, RecallCertificate? recall = null)
    {
        recall?.Require();
        using var writer = new ArtefactWriter(path, ArtefactKind.Index, Version);
        bool isProduct = index.Product is not null;
        var meta = new IvfMeta(
            isProduct ? Product : Coded, index.Dimension, index.Count, index.Nlist, index.Nprobe, recall, index.CodeBytes,
            isProduct ? index.Rescored : 0);
        writer.SetMeta(JsonSerializer.SerializeToUtf8Bytes(meta, IvfJson.Default.IvfMeta));
        index.Items.WriteSlots(writer);
        writer.Write<float>("space", index.Space.Parameters);
        writer.Write("centres", index.Centres.Storage);
        writer.Write<float>("offsets", index.Offsets);
        writer.Write<float>("leads", index.Leads);
        writer.Write<int>("starts", index.Starts);
        if (index.Product is { } product)
        {
            writer.Write<int>("coordinates", product.Book.Coordinates);
            writer.Write("codebook", product.Book.Centres);
            writer.Write("product", product.Codes);
        }

        writer.Commit();
    }

    /// <summary>Maps an index; it keeps the file open as long as it lives.</summary>
    /// <param name="path">A file written by <see cref="Save"/>.</param>
    /// <param name="verify">
    /// Whether to check every checksum and place first (one pass over the file). Without it opening takes no time, but a damaged file may
    /// crash the program:
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
            bool isProduct = meta.Index == Product;
            CodedItems items = CodedItems.MapSlots(reader, meta.Dimension, 0, meta.Count, meta.Count, isCoded: !isProduct);
            if (verify) { items.RequireSound(reader); }
            int[] starts = reader.Block<int>("starts", meta.Lists + 1L).Span.ToArray();
            for (int list = 0; list < meta.Lists; list++)
            {
                if (starts[list] > starts[list + 1]) { throw reader.Damaged($"list {list} ends before it begins"); }
            }

            if (starts[0] != 0 || starts[^1] != meta.Count) { throw reader.Damaged("its lists do not cover its items"); }
            using NativeBlock<float> space = reader.Block<float>("space", ItemSpace.ParameterCount(meta.Dimension));
            ProductCodes? product = isProduct ? MapProduct(reader, meta) : null;
            return new IvfIndex(
                items, ItemSpace.FromParameters(meta.Dimension, space.Span),
                    reader.Matrix("centres", meta.Lists, Math.Max(1, meta.Dimension - 1)),
                reader.Block<float>("offsets", meta.Lists).Span.ToArray(), reader.Block<float>("leads", meta.Lists).Span.ToArray(), starts,
                    product, meta.Probes,
                isProduct ? meta.Rescored : new IvfOptions().Rescored)
            {
                Recall = meta.Recall,
            };
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static ProductCodes MapProduct(ArtefactReader reader, IvfMeta meta)
    {
        int rest = meta.Dimension - 1, groups = meta.CodeBytes, width = groups == 0 ? 0 : (rest + groups - 1) / groups;
        int[] coordinates = reader.Block<int>("coordinates", (long)groups * width).Span.ToArray();
        foreach (int coordinate in coordinates)
        {
            if (coordinate < -1 || coordinate >= rest) { throw reader.Damaged($"its codes name coordinate {coordinate} of {rest}"); }
        }

        var book = new ProductCodebook(
            groups, coordinates, reader.Block<float>("codebook", (long)coordinates.Length * ProductCodebook.CentreCount));
        return new ProductCodes(book, reader.Block<byte>("product", ProductCodes.CodeLength(meta.Count, groups)));
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

        if (meta is not { Index: Coded or Product })
        {
            throw reader.Damaged($"it holds an index of the kind '{meta?.Index}', expected '{Coded}' or '{Product}'");
        }
        if (meta.Dimension is < 1 or > 1 << 16 || meta.Count < 0 || meta.Lists is < 1 or > 1 << 20 || meta.Probes is < 1 or > 1024)
        {
            throw reader.Damaged($"{meta.Count} items of {meta.Dimension} coordinates in {meta.Lists} lists are impossible");
        }

        // Every group must hold a coordinate: a code without one means nothing.
        if (meta.Index == Product
            && (meta.CodeBytes is < 0 or > IvfOptions.MostCodeBytes
                || ProductCodebook.GroupsOf(meta.Dimension - 1, Math.Max(1, meta.CodeBytes)) != meta.CodeBytes
            || meta.Rescored is < 1 or > IvfOptions.MostRescored))
        {
            throw reader.Damaged(
                $"codes of {meta.CodeBytes} bytes for {meta.Dimension} coordinates, {meta.Rescored} times scored again, are impossible");
        }

        return meta;
    }
}

internal sealed record IvfMeta(
    string Index, int Dimension, int Count, int Lists, int Probes, RecallCertificate? Recall = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int CodeBytes = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Rescored = 0);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IvfMeta))]
internal sealed partial class IvfJson : JsonSerializerContext;
