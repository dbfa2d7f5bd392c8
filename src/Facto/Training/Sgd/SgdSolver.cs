using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Training.Sgd;

/// <summary>Makes the solver that a name and a task ask for.</summary>
internal static class SgdSolvers
{
    private static readonly LearningTask[] Tasks = [LearningTask.Regression, LearningTask.Binary];

    public static SolverDescription Sgd { get; } = SolverDescription.Of(
        "sgd", "plain stochastic gradient descent", Tasks, OptionTable.Sgd, Create<PlainUpdate>);

    public static SolverDescription AdaGrad { get; } = SolverDescription.Of(
        "adagrad", "gradient descent with a step size per parameter that shrinks with use (the default)", Tasks, OptionTable.AdaGrad,
            Create<AdaGradUpdate>);

    public static SolverDescription Adam { get; } = SolverDescription.Of(
        "adam", "gradient descent with momentum and a step size per parameter", Tasks, OptionTable.Adam, Create<AdamUpdate>);

    public static SolverDescription Sgda { get; } = SolverDescription.Of(
        "sgda", "plain gradient descent that learns each field's regularisation on the validation examples", Tasks, OptionTable.Sgda,
            Create<PlainUpdate>);

    private static ISolver Create<TUpdate>(TrainingJob job)
        where TUpdate : struct, IUpdate => Losses.Find(job.Options.Task, job.Options.Loss).Solver<TUpdate>(job);
}

/// <summary>
/// The SGD family: one step per example, chunks of the visiting order in a new order every epoch, a <see cref="LockFreeEpoch"/> over the
/// shared parameters, but for the hottest features of a large model, of which each worker has a copy (AdaGrad). One worker visits
/// everything in one order and gives the same bytes every time.
/// </summary>
internal sealed unsafe class SgdSolver<TLoss, TUpdate> : ISolver
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
{
    private readonly TrainingJob _job;
    private readonly TrainingExamples _examples;
    private readonly FmParameters _parameters;
    private readonly SgdSettings _settings;
    private readonly SgdWorker<TLoss, TUpdate>[] _workers;
    private readonly int[] _chunks;
    private readonly double _totalWeight;
    private readonly AdaptiveRegularization<TLoss>? _adaptive;

    public SgdSolver(TrainingJob job, int lanes)
    {
        SolverSettings options = job.Options;
        FeatureSchema schema = job.Train.Schema;
        _job = job;
        _examples = new TrainingExamples(job.Train, options.Seed);
        _examples.RequireLabels<TLoss>();
        using var seen = new NativeBlock<byte>(schema.FeatureCount);
        _settings =
            SgdSettings.Of(options, SgdDefaults.Of(options.Solver, options.Task, DataShape.Of(_examples, seen), options.Factors), schema);
        _totalWeight = job.Train.Interactions.TotalWeight();
        int workers = options.Threads;
        HotFeatures? hot = FindHot(workers);
        int ownRows = hot is null ? 0 : hot.FirstRow - schema.FeatureCount + (workers * hot.RowsPerWorker);
        _parameters = new FmParameters(schema.FeatureCount, options.Factors, TUpdate.StateCount, ownRows);
        Start(seen);
        bool adapts = options.Solver == "sgda";
        NativeBlock<ushort>? fieldOf = adapts || _settings.HasFieldLambdas ? FieldOf(schema) : null;
        if (adapts) { _adaptive = new AdaptiveRegularization<TLoss>(job, _parameters, _settings, fieldOf!); }
        if (hot is not null) { _examples.Rename(hot); }
        CopySharing? sharing = hot is null ? null : new CopySharing(hot, _totalWeight / _examples.Count, workers, lanes);
        _workers = [.. Enumerable.Range(0, workers).Select(w => new SgdWorker<TLoss, TUpdate>(
            _examples, _parameters, _settings, fieldOf, lanes, sharing is null
                ? null
                : new WorkerCopy<TLoss, TUpdate>(sharing, _parameters, w)))];
        _chunks = new int[_examples.ChunkCount];
    }

    public string DivergenceAdvice => FormattableString.Invariant(
        $"lower the learning rate (now {_settings.Eta}) or the initial standard deviation (now {_settings.InitStandardDeviation})");

    public IReadOnlyDictionary<string, double> ChosenFromData => _settings.Chosen;

    public EpochResult RunEpoch(int pass, CancellationToken cancellation)
    {
        for (int i = 0; i < _chunks.Length; i++) { _chunks[i] = i; }
        new SeededRandom(_job.Options.Seed, RandomStreams.Passes + (ulong)pass).Shuffle<int>(_chunks);
        foreach (SgdWorker<TLoss, TUpdate> worker in _workers) { worker.Begin(); }
        double loss = LockFreeEpoch.Run(new Epoch(this, pass), _workers.Length, _chunks.Length, cancellation);
        FeaturePriors.Shrink<TUpdate>(_parameters, _job.Train.Schema.Fields, _settings, StepSize(pass, _chunks.Length), _workers.Length);
        return new EpochResult(double.IsFinite(loss) ? loss / _totalWeight : double.PositiveInfinity, _examples.Count);
    }

    public void Score(Dataset data, Span<float> scores)
    {
        FmScorer.Score(_parameters.View, data, scores, _job.Options.Threads);
        GC.KeepAlive(_parameters);
    }

    public ISeparableModel Snapshot()
    {
        var model = new FmModel(_job.Train.Schema, _job.Options.Task, _job.Options.Factors);
        _parameters.CopyTo(model);
        if (_job.Options.Task == LearningTask.Regression) { (model.MinLabel, model.MaxLabel) = _job.LabelRange(); }
        return model;
    }

    public void SaveState(ArtefactWriter writer)
    {
        _parameters.Write(writer);
        _adaptive?.Write(writer);
    }

    public void LoadState(ArtefactReader reader)
    {
        _parameters.Read(reader);
        if (_adaptive is null) { return; }
        _adaptive.Read(reader);
        foreach (SgdWorker<TLoss, TUpdate> worker in _workers) { worker.TakeLambdas(_adaptive.LambdaLinear, _adaptive.LambdaFactors); }
    }

    public void Dispose()
    {
    }

    private HotFeatures? FindHot(int workers)
    {
        int features = _job.Train.Schema.FeatureCount,
            rowBytes = (RowMatrix.PaddedLength(_job.Options.Factors) + 1) * (1 + TUpdate.StateCount) * sizeof(float);
        return workers > 1 && TUpdate.SumsGrow && (long)features * rowBytes > HotFeatures.LeastModelBytes
            ? new HotFeatures(_examples, features, rowBytes, workers)
            : null;
    }

    private void Start(NativeBlock<byte> seen)
    {
        _parameters.Initialise<TUpdate>(_settings.InitStandardDeviation, _settings.InitialAccumulator, _job.Options.Seed);
        if (_job.WarmStart is { } model)
        {
            _parameters.Take(model);
            if (_job.WarmState is { } state) { _parameters.TakeSums(state, _job.Train.Schema, _job.Options.Solver); }
            return;
        }

        _parameters.Clear(seen);
        *_parameters.Bias = TLoss.Link(_job.Train.Interactions.MeanLabel());
    }

    // η at a place of an epoch's order of chunks.
    private float StepSize(int pass, int place)
    {
        double epochs = pass - 1 + ((double)place / _chunks.Length);
        return (float)(_settings.Eta * StepSchedule.Factor(_job.Options, epochs) * TUpdate.StepScale((epochs * _examples.Count) + 1));
    }

    private static NativeBlock<ushort> FieldOf(FeatureSchema schema)
    {
        var block = new NativeBlock<ushort>(schema.FeatureCount);
        for (int f = 0; f < schema.Fields.Count; f++) { block.Slice(schema.Fields[f].Offset, schema.Fields[f].Count).Fill((ushort)f); }
        return block;
    }

    private readonly struct Epoch(SgdSolver<TLoss, TUpdate> solver, int pass) : IEpoch
    {
        public double Learn(int worker, int place)
        {
            SgdWorker<TLoss, TUpdate> who = solver._workers[worker];
            float eta = solver.StepSize(pass, place);
            double loss = who.Learn(solver._chunks[place], eta);
            if (solver._adaptive is { } adaptive)
            {
                adaptive.Learn(((long)(pass - 1) * solver._chunks.Length) + place, eta);
                who.TakeLambdas(adaptive.LambdaLinear, adaptive.LambdaFactors);
            }

            return loss;
        }

        public void End(int worker) => solver._workers[worker].End();
    }
}
