using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Training;

/// <summary>Where a run keeps its state.</summary>
/// <param name="Path">The file; written after an epoch when the last one is older than two seconds, at the end, and when the run is
/// cancelled.</param>
/// <param name="Resume">Continue from the file instead of starting; it must be there and belong to the same data and options.</param>
internal sealed record CheckpointOptions(string Path, bool Resume = false);

/// <summary>
/// Reads and writes a run's state (docs/formats/README.md): the loop's history, the best model so far and the solver's own sections.
/// </summary>
internal static class Checkpoint
{
    public const int Version = 1;

    public static void Save(string path, TrainingJob job, ISolver solver, RunState state)
    {
        using var writer = new ArtefactWriter(path, ArtefactKind.Checkpoint, Version);
        FmModel? best = state.BestEpoch < state.History.Count ? state.BestModel as FmModel : null;
        var meta = new CheckpointMeta(Fingerprint(job), job.Given with { Task = job.Options.Task, Solver = job.Options.Solver })
        {
            History = [.. state.History.Select(SavedEpoch.Of)],
            BestPass = state.BestEpoch,
            BestBias = best?.Bias,
            BestFactorCount = best?.FactorCount ?? 0,
            BestSimilarity = best?.Similarity ?? Similarity.Dot,
        };
        writer.SetMeta(JsonSerializer.SerializeToUtf8Bytes(meta, CheckpointJson.Default.CheckpointMeta));
        if (best is not null)
        {
            writer.Write("best.linear", best.Linear);
            writer.Write("best.factors", best.Factors.Storage);
        }

        FeatureSchemaFile.Write(writer, job.Train.Schema);
        solver.SaveState(writer);
        writer.Commit();
    }

    /// <summary>Puts <paramref name="solver"/> into the saved state.</summary>
    /// <exception cref="FactoException">There is no checkpoint, or it belongs to other data or options.</exception>
    public static RunState Load(string path, TrainingJob job, ISolver solver)
    {
        if (!File.Exists(path))
        {
            throw new FactoException($"{path}: there is no checkpoint to resume from; train without --resume first");
        }
        using var reader = new ArtefactReader(path, ArtefactKind.Checkpoint, Version);
        CheckpointMeta meta = ReadMeta(reader);
        if (meta.Data != Fingerprint(job))
        {
            throw new FactoException($"{path}: the checkpoint belongs to other training data; train without --resume");
        }
        RefuseOtherOptions(path, meta.Settings, job.Options);
        solver.LoadState(reader);
        return new RunState(
            [.. meta.History.Select(h => h.ToReport())], meta.BestPass,
            meta.BestBias is { } bias ? ReadBest(reader, meta, bias, job) : null);
    }

    // Copied out of the file, so that it can be replaced by the next checkpoint.
    private static FmModel ReadBest(ArtefactReader reader, CheckpointMeta meta, float bias, TrainingJob job)
    {
        var model = new FmModel(job.Train.Schema, job.Options.Task, meta.BestFactorCount) { Bias = bias, Similarity = meta.BestSimilarity };
        if (job.Options.Task == LearningTask.Regression) { (model.MinLabel, model.MaxLabel) = job.LabelRange(); }
        reader.Block<float>("best.linear", model.Linear.Length).CopyTo(model.Linear);
        reader.Block<float>("best.factors", model.Factors.Storage.Length).CopyTo(model.Factors.Storage);
        return model;
    }

    public static CheckpointMeta ReadMeta(ArtefactReader reader)
    {
        try
        {
            return JsonSerializer.Deserialize(reader.Meta, CheckpointJson.Default.CheckpointMeta)
                ?? throw reader.Damaged("its description is empty");
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its description is not valid: {e.Message}");
        }
    }

    // More epochs, other patience and other thread counts are a continuation of the same run; everything else is another run.
    private static void RefuseOtherOptions(string path, SolverSettings saved, SolverSettings asked)
    {
        if (saved.DifferenceTo(asked) is not var (name, there, here)) { return; }
        throw new FactoException(
            $"{path}: the checkpoint was written with other options ({name} is {there} there and {here} now); use the same ones or "
                + "train without --resume");
    }

    private static string Fingerprint(TrainingJob job)
    {
        Interactions examples = job.Train.Interactions;
        uint crc = 0;
        foreach (NativeBlock<int>? column in (ReadOnlySpan<NativeBlock<int>?>)[examples.Users, examples.Items, examples.Contexts,
            job.Train.Contexts?.FeatureBlock])
        {
            for (long start = 0; column is not null && start < column.Length; start += 1 << 24)
            {
                crc = StableHash.Crc32C(MemoryMarshal.AsBytes(column.Slice(start, (int)Math.Min(1 << 24, column.Length - start))), crc);
            }
        }

        crc = StableHash.Crc32C(MemoryMarshal.AsBytes(examples.Labels.Span), crc);
        return $"{examples.Count} examples, {job.Train.Schema.FeatureCount} features, crc {crc:x8}";
    }
}

/// <summary>The description of a checkpoint; the names are those of version 1 of the format.</summary>
internal sealed record CheckpointMeta(string Data, TrainOptions Options)
{
    public SavedEpoch[] History { get; init; } = [];

    public int BestPass { get; init; }

    public float? BestBias { get; init; }

    public int BestFactorCount { get; init; }

    public Similarity BestSimilarity { get; init; } = Similarity.Dot;

    /// <summary>The options as that run resolved them: older files wrote every option, read or not.</summary>
    [JsonIgnore]
    public SolverSettings Settings => SolverSettings.OfSaved(Options, LearningTask.Regression);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointMeta))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
