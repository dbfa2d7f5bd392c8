using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;

namespace Facto.Models;

/// <summary>A model on disk (docs/formats/README.md): schema with vocabularies, w₀, w, V. Complete in itself.</summary>
internal static class FmModelFile
{
    private const int Version = 1;

    /// <summary>Writes <paramref name="model"/>, whole or not at all.</summary>
    public static void Save(FmModel model, string path)
    {
        using var writer = new ArtefactWriter(path, ArtefactKind.Model, Version);
        var meta = new FmModelMeta(
            "fm", model.Task, model.FactorCount, model.Schema.FeatureCount, model.Bias, model.MinLabel, model.MaxLabel, model.Similarity);
        writer.SetMeta(JsonSerializer.SerializeToUtf8Bytes(meta, FmModelJson.Default.FmModelMeta));
        FeatureSchemaFile.Write(writer, model.Schema);
        writer.Write("linear", model.Linear);
        writer.Write("factors", model.Factors.Storage);
        writer.Commit();
    }

    /// <summary>Maps a model; it keeps the file open as long as it lives.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, foreign or of another kind.</exception>
    public static FmModel Open(string path)
    {
        var reader = new ArtefactReader(path, ArtefactKind.Model, Version);
        try
        {
            FmModelMeta meta = ReadMeta(reader);
            FeatureSchema schema = FeatureSchemaFile.Read(reader);
            if (meta.Model != "fm") { throw reader.Damaged($"it holds a model of the kind '{meta.Model}', this program reads 'fm'"); }
            if (meta.FeatureCount != schema.FeatureCount)
            {
                throw reader.Damaged($"it has {meta.FeatureCount} features, its schema {schema.FeatureCount}");
            }
            return new FmModel(
                schema, meta.Task, reader.Block<float>("linear", schema.FeatureCount),
                reader.Matrix("factors", schema.FeatureCount, meta.FactorCount))
            {
                Bias = meta.Bias,
                MinLabel = meta.MinLabel,
                MaxLabel = meta.MaxLabel,
                Similarity = meta.Similarity,
            };
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static FmModelMeta ReadMeta(ArtefactReader reader)
    {
        try
        {
            return JsonSerializer.Deserialize(reader.Meta, FmModelJson.Default.FmModelMeta)
                ?? throw reader.Damaged("its description is empty");
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its description is not valid: {e.Message}");
        }
    }
}

internal sealed record FmModelMeta(
    string Model, LearningTask Task, int FactorCount, int FeatureCount, float Bias, float MinLabel, float MaxLabel,
    Similarity Similarity = Similarity.Dot);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(FmModelMeta))]
internal sealed partial class FmModelJson : JsonSerializerContext;
