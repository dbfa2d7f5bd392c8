using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>A short name for the contents of datasets: a model notes what it was trained on, a bundle what it was measured on.</summary>
internal static class DatasetFingerprint
{
    /// <summary>The first 128 bits of SHA-256 over schema, vocabularies, ids, tables and interactions, 32 hexadecimal digits.</summary>
    public static string Of(Dataset data) => Of(new Dictionary<string, Dataset> { ["train"] = data });

    /// <summary>The same over named parts that share their tables.</summary>
    public static string Of(IReadOnlyDictionary<string, Dataset> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Dataset first = parts.Values.First();
        foreach (Field field in first.Schema.Fields) { Add(hash, field); }
        Add(hash, first.UserIds?.Strings);
        Add(hash, first.ItemIds?.Strings);
        Add(hash, first.ItemTitles);
        Add(hash, first.Users);
        Add(hash, first.Items);
        foreach ((string name, Dataset part) in parts)
        {
            Add(hash, Encoding.UTF8.GetBytes(name));
            Add(hash, part.Contexts);
            Interactions interactions = part.Interactions;
            Add(hash, interactions.Users);
            Add(hash, interactions.Items);
            Add(hash, interactions.Contexts);
            Add(hash, interactions.Labels);
            Add(hash, interactions.Weights);
            Add(hash, interactions.Times);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    // What decides how values become features; not how a model treats them.
    private static void Add(IncrementalHash hash, Field field)
    {
        Add(hash, Encoding.UTF8.GetBytes(field.Spec.Name));
        AddLength(hash, (int)field.Spec.Side);
        AddLength(hash, (int)field.Spec.Kind);
        AddLength(hash, field.Count);
        Add(hash, MemoryMarshal.AsBytes((field.Edges ?? []).AsSpan()));
        Add(hash, MemoryMarshal.AsBytes<double>([field.Mean, field.StandardDeviation]));
        Add(hash, field.Vocabulary?.Strings);
    }

    private static void Add(IncrementalHash hash, SparseRows? rows)
    {
        AddLength(hash, rows?.RowCount ?? -1);
        Add(hash, rows?.Offsets);
        Add(hash, rows?.FeatureBlock);
        Add(hash, rows?.ValueBlock);
    }

    private static void Add(IncrementalHash hash, TextColumn? column)
    {
        AddLength(hash, column?.Count ?? -1);
        for (int i = 0; i < column?.Count; i++) { Add(hash, column.Utf8(i)); }
    }

    // Lengths go in too, so that no two different data sets spell the same bytes.
    private static void Add<T>(IncrementalHash hash, NativeBlock<T>? block)
        where T : unmanaged
    {
        AddLength(hash, block?.Length ?? -1);
        for (long start = 0; start < block?.Length; start += 1 << 24)
        {
            hash.AppendData(MemoryMarshal.AsBytes(block.Slice(start, (int)Math.Min(1 << 24, block.Length - start))));
        }
    }

    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        AddLength(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void AddLength(IncrementalHash hash, long length) =>
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in length)));
}
