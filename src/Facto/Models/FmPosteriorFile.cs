using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;

namespace Facto.Models;

/// <summary>
/// A posterior on disk: schema, the mean FM's parameters and what each draw adds (docs/formats/README.md, kind "fm-posterior").
/// </summary>
internal static class FmPosteriorFile
{
    internal const string Kind = "fm-posterior";

    private const int Version = 1;

    /// <summary>Writes <paramref name="model"/>, whole or not at all.</summary>
    public static void Save(FmPosterior model, string path)
    {
        using var writer = new ArtefactWriter(path, ArtefactKind.Model, Version);
        FmModel mean = model.Mean;
        var meta = new FmPosteriorMeta(
            Kind, model.Task, model.FactorCount, model.DrawCount, model.Schema.FeatureCount, mean.Bias, mean.MinLabel, mean.MaxLabel);
        writer.SetMeta(JsonSerializer.SerializeToUtf8Bytes(meta, FmPosteriorJson.Default.FmPosteriorMeta));
        FeatureSchemaFile.Write(writer, model.Schema);
        writer.Write("linear", mean.Linear);
        writer.Write("factors", mean.Factors.Storage);
        writer.Write("draw-linear", model.DrawLinear.Storage);
        writer.Write<float>("draw-bias", model.Biases);
        writer.Write<double>("draw-precision", model.Precisions);
        writer.Write<float>("classes", model.Levels);
        writer.Write<double>("cut-points", model.CutPoints);
        writer.Commit();
    }

    /// <summary>Maps a posterior; it keeps the file open as long as it lives.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, foreign or of another kind.</exception>
    public static FmPosterior Open(string path)
    {
        var reader = new ArtefactReader(path, ArtefactKind.Model, Version);
        try
        {
            FmPosteriorMeta meta = ReadMeta(reader);
            FeatureSchema schema = FeatureSchemaFile.Read(reader);
            if (meta.Model != Kind) { throw reader.Damaged($"it holds a model of the kind '{meta.Model}', not '{Kind}'"); }
            if (meta.FeatureCount != schema.FeatureCount)
            {
                throw reader.Damaged($"it has {meta.FeatureCount} features, its schema {schema.FeatureCount}");
            }
            int draws = meta.DrawCount, n = schema.FeatureCount;
            if (draws < 1 || meta.FactorCount < 0 || (long)draws * meta.FactorCount > 1 << 24)
            {
                throw reader.Damaged($"{draws} draws of {meta.FactorCount} factors are impossible");
            }
            var mean =
                new FmModel(schema, meta.Task, reader.Block<float>("linear", n), reader.Matrix("factors", n, draws * meta.FactorCount))
                {
                    Bias = meta.Bias,
                    MinLabel = meta.MinLabel,
                    MaxLabel = meta.MaxLabel,
                };
            float[] levels = reader.Block<float>("classes").Span.ToArray();
            bool fits = meta.Task is LearningTask.Binary or LearningTask.Ordinal ? levels.Length >= 2 : levels.Length == 0;
            if (!fits) { throw reader.Damaged($"{levels.Length} classes do not go with the task {meta.Task}"); }
            double[] cutPoints = reader.Block<double>("cut-points", (long)draws * Math.Max(0, levels.Length - 1)).Span.ToArray();
            return new FmPosterior(
                mean, draws, reader.Matrix("draw-linear", n, draws), reader.Block<float>("draw-bias", draws).Span.ToArray(),
                    reader.Block<double>("draw-precision", draws).Span.ToArray(), cutPoints, levels);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static FmPosteriorMeta ReadMeta(ArtefactReader reader)
    {
        try
        {
            return JsonSerializer.Deserialize(reader.Meta, FmPosteriorJson.Default.FmPosteriorMeta)
                ?? throw reader.Damaged("its description is empty");
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its description is not valid: {e.Message}");
        }
    }
}

internal sealed record FmPosteriorMeta(
    string Model, LearningTask Task, int FactorCount, int DrawCount, int FeatureCount, float Bias, float MinLabel, float MaxLabel);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(FmPosteriorMeta))]
internal sealed partial class FmPosteriorJson : JsonSerializerContext;
