using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// What the solvers over sampled negatives have in common. A pass visits all positives in a new order, cut into the chunks of a
/// <see cref="LockFreeEpoch"/>. A chunk's negatives depend on the chunk and not on who takes it; one worker gives the same bytes every
/// time.
/// </summary>
/// <typeparam name="TWorker">The scratch and arithmetic of one worker.</typeparam>
internal abstract class SampledRankingSolver<TWorker> : ISolver
    where TWorker : class, IDisposable
{
    private readonly TWorker[] _workers;
    private readonly RankingValidation _validation;
    private readonly double _totalWeight;

    protected SampledRankingSolver(TrainingJob training, QuerySet queries, FmModel model, VisitOrder order, Func<TWorker> newWorker)
    {
        (Training, Model, Order) = (training, model, order);
        _workers = [.. Enumerable.Range(0, training.Options.Threads).Select(_ => newWorker())];
        _validation = new RankingValidation(queries, training.Train.HasFoldedHistory);
        foreach (float weight in queries.Weights) { _totalWeight += weight; }
    }

    public string DivergenceAdvice => FormattableString.Invariant($"lower learning-rate (now {Training.Options.LearningRate})");

    protected TrainingJob Training { get; }

    protected FmModel Model { get; }

    protected VisitOrder Order { get; }

    /// <summary>Pieces of a pass; what one worker takes at a time.</summary>
    protected abstract int ChunkCount { get; }

    public EpochResult RunEpoch(int pass, CancellationToken cancellation)
    {
        Order.Shuffle(new SeededRandom(Training.Options.Seed, (ulong)pass << 32));
        double loss = LaneDispatch.Run<EpochKernel, double>(new EpochKernel(this, pass, cancellation));
        return new EpochResult(double.IsFinite(loss) ? loss / _totalWeight : double.PositiveInfinity, Order.Positives.Length);
    }

    public void Score(Dataset data, Span<float> scores) => ModelScorer.Score(Model, data, scores, _workers.Length);

    public ValidationMetric? Validate(Dataset validation) => _validation.Recall(Model, validation);

    public ISeparableModel Snapshot() => RankingStart.Copy(Model);

    public virtual void SaveState(ArtefactWriter writer)
    {
        writer.Write("linear", Model.Linear);
        writer.Write("factors", Model.Factors.Storage);
    }

    public virtual void LoadState(ArtefactReader reader)
    {
        reader.Block<float>("linear", Model.Linear.Length).CopyTo(Model.Linear);
        reader.Block<float>("factors", Model.Factors.Storage.Length).CopyTo(Model.Factors.Storage);
    }

    public virtual void Dispose()
    {
        foreach (TWorker worker in _workers) { worker.Dispose(); }
    }

    /// <summary>Learns one chunk; returns its summed loss.</summary>
    /// <param name="worker">Who does it.</param>
    /// <param name="pass">The pass, from 1.</param>
    /// <param name="chunk">The chunk, from 0.</param>
    /// <param name="random">The chunk's own numbers.</param>
    protected abstract double Learn<TLanes>(TWorker worker, int pass, int chunk, ref SeededRandom random)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>η after so many passes, fractions included.</summary>
    protected float Rate(double passes) =>
        (float)(Training.Options["learning-rate"] * StepSchedule.Factor(Training.Options, passes));

    private readonly struct EpochKernel(SampledRankingSolver<TWorker> solver, int pass, CancellationToken cancellation)
        : ILaneKernel<double>
    {
        public double Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> =>
            LockFreeEpoch.Run(new Epoch<TLanes>(solver, pass), solver._workers.Length, solver.ChunkCount, cancellation);
    }

    private readonly struct Epoch<TLanes>(SampledRankingSolver<TWorker> solver, int pass) : IEpoch
        where TLanes : struct, ILanes<TLanes>
    {
        public double Learn(int worker, int place)
        {
            var random = new SeededRandom(solver.Training.Options.Seed, ((ulong)pass << 32) + (ulong)place + 1);
            return solver.Learn<TLanes>(solver._workers[worker], pass, place, ref random);
        }

        public void End(int worker)
        {
        }
    }
}
