using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Models;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Recall;

namespace Facto.Serving;

/// <summary>What a bundle says about itself: manifest.json, written last.</summary>
internal sealed record BundleManifest
{
    /// <summary>The newest layout that this program reads and the one that it writes.</summary>
    public const int CurrentFormat = 2;

    /// <summary>The layout without an index of its own, which older programs read too.</summary>
    internal const int PlainFormat = 1;

    /// <summary>Layout of the bundle.</summary>
    public int Format { get; init; } = PlainFormat;

    /// <summary>Name of this bundle among its siblings; also the name of its folder.</summary>
    public required string Version { get; init; }

    /// <summary>How its vectors were made.</summary>
    public VectorRecipe Recipe { get; init; }

    /// <summary>What the model's scores mean.</summary>
    public LearningTask Task { get; init; }

    /// <summary>Users with a row of their own.</summary>
    public int Users { get; init; }

    /// <summary>Items that can be recommended.</summary>
    public int Items { get; init; }

    /// <summary>Length of the vectors.</summary>
    public int Dimension { get; init; }

    /// <summary>The stages of its cascade, recall first; null when one model does everything.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StageDescription>? Stages { get; init; }

    /// <summary>What finds the items; when there are no files of an index, all are scanned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IndexKind Index { get; init; }

    /// <summary>What the index was measured to find; null when it is exact.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RecallCertificate? Recall { get; init; }

    /// <summary>True when items that a user has come back unless a request says otherwise: retrieval.hideSeen is false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IncludesSeen { get; init; }

    /// <summary>Fingerprint of the data that the model learnt from.</summary>
    public required string DataFingerprint { get; init; }

    /// <summary>When it was made, by the clock of the program that made it.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>What it measured on its test part, metric by recommender ("model", "popularity" …).</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Metrics { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, double>>();

    /// <summary>Files with their sizes and checksums.</summary>
    public IReadOnlyDictionary<string, BundleFile> Files { get; init; } = new Dictionary<string, BundleFile>();

    /// <summary>CRC-32C of this manifest with this property null.</summary>
    public uint? Checksum { get; init; }

    internal byte[] ToJson()
    {
        uint checksum =
            StableHash.Crc32C(JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = null }, ServingJson.Default.BundleManifest));
        return JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = checksum }, ServingJson.Default.BundleManifest);
    }

    internal static BundleManifest Read(string folder)
    {
        string path = Path.Combine(folder, "manifest.json");
        if (!File.Exists(path))
        {
            throw new FactoException($"{folder}: not a bundle: it has no manifest.json; 'facto train' writes bundles");
        }
        BundleManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), ServingJson.Default.BundleManifest)
                ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: the manifest is damaged: {e.Message}", e);
        }

        if (manifest.Format is < 1 or > CurrentFormat)
        {
            throw new InvalidDataException(
                $"{path}: the bundle has format {manifest.Format}, this program reads 1 to {CurrentFormat}; use a newer Facto");
        }
        if (StableHash.Crc32C(
            JsonSerializer.SerializeToUtf8Bytes(
                manifest with { Checksum = null }, ServingJson.Default.BundleManifest)) != manifest.Checksum)
        {
            throw new InvalidDataException($"{path}: the manifest does not match its checksum");
        }

        foreach ((string name, BundleFile file) in manifest.Files) { file.Check(Path.Combine(folder, name)); }
        return manifest;
    }
}

/// <summary>One file of a bundle.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Checksum">CRC-32C of a file that carries no checksum of its own; null for Facto's own files, which do.</param>
internal sealed record BundleFile(long Bytes, uint? Checksum)
{
    internal static BundleFile Of(string path) =>
        new(new FileInfo(path).Length, Path.GetExtension(path) == ".json" ? StableHash.Crc32C(File.ReadAllBytes(path)) : null);

    internal void Check(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) { throw new InvalidDataException($"{path}: the manifest lists this file, and it is not there"); }
        if (file.Length != Bytes) { throw new InvalidDataException($"{path}: the manifest says {Bytes} bytes, found {file.Length}"); }
        if (Checksum is { } expected && StableHash.Crc32C(File.ReadAllBytes(path)) != expected)
        {
            throw new InvalidDataException($"{path}: it does not match its checksum");
        }
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(BundleManifest))]
internal sealed partial class ServingJson : JsonSerializerContext;
