using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Training.Family;

namespace Facto.Training;

/// <summary>Where a run keeps its state.</summary>
/// <param name="Path">The file; written after a pass when the last one is older than two seconds, at the end, and when the run is cancelled.</param>
/// <param name="Resume">Continue from the file instead of starting; it must be there and belong to the same data and options.</param>
public sealed record CheckpointOptions(string Path, bool Resume = false);

/// <summary>Reads and writes a run's state (docs/formats/README.md): the loop's history, the best model so far and the solver's own sections.</summary>
internal static class Checkpoint
{
    public const int Version = 1;

    public static void Save(string path, TrainingJob job, ISolver solver, RunState state)
    {
        using var writer = new ArtefactWriter(path, ArtefactKind.Checkpoint, Version);
        ISeparableModel? kept = state.BestPass < state.History.Count ? state.BestModel : null;
        FmModel? best = kept as FmModel;
        FamilyStore? kin = (kept as FamilyModel)?.Store;
        float? bias = best?.Bias ?? kin?.Bias;
        var meta = new CheckpointMeta(Fingerprint(job), job.Options, [.. state.History], state.BestPass, bias, best?.FactorCount ?? 0, best?.Similarity ?? Similarity.Dot);
        writer.SetMeta(JsonSerializer.SerializeToUtf8Bytes(meta, CheckpointJson.Default.CheckpointMeta));
        if (best is not null)
        {
            writer.Write("best.linear", best.Linear);
            writer.Write("best.factors", best.Factors.Storage);
        }

        if (kin is not null)
        {
            writer.Write("best.linear", kin.Linear);
            writer.Write("best.factors", kin.Factors);
            writer.Write("best.coupling", kin.Coupling);
        }

        FeatureSchemaFile.Write(writer, job.Train.Schema);
        solver.SaveState(writer);
        writer.Commit();
    }

    /// <summary>Puts <paramref name="solver"/> into the saved state.</summary>
    /// <exception cref="FactoException">There is no checkpoint, or it belongs to other data or options.</exception>
    public static RunState Load(string path, TrainingJob job, ISolver solver)
    {
        if (!File.Exists(path)) { throw new FactoException($"{path}: there is no checkpoint to resume from; train without --resume first"); }
        using var reader = new ArtefactReader(path, ArtefactKind.Checkpoint, Version);
        CheckpointMeta meta = ReadMeta(reader);
        if (meta.Data != Fingerprint(job)) { throw new FactoException($"{path}: the checkpoint belongs to other training data; train without --resume"); }
        RefuseOtherOptions(path, meta.Options, job.Options);
        solver.LoadState(reader);
        return new RunState(meta.History, meta.BestPass, meta.BestBias is { } bias ? ReadBest(reader, meta, bias, job) : null);
    }

    // Copied out of the file, so that it can be replaced by the next checkpoint.
    private static ISeparableModel ReadBest(ArtefactReader reader, CheckpointMeta meta, float bias, TrainingJob job)
    {
        if (job.Options.Family != ModelFamily.Fm) { return ReadKin(reader, bias, job); }
        var model = new FmModel(job.Train.Schema, job.Options.Task, meta.BestFactorCount) { Bias = bias, Similarity = meta.BestSimilarity };
        if (job.Options.Task == LearningTask.Regression) { (model.MinLabel, model.MaxLabel) = job.LabelRange(); }
        reader.Block<float>("best.linear", model.Linear.Length).CopyTo(model.Linear);
        reader.Block<float>("best.factors", model.Factors.Storage.Length).CopyTo(model.Factors.Storage);
        return model;
    }

    private static FamilyModel ReadKin(ArtefactReader reader, float bias, TrainingJob job)
    {
        FamilyShape shape = FamilyOptions.Of(job.Options).Shape;
        FeatureSchema schema = job.Train.Schema;
        var store = new FamilyStore(schema.FeatureCount, shape.Columns(schema), shape.CouplingLength(schema)) { Bias = bias };
        reader.Block<float>("best.linear", store.Linear.Length).CopyTo(store.Linear);
        reader.Block<float>("best.factors", store.Factors.Length).CopyTo(store.Factors);
        reader.Block<float>("best.coupling", store.Coupling.Length).CopyTo(store.Coupling);
        (float low, float high) = job.Options.Task == LearningTask.Regression ? job.LabelRange() : (float.NegativeInfinity, float.PositiveInfinity);
        return FamilyModel.Create(shape, schema, job.Options.Task, store, low, high);
    }

    public static CheckpointMeta ReadMeta(ArtefactReader reader)
    {
        try
        {
            return JsonSerializer.Deserialize(reader.Meta, CheckpointJson.Default.CheckpointMeta) ?? throw reader.Damaged("its description is empty");
        }
        catch (JsonException e)
        {
            throw reader.Damaged($"its description is not valid: {e.Message}");
        }
    }

    // More passes, other patience and other thread counts are a continuation of the same run; everything else is another run.
    private static void RefuseOtherOptions(string path, TrainOptions saved, TrainOptions asked)
    {
        string then = Text(saved with { Epochs = asked.Epochs, Patience = asked.Patience, Threads = asked.Threads });
        string now = Text(asked);
        if (then == now) { return; }
        string difference = then.Split(',').Zip(now.Split(',')).Where(p => p.First != p.Second).Select(p => $"{p.First} there, {p.Second} now").FirstOrDefault() ?? "other options";
        throw new FactoException($"{path}: the checkpoint was written with other options ({difference}); use the same ones or train without --resume");

        static string Text(TrainOptions options) => JsonSerializer.Serialize(options, CheckpointJson.Default.TrainOptions);
    }

    private static string Fingerprint(TrainingJob job)
    {
        Interactions examples = job.Train.Interactions;
        uint crc = 0;
        foreach (NativeBlock<int>? column in (ReadOnlySpan<NativeBlock<int>?>)[examples.Users, examples.Items, examples.Contexts, job.Train.Contexts?.FeatureBlock])
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

internal sealed record CheckpointMeta(string Data, TrainOptions Options, EpochReport[] History, int BestPass, float? BestBias, int BestFactorCount, Similarity BestSimilarity = Similarity.Dot);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointMeta))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
