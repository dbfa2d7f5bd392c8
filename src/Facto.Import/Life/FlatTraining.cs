using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Retrieval;
using Facto.Serving;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Session;

namespace Facto.Import.Life;

/// <summary>A project of nothing but files: libFM, libSVM or libFFM text, or lists of items by user.</summary>
internal sealed record FlatJob
{
    public required IReadOnlyList<string> Train { get; init; }
    public IReadOnlyList<string> Validation { get; init; } = [];
    public IReadOnlyList<string> Test { get; init; } = [];
    public string? Groups { get; init; }

    /// <summary>Whether the first line of <see cref="Groups"/> is feature 0 or feature 1; null finds out.</summary>
    public bool? ZeroBased { get; init; }


    /// <summary>Labels of at least this are positive and all others negative; null takes 0 and 1, or −1 and 1, alone.</summary>
    public float? PositiveFrom { get; init; }

    public long MaxBadLines { get; init; }
    public IReadOnlyList<FieldSide>? Sides { get; init; }

    /// <summary>Folder of bundles to leave one in, when the files have two sides; null leaves none.</summary>
    public string? Bundle { get; init; }
}

/// <summary>Learns from flat files: read, learn, judge on the files that are given for it, leave a bundle when asked to.</summary>
internal sealed class FlatTraining(FlatJob job, TrainRequest request, IProgress<LifeEvent>? progress, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly TrainOptions _options = Settled(request.Options(new TrainOptions()));

    public TrainReport Run(CancellationToken cancellation)
    {
        request.CheckOutputs();
        CheckBundle();
        long start = _time.GetTimestamp();
        WarmStart? warm = request.OpenWarmStart();
        FlatSplits splits = FlatSplits.Read(job, Task, warm?.Model.Schema, progress, cancellation);
        double readSeconds = _time.GetElapsedTime(start).TotalSeconds;
        if (job.Bundle is not null && splits.Train.Items is null)
        {
            throw new FactoException("a bundle needs users and items, and these files have no sides: say which field is whose with "
                + "--sides, or leave --bundle out");
        }

        var session = new TrainingSession
        {
            Train = splits.Train,
            Validation = splits.Validation,
            Test = splits.Test,
            Options = _options,
            Holdout = request.Holdout,
            WarmStart = warm,
            Checkpoints = request.CheckpointOf(null),
            Progress = progress.Of<SessionProgress>(p => new LifeEvent.Training(p)),
            Time = _time,
        };
        TrainingOutcome outcome = session.Run(cancellation);
        if (request.Model is not null) { ModelFile.Save(outcome.Model, request.Model); }
        return Judge(new TrainedPart("model", outcome, splits.Train.Count), splits, cancellation) with { ReadSeconds = readSeconds };
    }

    private LearningTask Task => _options.Task!.Value;

    // What the files' labels mean has to be known before they are read.
    private static TrainOptions Settled(TrainOptions options) => options with { Task = SolverSettings.Of(options).Task };

    private void CheckBundle()
    {
        if (job.Bundle is null) { return; }
        OutputChecks.Folder(job.Bundle, job.Bundle);
        if (request.Version is not null) { BundleFolder.CheckNew(job.Bundle, request.Version); }
    }

    private TrainReport Judge(TrainedPart trained, FlatSplits splits, CancellationToken cancellation)
    {
        TrainingOutcome outcome = trained.Outcome;
        int threads = outcome.Settings.Threads;
        float[]? predictions = splits.Test is null || (Task == LearningTask.Ranking && request.Predictions is null)
            ? null
            : outcome.TestPredictions ?? Predictions.Of(outcome.Model, splits.Test, threads);
        if (request.Predictions is not null) { Predictions.Write(predictions!, request.Predictions); }
        Dictionary<string, IReadOnlyDictionary<string, RankingReport>> ranking = [];
        var advice = new List<TrainingAdvice>(outcome.Advice);
        foreach ((string split, Dataset? data) in splits.Named)
        {
            if (data is null) { continue; }
            if (Task == LearningTask.Ranking)
            {
                if (split != "train") { ranking[split] = FlatRanking.Measure(outcome.Model, splits.Train, data, threads, cancellation); }
                continue;
            }

            float[] own = split == "test" ? predictions! : Predictions.Of(outcome.Model, data, threads);
            trained.Metrics[split] = Predictions.Measure(Task, own, data);
            if (split == "test" && TrainingAdvice.OfPredictions(Task, split, splits.Train, data, own) is { } constant)
            {
                advice.Add(constant);
            }
        }

        return new TrainReport
        {
            Trained = [trained],
            Ranking = ranking,
            Model = request.Model,
            Advice = advice,
            Bundle = WriteBundle(trained, ranking, splits, cancellation),
        };
    }

    private Bundle? WriteBundle(
        TrainedPart trained,
        Dictionary<string, IReadOnlyDictionary<string, RankingReport>> ranking,
        FlatSplits splits,
        CancellationToken cancellation)
    {
        if (job.Bundle is null) { return null; }
        DateTimeOffset now = _time.GetUtcNow();
        var manifest = new BundleManifest
        {
            Version = request.Version ?? string.Empty,
            DataFingerprint = DatasetFingerprint.Of(new Dictionary<string, Dataset> { ["train"] = splits.Train }),
            Created = now,
            Metrics = Project.Figures(ranking.GetValueOrDefault("test"), trained),
        };
        return BundleFolder.Write(
            job.Bundle, manifest, trained.Outcome.Model, splits.Train, null, trained.Outcome.Settings.Threads, null, new IndexOptions(),
                cancel: cancellation);
    }
}
