using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Serving;
using Facto.Training;
using Facto.Training.Session;

namespace Facto.Import.Life;

/// <summary>Learning and judging.</summary>
internal sealed partial class Project
{
    /// <summary>Learns from the dataset (which is imported when it is not there) and leaves a bundle that can be served.</summary>
    /// <exception cref="FactoException">
    /// Something does not fit, or what would be written cannot be; that is found out before learning.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled; with a checkpoint the last whole epoch is kept.</exception>
    public TrainReport Train(TrainRequest request, CancellationToken cancellation = default)
    {
        request.CheckOutputs();
        if (file.Interactions.IsFlat) { return TrainFlat(request, cancellation); }
        CheckVersion(request.Version);
        if (file.Stages is not null || request.Stage is not null) { return new StageTraining(this, request, progress).Run(cancellation); }
        using DatasetFile data = OpenDataset(cancellation);
        TrainedPart trained = Learn("model", request.Options(file.Training), request, data, null, cancellation);
        Dictionary<string, IReadOnlyDictionary<string, RankingReport>> ranking = [];
        if (request.Evaluate) { ranking["test"] = Rank(trained.Outcome.Model, data, [], trained.Outcome.Settings.Threads, cancellation); }
        Bundle bundle = WriteBundle(
            trained.Outcome.Model,
            data,
            request.Version,
            Figures(ranking.GetValueOrDefault("test"), trained),
            trained.Outcome.Settings.Threads,
            cancellation: cancellation);
        return new TrainReport
        {
            Trained = [trained],
            Ranking = ranking,
            Bundle = bundle,
            Model = request.Model ?? Path.Combine(bundle.Folder, "model.facto"),
            Advice = trained.Outcome.Advice,
        };
    }

    // Without users and items there is nothing to rank or serve: what is left is the model.
    private TrainReport TrainFlat(TrainRequest request, CancellationToken cancellation)
    {
        if (request.Version is not null)
        {
            throw new OptionException("--version names a bundle, and a flat project (interactions without user and item) leaves "
                + "model.facto: leave it out");
        }

        string path = request.Model ?? FlatModelPath;
        OutputChecks.File(path);
        using DatasetFile data = OpenDataset(cancellation);
        request = request with { Model = path, Evaluate = data.Parts.GetValueOrDefault("test") is { Count: > 0 } };
        TrainedPart trained = Learn("model", request.Options(file.Training), request, data, null, cancellation);
        return new TrainReport { Trained = [trained], Model = path, Advice = trained.Outcome.Advice };
    }

    /// <summary>Judges a bundle on a split.</summary>
    /// <exception cref="FactoException">There is no such bundle or split, or nobody in it can be judged.</exception>
    public EvaluationOutcome Evaluate(EvaluationRequest request, CancellationToken cancellation = default) =>
        new BundleEvaluation(this, request, progress).Run(cancellation);

    /// <summary>One training on the dataset, its predictions and metrics.</summary>
    internal TrainedPart Learn(
        string name, TrainOptions options, TrainRequest request, DatasetFile data, string? stage, CancellationToken cancellation)
    {
        bool predicts = request.Predictions is not null || request.Evaluate;
        Dataset? test = data.Parts.GetValueOrDefault("test") is { Count: > 0 } given ? given : null;
        if (request.Predictions is not null && test is null)
        {
            throw new FactoException("there is no test split to predict: give the split one, or leave the predictions out");
        }

        var session = new TrainingSession
        {
            Train = data["train"],
            Validation = data.Parts.GetValueOrDefault("validation"),
            Test = predicts ? test : null,
            Options = options,
            Holdout = request.Holdout,
            WarmStart = request.OpenWarmStart(),
            Checkpoints = request.CheckpointOf(stage),
        };
        return Run(name, session, request, predicts ? test : null, cancellation);
    }

    /// <summary>Runs a session of this project, writes what was asked for and measures predictions.</summary>
    internal TrainedPart Run(string name, TrainingSession session, TrainRequest request, Dataset? test, CancellationToken cancellation)
    {
        TrainingOutcome outcome = (session with
        {
            Progress = progress.Of<SessionProgress>(p => new LifeEvent.Training(p)),
            Time = _time,
        }).Run(cancellation);
        var trained = new TrainedPart(name, outcome, session.Train.Count);
        if (request.Model is not null) { ModelFile.Save(outcome.Model, request.Model); }
        int threads = outcome.Settings.Threads;
        float[]? predictions = test is null ? null : outcome.TestPredictions ?? Predictions.Of(outcome.Model, test, threads);
        if (request.Predictions is not null) { Predictions.Write(predictions!, request.Predictions); }
        if (outcome.Settings.Task == LearningTask.Ranking) { return trained; }
        Add("train", session.Train, null);
        if (session.Validation is { Count: > 0 } validation) { Add("validation", validation, null); }
        if (test is not null && request.Evaluate) { Add("test", test, predictions); }
        return trained;

        void Add(string split, Dataset examples, float[]? ready) =>
            trained.Metrics[split] = Predictions.Measure(
                outcome.Settings.Task, ready ?? Predictions.Of(outcome.Model, examples, threads), examples);
    }

    /// <summary>How a model, or a cascade that it begins, ranks the test split beside popularity, item neighbours and chance.</summary>
    internal IReadOnlyDictionary<string, RankingReport> Rank(
        ISeparableModel model, DatasetFile data, IReadOnlyList<BundleStage> stages, int threads, CancellationToken cancellation)
    {
        if (data.Parts.GetValueOrDefault("test") is not { Count: > 0 } test)
        {
            throw new FactoException("there is no test split to judge on: give the split one, or train without judging");
        }

        var comparison = new RankingComparison(model, data["train"], test, Recipe, [file.Retrieval.Count], threads, progress)
        {
            History = data.Parts.GetValueOrDefault("history"),
            Stages = stages,
            HidesSeen = file.Retrieval.HideSeen,
        };
        return comparison.Run(RankingSlice.All, allRecipes: false, cancellation);
    }

    // Without a judged test split the bundle keeps what validation said.
    internal static Dictionary<string, IReadOnlyDictionary<string, double>> Figures(
        IReadOnlyDictionary<string, RankingReport>? ranking, TrainedPart trained)
    {
        if (ranking is not null) { return Figures(ranking); }
        return trained.Outcome.Validation is { } best && double.IsFinite(best.Value)
            ? new() { ["model"] = new Dictionary<string, double> { [$"validation {best.Name}"] = best.Value } }
            : [];
    }
}
