using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Models.Family;

/// <summary>A family model on disk (docs/formats/README.md, kinds "fwfm", "fvfm", "fmfm", "ffm", "fm3"): schema, w₀, w, the rows of
/// factors, what pairs of fields share.</summary>
internal static class FamilyModelFile
{
    private const int Version = 1;

    /// <summary>The family that a kind names, or null.</summary>
    public static ModelFamily? FamilyOf(string? kind) =>
        Enum.GetValues<ModelFamily>().Where(f => f != ModelFamily.Fm).Select(f => (ModelFamily?)f).FirstOrDefault(f =>
            KindOf(f!.Value) == kind);

    public static string KindOf(ModelFamily family) => family switch
    {
        ModelFamily.Fwfm => "fwfm",
        ModelFamily.Fvfm => "fvfm",
        ModelFamily.Fmfm => "fmfm",
        ModelFamily.Ffm => "ffm",
        ModelFamily.Fm3 => "fm3",
        _ => "fm",
    };

    /// <summary>Writes <paramref name="model"/>, whole or not at all.</summary>
    public static void Save(FamilyModel model, string path)
    {
        using var writer = new ArtefactWriter(path, ArtefactKind.Model, Version);
        FamilyStore store = model.Numbers.Copy();
        FamilyShape shape = model.Shape;
        var meta = new FamilyModelMeta(
            KindOf(shape.Family), model.Task, shape.FactorCount, shape.ThirdOrderCount, shape.SharesFactors, model.Schema.FeatureCount,
                store.Bias, model.MinLabel, model.MaxLabel);
        writer.SetMeta(JsonSerializer.SerializeToUtf8Bytes(meta, FamilyModelJson.Default.FamilyModelMeta));
        FeatureSchemaFile.Write(writer, model.Schema);
        writer.Write("linear", store.Linear);
        writer.Write("factors", store.Factors);
        writer.Write("coupling", store.Coupling);
        writer.Commit();
    }

    /// <summary>Maps a model; it keeps the file open as long as it lives.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, foreign or of another kind.</exception>
    public static FamilyModel Open(string path)
    {
        var reader = new ArtefactReader(path, ArtefactKind.Model, Version);
        try
        {
            FamilyModelMeta meta = ReadMeta(reader);
            FeatureSchema schema = FeatureSchemaFile.Read(reader);
            if (FamilyOf(meta.Model) is not { } family)
            {
                throw reader.Damaged($"it holds a model of the kind '{meta.Model}', which is none of the family");
            }
            int n = schema.FeatureCount;
            if (meta.FeatureCount != n) { throw reader.Damaged($"it has {meta.FeatureCount} features, its schema {n}"); }
            if (meta.FactorCount is < 0 or > 1 << 16 || meta.ThirdOrderCount is < 0 or > 1 << 16 || schema.Fields.Count > ushort.MaxValue)
            {
                throw reader.Damaged($"{meta.FactorCount} and {meta.ThirdOrderCount} factors over {schema.Fields.Count} fields are "
                    + $"impossible");
            }

            if (meta.SharesFactors && meta.ThirdOrderCount != meta.FactorCount)
            {
                throw reader.Damaged("its pairs and triples share vectors of different lengths");
            }
            var shape = new FamilyShape(family, meta.FactorCount, meta.ThirdOrderCount, meta.SharesFactors);
            if ((long)schema.Fields.Count * meta.FactorCount > 1 << 24)
            {
                throw reader.Damaged($"{meta.FactorCount} factors over {schema.Fields.Count} fields are impossible");
            }
            int columns = shape.Columns(schema);
            NativeBlock<float> factors = reader.Matrix("factors", n, columns).Storage;
            var store = new FamilyStore(
                n, columns, reader.Block<float>("linear", n), 1, factors, RowMatrix.PaddedLength(columns), reader.Block<float>("coupling",
                    shape.CouplingLength(schema)))
            { Bias = meta.Bias };
            return FamilyModel.Create(shape, schema, meta.Task, store, meta.MinLabel, meta.MaxLabel);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static FamilyModelMeta ReadMeta(ArtefactReader reader)
    {
        try
        {
            return JsonSerializer.Deserialize(reader.Meta, FamilyModelJson.Default.FamilyModelMeta) ?? throw reader.Damaged(
                "its description is empty");
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its description is not valid: {e.Message}");
        }
    }
}

internal sealed record FamilyModelMeta(
    string Model, LearningTask Task, int FactorCount, int ThirdOrderCount, bool SharesFactors, int FeatureCount, float Bias,
        float MinLabel, float MaxLabel);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(FamilyModelMeta))]
internal sealed partial class FamilyModelJson : JsonSerializerContext;
