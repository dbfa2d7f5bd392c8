using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// What the solvers over sampled negatives have in common. A pass visits all positives in a new order, cut into chunks; workers take chunks from one queue and update the shared
/// parameters without locks (Hogwild, Niu et al. 2011). A chunk's negatives depend on the chunk and not on who takes it; one worker gives the same bytes every time.
/// </summary>
/// <typeparam name="TWorker">The scratch and arithmetic of one worker.</typeparam>
internal abstract class SampledRankingSolver<TWorker> : ISolver
    where TWorker : class, IDisposable
{
    private readonly TWorker[] _workers;
    private readonly RankingValidation _validation;
    private readonly double _totalWeight;
    private int _nextChunk;

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
        _nextChunk = 0;
        double loss = 0;
        if (_workers.Length == 1) { loss = Work(_workers[0], pass, cancellation); }
        else
        {
            double[] losses = new double[_workers.Length];
            Parallel.For(0, _workers.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, w => losses[w] = Work(_workers[w], pass, cancellation));
            loss = losses.Sum();
        }

        cancellation.ThrowIfCancellationRequested();
        return new EpochResult(double.IsFinite(loss) ? loss / _totalWeight : double.PositiveInfinity, Order.Positives.Length);
    }

    public void Score(Dataset data, Span<float> scores) => RankingStart.Score(Model, data, scores);

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
    protected float Rate(double passes) => RankingStart.Rate(Training.Options, passes);

    private double Work(TWorker worker, int pass, CancellationToken cancellation) => LaneWidth.Best switch
    {
        16 => Work<Lanes16>(worker, pass, cancellation),
        8 => Work<Lanes8>(worker, pass, cancellation),
        4 => Work<Lanes4>(worker, pass, cancellation),
        _ => Work<Lanes1>(worker, pass, cancellation),
    };

    private double Work<TLanes>(TWorker worker, int pass, CancellationToken cancellation)
        where TLanes : struct, ILanes<TLanes>
    {
        double loss = 0;
        while (!cancellation.IsCancellationRequested)
        {
            int chunk = Interlocked.Increment(ref _nextChunk) - 1;
            if (chunk >= ChunkCount) { break; }
            var random = new SeededRandom(Training.Options.Seed, ((ulong)pass << 32) + (ulong)chunk + 1);
            loss += Learn<TLanes>(worker, pass, chunk, ref random);
        }

        return loss;
    }
}
