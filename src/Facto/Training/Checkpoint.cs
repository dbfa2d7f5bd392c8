using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Options;
using Facto.Training.Session;

namespace Facto.Training;

/// <summary>Where a run keeps its state.</summary>
/// <param name="Path">
/// The file; written after an epoch when the last one is older than two seconds, at the end, and when the run is cancelled.
/// </param>
/// <param name="Resume">Continue from the file instead of starting; it must be there and belong to the same data and options.</param>
internal sealed record CheckpointOptions(string Path, bool Resume = false)
{
    /// <summary>What the file says of the session that the run is a phase of; null for a run of one phase.</summary>
    public SessionNote? Note { get; init; }
}

/// <summary>
/// Reads and writes a run's state (docs/formats/README.md): the loop's history, the best model so far and the solver's own sections.
/// </summary>
internal static class Checkpoint
{
    public const int Version = 1;

    public static void Save(CheckpointOptions options, TrainingJob job, ISolver solver, RunState state)
    {
        using var writer = new ArtefactWriter(options.Path, ArtefactKind.Checkpoint, Version);
        FmModel? best = state.BestEpoch < state.History.Count ? state.BestModel as FmModel : null;
        var meta = new CheckpointMeta(Fingerprint(job), job.Given with { Task = job.Options.Task, Solver = job.Options.Solver })
        {
            History = [.. state.History.Select(SavedEpoch.Of)],
            BestPass = state.BestEpoch,
            BestBias = best?.Bias,
            BestFactorCount = best?.FactorCount ?? 0,
            BestSimilarity = best?.Similarity ?? Similarity.Dot,
            Session = options.Note,
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

    /// <summary>What the file says of the session that it belongs to; null for a run of one phase.</summary>
    /// <exception cref="FactoException">There is no checkpoint.</exception>
    public static SessionNote? NoteOf(string path)
    {
        using ArtefactReader reader = Open(path);
        return ReadMeta(reader).Session;
    }

    /// <summary>Puts <paramref name="solver"/> into the saved state.</summary>
    /// <exception cref="FactoException">There is no checkpoint, or it belongs to other data or options.</exception>
    public static RunState Load(CheckpointOptions options, TrainingJob job, ISolver solver)
    {
        string path = options.Path;
        using ArtefactReader reader = Open(path);
        CheckpointMeta meta = ReadMeta(reader);
        double then = meta.Session?.Holdout ?? 0, asked = options.Note?.Holdout ?? 0;
        if (then != asked)
        {
            throw new FactoException(string.Create(
                CultureInfo.InvariantCulture, $"{path}: the checkpoint was written with holdout {then}, now it is "
                + $"{asked}; use the same one or train without --resume"));
        }

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

    private static ArtefactReader Open(string path) => File.Exists(path)
        ? new ArtefactReader(path, ArtefactKind.Checkpoint, Version)
        : throw new FactoException($"{path}: there is no checkpoint to resume from; train without --resume first");

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

    // More epochs, other patience and other thread counts are a continuation of the same run; everything else is another run. A cosine goes
    // down over all epochs: with another number of them the ones that have run would have had other steps.
    private static void RefuseOtherOptions(string path, SolverSettings saved, SolverSettings asked)
    {
        (string Name, string There, string Here)? difference = saved.DifferenceTo(asked);
        if (difference is null && asked.Schedule == LearningRateSchedule.Cosine && saved.Epochs != asked.Epochs)
        {
            difference =
                ("epochs", saved.Epochs.ToString(CultureInfo.InvariantCulture), asked.Epochs.ToString(CultureInfo.InvariantCulture));
        }

        if (difference is not var (name, there, here)) { return; }
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

    public SessionNote? Session { get; init; }

    /// <summary>The options as that run resolved them: older files wrote every option, read or not.</summary>
    [JsonIgnore]
    public SolverSettings Settings => SolverSettings.OfSaved(Options, LearningTask.Regression);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointMeta))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
