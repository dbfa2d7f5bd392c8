using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>
/// The SGD family for the relatives of the FM: one step per example, chunks of the visiting order in a new order every epoch, workers that
/// take chunks and update the shared parameters without locks. One worker visits everything in one order and gives the same bytes every
/// time.
/// </summary>
internal sealed class FamilySolver<TLoss, TUpdate> : ISolver
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
{
    private readonly TrainingJob _job;
    private readonly FamilyShape _shape;
    private readonly TrainingExamples _examples;
    private readonly FamilyParameters _parameters;
    private readonly SgdSettings _settings;
    private readonly FamilyWorker<TLoss, TUpdate>[] _workers;
    private readonly int[] _chunks;
    private readonly double _totalWeight;
    private readonly float _low, _high;

    public unsafe FamilySolver(TrainingJob job, FamilyOptions family, int lanes)
    {
        TrainOptions options = job.Options;
        FeatureSchema schema = job.Train.Schema;
        (_job, _shape) = (job, family.Shape);
        _examples = new TrainingExamples(job.Train, options.Task, options.Seed);
        using var seen = new NativeBlock<byte>(schema.FeatureCount);
        DataShape shape = DataShape.Of(_examples, seen);
        _settings = family.Settings(options, shape, schema, _examples);
        _totalWeight = _examples.TotalWeight();
        _parameters = new FamilyParameters(_shape, schema, TUpdate.StateCount);
        _parameters.Initialise<TUpdate>(_settings.InitStandardDeviation, _settings.InitialAccumulator, options.Seed);
        if (job.WarmFamily is { } model) { _parameters.Take(model); }
        else
        {
            _parameters.Rows.Clear(seen);
            *_parameters.Rows.Bias = BestConstant.Of(_examples, options.Task, _totalWeight);
        }

        (_low, _high) = options.Task == LearningTask.Regression ? job.LabelRange() : (float.NegativeInfinity, float.PositiveInfinity);
        NativeBlock<ushort> fieldOf = FieldSides.Of(schema).FieldOf;
        _workers = [.. Enumerable.Range(0, options.Threads).Select(_ => new FamilyWorker<TLoss, TUpdate>(_examples, _parameters, _shape,
            _settings, fieldOf, lanes))];
        _chunks = new int[_examples.ChunkCount];
    }

    public string DivergenceAdvice =>
        FormattableString.Invariant($"lower the learning rate (now {_settings.Eta}) or the initial standard deviation (now {_settings.InitStandardDeviation})");

    public PassResult RunPass(int pass, CancellationToken cancellation)
    {
        for (int i = 0; i < _chunks.Length; i++) { _chunks[i] = i; }
        new SeededRandom(_job.Options.Seed, RandomStreams.Passes + (ulong)pass).Shuffle<int>(_chunks);
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
        FeaturePriors.Shrink<TUpdate>(_parameters.Rows, _job.Train.Schema.Fields, _settings, StepSize(pass, _chunks.Length),
            _workers.Length);
        return new PassResult(double.IsFinite(loss) ? loss / _totalWeight : double.PositiveInfinity, _examples.Count);

        double Work(int worker)
        {
            double sum = 0;
            for (int i = Interlocked.Increment(ref next); i < _chunks.Length; i = Interlocked.Increment(ref next))
            {
                if (cancellation.IsCancellationRequested || !double.IsFinite(sum)) { break; }
                sum += _workers[worker].Learn(_chunks[i], StepSize(pass, i));
            }

            return sum;
        }
    }

    public void Score(Dataset data, Span<float> scores)
    {
        FamilyModel live = FamilyModel.Create(_shape, _job.Train.Schema, _job.Options.Task, _parameters.Live());
        ModelScorer.ScoreOneByOne(live, data, scores, _job.Options.Threads);
        GC.KeepAlive(_parameters);
    }

    public ISeparableModel Snapshot() => FamilyModel.Create(_shape, _job.Train.Schema, _job.Options.Task, _parameters.Live().Copy(), _low,
        _high);

    public void SaveState(ArtefactWriter writer) => _parameters.Write(writer);

    public void LoadState(ArtefactReader reader) => _parameters.Read(reader);

    public void Dispose()
    {
    }

    // η at chunk number `position` of an epoch; t in epochs.
    private float StepSize(int pass, int position)
    {
        double t = pass - 1 + ((double)position / _chunks.Length);
        return (float)(_settings.Eta * StepSizes.Factor(_job.Options, t) * TUpdate.StepScale((t * _examples.Count) + 1));
    }
}
