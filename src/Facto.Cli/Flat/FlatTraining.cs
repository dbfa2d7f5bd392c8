using System.Globalization;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Models.Family;
using Facto.Models.Text;
using Facto.Training;

namespace Facto.Cli.Flat;

/// <summary>What a run over flat files is made of.</summary>
internal sealed record FlatJob
{
    public required IReadOnlyList<string> Train { get; init; }
    public IReadOnlyList<string> Validation { get; init; } = [];
    public IReadOnlyList<string> Test { get; init; } = [];
    public string? Groups { get; init; }
    public WarmStart? WarmStart { get; init; }
    public string? Model { get; init; }
    public string? TextModel { get; init; }
    public TextModelFormat TextFormat { get; init; }
    public string? Predictions { get; init; }
    public CheckpointOptions? Checkpoints { get; init; }
    public double Holdout { get; init; }
    public long MaxBadLines { get; init; }
    public IReadOnlyList<FieldSide>? Sides { get; init; }
}

/// <summary>`facto train` on libFM, libSVM or libFFM files, or on lists of items by user, with no project.</summary>
internal sealed class FlatTraining(FlatJob job, TrainOptions options, Report report)
{
    private readonly JsonObject _json = [];
    private Dataset _train = null!;
    private Dataset? _validation;
    private Dataset? _test;
    private (ISeparableModel Model, OptimizerState? State)? _warm;

    public int Run(CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        ReadFiles(cancellation);
        _warm = job.WarmStart?.Open(_train.Schema, options);
        double readSeconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        TrainResult result = job.Holdout > 0 ? TrainWithHoldout(cancellation) : Train(_train, _validation, options, job.Checkpoints, cancellation);
        if (job.Model is not null) { ModelFile.Save(result.Model, job.Model); }
        if (job.TextModel is not null) { TextModelWriter.Write(result.Model, job.TextFormat, job.TextModel); }
        Summarise(result, readSeconds);
        if (options.Task == LearningTask.Ranking) { JudgeRanking(result.Model, cancellation); }
        else
        {
            JsonObject metrics = JudgePredictions(result);
            Advise(result, metrics);
        }

        if (job.Model is not null) { report.Say($"model: {job.Model}"); }
        report.Json(_json);
        return FactoProgram.Ok;
    }

    private void ReadFiles(CancellationToken cancellation) => (_train, _validation, _test) = FlatParts.Read(job, options.Task, report, cancellation);

    // The number of passes is chosen on a random share of the training examples, then all of them are learnt from for as many passes.
    private TrainResult TrainWithHoldout(CancellationToken cancellation)
    {
        FlatParts parts = new FlatParts(_train, null, _test).HoldOut(job.Holdout, options.Seed);
        report.Note($"choosing the number of passes on {parts.Validation!.Count} of {_train.Count} training examples");
        TrainResult search = Train(parts.Train, parts.Validation, options, null, cancellation);
        report.Note($"best pass: {search.BestPass}; learning from all examples");
        return Train(_train, null, options with { Epochs = search.BestPass }, job.Checkpoints, cancellation);
    }

    private TrainResult Train(Dataset train, Dataset? validation, TrainOptions how, CheckpointOptions? checkpoints, CancellationToken cancellation)
    {
        var training = new TrainingJob(train, how, validation, _warm?.Model as FmModel) { Test = _test, WarmState = _warm?.State, WarmFamily = _warm?.Model as FamilyModel };
        return Trainer.Train(training, new TrainingProgress(report), TimeProvider.System, checkpoints, cancellation);
    }

    private JsonObject JudgePredictions(TrainResult result)
    {
        var metrics = new JsonObject();
        Judge("train", _train, PredictionTable.Predict(result.Model, _train, options.Threads));
        if (_validation is not null) { Judge("validation", _validation, PredictionTable.Predict(result.Model, _validation, options.Threads)); }
        if (_test is not null)
        {
            float[] predictions = result.TestPredictions ?? PredictionTable.Predict(result.Model, _test, options.Threads);
            Judge("test", _test, predictions);
            WritePredictions(predictions);
        }

        PredictionTable.Print(report, metrics);
        _json["metrics"] = metrics;
        return metrics;

        void Judge(string part, Dataset data, float[] predictions) => metrics[part] = PredictionTable.ToJson(PredictionTable.Measure(options.Task, predictions, data));
    }

    private void Advise(TrainResult result, JsonObject metrics)
    {
        string?[] sentences =
        [
            TrainingAdvice.OfCurve(result),
            _validation is null ? null : TrainingAdvice.OfConstant(options.Task, "validation", _train, _validation, metrics),
            _test is null ? null : TrainingAdvice.OfConstant(options.Task, "test", _train, _test, metrics),
        ];
        foreach (string sentence in sentences.OfType<string>()) { report.Note(sentence); }
    }

    private void JudgeRanking(ISeparableModel model, CancellationToken cancellation)
    {
        JsonObject metrics = [], popularity = [];
        foreach ((string part, Dataset? data) in (ReadOnlySpan<(string, Dataset?)>)[("validation", _validation), ("test", _test)])
        {
            if (data is null) { continue; }
            Dictionary<string, RankingReport> reports = FlatRanking.Measure(model, _train, data, options.Threads, cancellation);
            FlatRanking.Print(report, part, reports);
            metrics[part] = FlatRanking.ToJson(reports, "model");
            popularity[part] = FlatRanking.ToJson(reports, "popularity");
        }

        _json["metrics"] = metrics;
        _json["popularity"] = popularity;
        if (_test is not null && job.Predictions is not null) { WritePredictions(PredictionTable.Predict(model, _test, options.Threads)); }
    }

    private void WritePredictions(float[] predictions)
    {
        if (job.Predictions is not null) { File.WriteAllLines(job.Predictions, predictions.Select(p => p.ToString("R", CultureInfo.InvariantCulture))); }
    }

    private void Summarise(TrainResult result, double readSeconds)
    {
        _json["train"] = new JsonObject
        {
            ["solver"] = options.Solver,
            ["family"] = FamilyModelFile.KindOf(options.Family),
            ["vector_dimension"] = result.Model.VectorDimension,
            ["passes"] = result.PassesRun,
            ["best_pass"] = result.BestPass,
            ["seconds"] = result.Seconds,
            ["examples"] = _train.Count,
            ["examples_per_second"] = result.ExamplesPerSecond,
            ["threads"] = options.Threads,
            ["factors"] = options.Factors,
            ["seed"] = options.Seed,
            ["read_seconds"] = readSeconds,
        };
        _json["model"] = job.Model;
        report.Say($"{options.Solver}, k={options.Factors}, {result.PassesRun} passes ({TrainingAdvice.Kept(result, _validation is not null || job.Holdout > 0)}) over {_train.Count} examples in {Report.Number(result.Seconds, "0.00")} s, "
            + $"{Report.Count(result.ExamplesPerSecond)} examples/s on {options.Threads} thread{(options.Threads == 1 ? string.Empty : "s")}; files read in {Report.Number(readSeconds, "0.00")} s");
    }
}
