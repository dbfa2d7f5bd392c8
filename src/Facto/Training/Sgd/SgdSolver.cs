using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Family;

namespace Facto.Training.Sgd;

/// <summary>Makes the solver that a name and a task ask for.</summary>
internal static class SgdSolvers
{
    private static readonly LearningTask[] Tasks = [LearningTask.Regression, LearningTask.Binary];

    public static SolverDescription Sgd { get; } = new("sgd", "plain stochastic gradient descent", Tasks, Create<PlainUpdate>);

    public static SolverDescription AdaGrad { get; } = new("adagrad", "gradient descent with a step size per parameter that shrinks with use (the default)", Tasks, Create<AdaGradUpdate>);

    public static SolverDescription Adam { get; } = new("adam", "gradient descent with momentum and a step size per parameter", Tasks, Create<AdamUpdate>);

    public static SolverDescription Sgda { get; } = new("sgda", "plain gradient descent that learns each field's regularisation on the validation examples", Tasks, Create<PlainUpdate>);

    private static ISolver Create<TUpdate>(TrainingJob job)
        where TUpdate : struct, IUpdate => job.Options.Family != ModelFamily.Fm ? FamilySolvers.Create<TUpdate>(job)
        : job.Options.Task == LearningTask.Binary
            ? new SgdSolver<LogisticLoss, TUpdate>(job, LaneWidth.Best)
            : new SgdSolver<SquaredLoss, TUpdate>(job, LaneWidth.Best);
}

/// <summary>
/// The SGD family: one step per example, chunks of the visiting order in a new order every pass, workers that take chunks and update the shared
/// parameters without locks (Hogwild, Niu et al. 2011), but for the hottest features of a large model, of which each has a copy (AdaGrad). One worker visits everything in one order and gives the same bytes every time.
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
        TrainOptions options = job.Options;
        FeatureSchema schema = job.Train.Schema;
        _job = job;
        _examples = new TrainingExamples(job.Train, options.Task, options.Seed);
        using var seen = new NativeBlock<byte>(schema.FeatureCount);
        _settings = SgdSettings.Of(options, SgdDefaults.Of(options.Solver, options.Task, DataShape.Of(_examples, seen), options.Factors), schema);
        _totalWeight = _examples.TotalWeight();
        int workers = options.Threads, rowBytes = (RowMatrix.PaddedLength(options.Factors) + 1) * (1 + TUpdate.StateCount) * sizeof(float);
        HotFeatures? hot = workers > 1 && TUpdate.SumsGrow && (long)schema.FeatureCount * rowBytes > HotFeatures.LeastModelBytes ? new HotFeatures(_examples, schema.FeatureCount, rowBytes, workers) : null;
        _parameters = new FmParameters(schema.FeatureCount, options.Factors, TUpdate.StateCount, hot is null ? 0 : hot.FirstRow - schema.FeatureCount + (workers * hot.RowsPerWorker));
        _parameters.Initialise<TUpdate>(_settings.InitStandardDeviation, _settings.InitialAccumulator, options.Seed);
        if (job.WarmStart is { } model)
        {
            _parameters.Take(model);
            if (job.WarmState is { } state) { _parameters.TakeSums(state, schema, options.Solver); }
        }
        else
        {
            _parameters.Clear(seen);
            *_parameters.Bias = BestConstant.Of(_examples, options.Task, _totalWeight);
        }

        bool adapts = options.Solver == "sgda";
        NativeBlock<ushort>? fieldOf = adapts || _settings.HasFieldLambdas ? FieldOf(schema) : null;
        if (adapts) { _adaptive = new AdaptiveRegularization<TLoss>(job, _parameters, _settings, fieldOf!); }
        if (hot is not null) { _examples.Rename(hot); }
        Lock[] locks = [.. Enumerable.Range(0, HotFeatures.Levels).Select(_ => new Lock())];
        _workers = [.. Enumerable.Range(0, workers).Select(w => new SgdWorker<TLoss, TUpdate>(
            _examples, _parameters, _settings, fieldOf, lanes, hot, hot is null ? null : new WorkerCopy<TLoss, TUpdate>(hot, _parameters, locks, _totalWeight / _examples.Count, w, workers, lanes)))];
        _chunks = [.. Enumerable.Range(0, _examples.ChunkCount)];
    }

    public string DivergenceAdvice => FormattableString.Invariant($"lower the learning rate (now {_settings.Eta}) or the initial standard deviation (now {_settings.InitStandardDeviation})");

    public PassResult RunPass(int pass, CancellationToken cancellation)
    {
        for (int i = 0; i < _chunks.Length; i++) { _chunks[i] = i; }
        new SeededRandom(_job.Options.Seed, RandomStreams.Passes + (ulong)pass).Shuffle<int>(_chunks);
        foreach (SgdWorker<TLoss, TUpdate> worker in _workers) { worker.Begin(); }
        int next = -1;
        double loss = 0;
        if (_workers.Length == 1) { loss = Work(0); }
        else
        {
            var losses = new double[_workers.Length];
            Parallel.For(0, _workers.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, w => losses[w] = Work(w));
            loss = losses.Sum();
        }

        cancellation.ThrowIfCancellationRequested();
        FeaturePriors.Shrink<TUpdate>(_parameters, _job.Train.Schema.Fields, _settings, StepSize(pass, _chunks.Length), _workers.Length);
        return new PassResult(double.IsFinite(loss) ? loss / _totalWeight : double.PositiveInfinity, _examples.Count);

        double Work(int worker)
        {
            double sum = 0;
            float eta = 0;
            for (int i = Interlocked.Increment(ref next); i < _chunks.Length; i = Interlocked.Increment(ref next))
            {
                if (cancellation.IsCancellationRequested || !double.IsFinite(sum)) { break; }
                eta = StepSize(pass, i);
                sum += _workers[worker].Learn(_chunks[i], eta);
                if (_adaptive is null) { continue; }
                _adaptive.Learn(((long)(pass - 1) * _chunks.Length) + i, eta);
                _workers[worker].TakeLambdas(_adaptive.LambdaLinear, _adaptive.LambdaFactors);
            }

            _workers[worker].End(eta);
            return sum;
        }
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

    // η at chunk number `position` of a pass; t in passes.
    private float StepSize(int pass, int position)
    {
        double t = pass - 1 + ((double)position / _chunks.Length);
        return (float)(_settings.Eta * StepSizes.Factor(_job.Options, t) * TUpdate.StepScale((t * _examples.Count) + 1));
    }

    private static NativeBlock<ushort> FieldOf(FeatureSchema schema)
    {
        var block = new NativeBlock<ushort>(schema.FeatureCount);
        for (int f = 0; f < schema.Fields.Count; f++) { block.Slice(schema.Fields[f].Offset, schema.Fields[f].Count).Fill((ushort)f); }
        return block;
    }
}
