using Facto.Models;

namespace Facto.Training;

/// <summary>One call of <see cref="Trainer"/>: the loop and what it remembers between epochs.</summary>
internal sealed class TrainingRun
{
    // An epoch under way may end within this time after a cancellation, and a checkpoint is due when the last one is older:
    // so a cancelled run loses less than one epoch of work and this long at most.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly TrainingJob _job;
    private readonly ISolver _solver;
    private readonly IProgress<EpochReport>? _progress;
    private readonly TimeProvider _time;
    private readonly CheckpointOptions? _checkpoints;
    private readonly float[] _scores;   // of the validation examples
    private readonly float _low, _high; // range of the training labels

    private RunState _state = new([], 0, null);
    private long _lastSave;
    private int _savedEpoch;
    private bool _epochUnderWay;

    public TrainingRun(TrainingJob job, ISolver solver, IProgress<EpochReport>? progress, TimeProvider time, CheckpointOptions? checkpoints)
    {
        (_job, _solver, _progress, _time, _checkpoints) = (job, solver, progress, time, checkpoints);
        _scores = new float[job.Validation?.Count ?? 0];
        (_low, _high) = job.LabelRange();
        _lastSave = time.GetTimestamp();
    }

    public TrainResult Run(CancellationToken cancellation)
    {
        if (_checkpoints is { Resume: true })
        {
            _state = Checkpoint.Load(_checkpoints, _job, _solver);
            if (MayGoBack && _state.BestEpoch == _state.History.Count) { _state = _state with { BestModel = _solver.Snapshot() }; }
            _savedEpoch = _state.History.Count;
        }

        try
        {
            while (_state.History.Count < _job.Options.Epochs && !IsPatienceOver())
            {
                cancellation.ThrowIfCancellationRequested();
                RunEpoch(cancellation);
                SaveIfDue(Grace);
            }
        }
        catch (OperationCanceledException) when (!_epochUnderWay)
        {
            // An epoch that was cut short leaves a state that is good for nothing; then the checkpoint before it stays.
            SaveIfDue(TimeSpan.Zero);
            throw;
        }

        SaveIfDue(TimeSpan.Zero);
        ISeparableModel model = _state.BestModel ?? _solver.Snapshot();
        int modelEpoch = MayGoBack ? _state.BestEpoch : _state.History.Count;
        return new TrainResult(model, _state.History, modelEpoch, _state.History.Sum(r => r.Seconds))
        {
            TestPredictions = TestPredictions(),
            Settings = _job.Options.WithData(_solver.ChosenFromData),
            Advice = IdleOptions.Of(_job),
        };
    }

    // A sampler's scores are means of predictions already, as log-odds when binary.
    private float[]? TestPredictions()
    {
        if (_job.Test is not { } test || _solver.KeepsBestEpoch) { return null; }
        float[] predictions = new float[test.Count];
        _solver.Score(test, predictions);
        return _job.Options.Task == LearningTask.Binary ? Array.ConvertAll(predictions, p => 1 / (1 + MathF.Exp(-p))) : predictions;
    }

    // Without validation or with patience 0 the last epoch is the one that is returned.
    private bool MayGoBack => _solver.KeepsBestEpoch && _job.Validation is { Count: > 0 } && _job.Options.Patience > 0;

    private void RunEpoch(CancellationToken cancellation)
    {
        int epoch = _state.History.Count + 1;
        using var patient = new CancellationTokenSource();
        using CancellationTokenRegistration link =
            cancellation.Register(() => patient.CancelAfter(_checkpoints is null ? TimeSpan.Zero : Grace));
        _epochUnderWay = true;
        long start = _time.GetTimestamp();
        EpochResult result = _solver.RunEpoch(epoch, patient.Token);
        double seconds = _time.GetElapsedTime(start).TotalSeconds;
        _epochUnderWay = false;
        RefuseDivergence(epoch, result.Loss);

        ValidationMetric? metric = Validate();
        double wholeSeconds = _time.GetElapsedTime(start).TotalSeconds;
        bool isBest = metric is null || _state.BestEpoch == 0
            || metric.Value.IsBetterThan(_state.History[_state.BestEpoch - 1].Validation!.Value);
        int epochs = _job.Options.Epochs;
        var report = new EpochReport
        {
            Epoch = epoch,
            Epochs = epochs,
            Loss = result.Loss,
            Validation = metric,
            IsBest = isBest,
            Seconds = seconds,
            Examples = result.Examples,
            SecondsLeft = wholeSeconds * (epochs - epoch),
        };
        ISeparableModel? best = !MayGoBack ? null : isBest ? _solver.Snapshot() : _state.BestModel;
        _state = new RunState([.. _state.History, report], isBest ? epoch : _state.BestEpoch, best);
        _progress?.Report(report);
    }

    private ValidationMetric? Validate()
    {
        if (_job.Validation is not { Count: > 0 } validation) { return null; }
        if (_solver.Validate(validation) is { } own) { return own; }
        _solver.Score(validation, _scores);
        return ValidationMetric.Of(_job.Options.Task, _scores, validation.Interactions, _low, _high);
    }

    private bool IsPatienceOver() =>
        MayGoBack && _state.History.Count - _state.BestEpoch >= _job.Options.Patience;

    private void RefuseDivergence(int epoch, double loss)
    {
        double first = _state.History.Count == 0 ? loss : _state.History[0].Loss;
        if (!double.IsPositiveInfinity(loss) && !(loss > first + (9 * Math.Abs(first)) + 1e-2)) { return; }
        string found = double.IsPositiveInfinity(loss)
            ? "the parameters are no longer numbers"
            : $"the loss is {loss:0.####}, {first:0.####} in epoch 1";
        throw new FactoException($"training diverged in epoch {epoch}: {found}; {_solver.DivergenceAdvice}");
    }

    private void SaveIfDue(TimeSpan age)
    {
        if (_checkpoints is null || _state.History.Count == _savedEpoch || _time.GetElapsedTime(_lastSave) < age) { return; }
        Checkpoint.Save(_checkpoints, _job, _solver, _state);
        _savedEpoch = _state.History.Count;
        _lastSave = _time.GetTimestamp();
    }
}

/// <summary>What the loop carries from epoch to epoch.</summary>
/// <param name="History">Reports so far.</param>
/// <param name="BestEpoch">0 before the first epoch.</param>
/// <param name="BestModel">The model of <paramref name="BestEpoch"/> when a later epoch may have to go back to it.</param>
internal sealed record RunState(IReadOnlyList<EpochReport> History, int BestEpoch, ISeparableModel? BestModel);
