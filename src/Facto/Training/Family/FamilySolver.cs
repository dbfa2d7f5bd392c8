using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Training.Options;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>
/// The SGD family for the relatives of the FM: one step per example, chunks of the visiting order in a new order every epoch, a
/// <see cref="LockFreeEpoch"/> over the shared parameters. One worker visits everything in one order and gives the same bytes every time.
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

    public FamilySolver(TrainingJob job, int lanes)
    {
        SolverSettings options = job.Options;
        FeatureSchema schema = job.Train.Schema;
        FamilyOptions family = FamilyOptions.Of(options);
        (_job, _shape) = (job, family.Shape);
        _examples = new TrainingExamples(job.Train, options.Seed);
        _examples.RequireLabels<TLoss>();
        using var seen = new NativeBlock<byte>(schema.FeatureCount);
        _settings = family.Settings(options, DataShape.Of(_examples, seen), schema, _examples);
        _totalWeight = job.Train.Interactions.TotalWeight();
        _parameters = new FamilyParameters(_shape, schema, TUpdate.StateCount);
        Start(seen);
        (_low, _high) = options.Task == LearningTask.Regression ? job.LabelRange() : (float.NegativeInfinity, float.PositiveInfinity);
        NativeBlock<ushort> fieldOf = FieldSides.Of(schema).FieldOf;
        _workers = [.. Enumerable.Range(0, options.Threads).Select(_ => new FamilyWorker<TLoss, TUpdate>(_examples, _parameters, _shape,
            _settings, fieldOf, lanes))];
        _chunks = new int[_examples.ChunkCount];
    }

    public string DivergenceAdvice => FormattableString.Invariant(
        $"lower the learning rate (now {_settings.Eta}) or the initial standard deviation (now {_settings.InitStandardDeviation})");

    public IReadOnlyDictionary<string, double> ChosenFromData => _settings.Chosen;

    public EpochResult RunEpoch(int epoch, CancellationToken cancellation)
    {
        for (int i = 0; i < _chunks.Length; i++) { _chunks[i] = i; }
        new SeededRandom(_job.Options.Seed, RandomStreams.Passes + (ulong)epoch).Shuffle<int>(_chunks);
        double loss = LockFreeEpoch.Run(new Epoch(this, epoch), _workers.Length, _chunks.Length, cancellation);
        FeaturePriors.Shrink<TUpdate>(_parameters.Rows, _job.Train.Schema.Fields, _settings, StepSize(epoch, _chunks.Length),
            _workers.Length);
        return new EpochResult(double.IsFinite(loss) ? loss / _totalWeight : double.PositiveInfinity, _examples.Count);
    }

    public void Score(Dataset data, Span<float> scores)
    {
        FamilyModel live = FamilyModel.Create(_shape, _job.Train.Schema, _job.Options.Task, _parameters.Live());
        ModelScorer.Score(live, data, scores, _job.Options.Threads);
        GC.KeepAlive(_parameters);
    }

    public ISeparableModel Snapshot() => FamilyModel.Create(_shape, _job.Train.Schema, _job.Options.Task, _parameters.Live().Copy(), _low,
        _high);

    public void SaveState(ArtefactWriter writer) => _parameters.Write(writer);

    public void LoadState(ArtefactReader reader) => _parameters.Read(reader);

    public void Dispose()
    {
    }

    private unsafe void Start(NativeBlock<byte> seen)
    {
        _parameters.Initialise<TUpdate>(_settings.InitStandardDeviation, _settings.InitialAccumulator, _job.Options.Seed);
        if (_job.WarmFamily is { } model)
        {
            _parameters.Take(model);
            return;
        }

        _parameters.Rows.Clear(seen);
        *_parameters.Rows.Bias = TLoss.Link(_job.Train.Interactions.MeanLabel());
    }

    // η at a place of an epoch's order of chunks.
    private float StepSize(int epoch, int place)
    {
        double epochs = epoch - 1 + ((double)place / _chunks.Length);
        return (float)(_settings.Eta * StepSchedule.Factor(_job.Options, epochs) * TUpdate.StepScale((epochs * _examples.Count) + 1));
    }

    private readonly struct Epoch(FamilySolver<TLoss, TUpdate> solver, int epoch) : IEpoch
    {
        public double Learn(int worker, int place) =>
            solver._workers[worker].Learn(solver._chunks[place], solver.StepSize(epoch, place));

        public void End(int worker)
        {
        }
    }
}
