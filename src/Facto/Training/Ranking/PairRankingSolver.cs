using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// Learns to rank from one positive and one sampled negative at a time, with AdaGrad: cheap steps, few passes. Several workers update the shared parameters
/// without locks (Hogwild, Niu et al. 2011); one worker gives the same bytes every time.
/// </summary>
internal sealed class PairRankingSolver<TLoss> : ISolver
    where TLoss : struct, IPairLoss
{
    private const float DefaultRate = 0.05f;
    private const float DefaultAccumulator = 1f;
    private const int Chunk = 4096;
    private const int Run = 8;   // positives of one query in a row

    private static readonly string[] s_known = ["candidates", "popularity"];

    private readonly TrainingJob _training;
    private readonly PairJob _job;
    private readonly PairWorker<TLoss>[] _workers;
    private readonly RankingValidation _validation;
    private readonly VisitOrder _order;
    private readonly double _totalWeight;
    private int _nextChunk;

    public PairRankingSolver(TrainingJob training, RankingOptions defaults)
    {
        TrainOptions options = training.Options;
        _training = training;
        RankingOptions ranking = RankingOptions.Read(options, defaults, s_known);
        QuerySet queries = QuerySet.Of(training.Train, options.Solver);
        FmModel model = RankingStart.Model(training, Similarity.Dot);
        int[] queryOf = new int[queries.PositiveCount];
        for (int q = 0; q < queries.Count; q++) { queryOf.AsSpan(queries.Starts[q], queries.Starts[q + 1] - queries.Starts[q]).Fill(q); }
        var optimizer = new AdaGradRows(model, new FieldPenalties(training.Train.Schema, options), options.InitialAccumulator ?? DefaultAccumulator);
        var sampler = new NegativeSampler(queries.ItemCounts(training.Train.Items!.RowCount), ranking.Popularity);
        _job = new PairJob(training.Train, queries, queryOf, ranking, model, optimizer, sampler);
        _workers = [.. Enumerable.Range(0, options.Threads).Select(_ => new PairWorker<TLoss>(_job))];
        _validation = new RankingValidation(queries, training.Train.HasFoldedHistory);
        _order = new VisitOrder(queries, Run);
        foreach (float weight in queries.Weights) { _totalWeight += weight; }
    }

    public string DivergenceAdvice => FormattableString.Invariant($"lower learning-rate ({_training.Options.LearningRate ?? DefaultRate})");

    public PassResult RunPass(int pass, CancellationToken cancellation)
    {
        _order.Shuffle(new SeededRandom(_training.Options.Seed, (ulong)pass << 32));
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
        return new PassResult(double.IsFinite(loss) ? loss / _totalWeight : double.PositiveInfinity, _order.Positives.Length);
    }

    public void Score(Dataset data, Span<float> scores) => RankingStart.Score(_job.Model, data, scores);

    public ValidationMetric? Validate(Dataset validation) => _validation.Recall(_job.Model, validation);

    public ISeparableModel Snapshot() => RankingStart.Copy(_job.Model);

    public void SaveState(ArtefactWriter writer)
    {
        writer.Write("linear", _job.Model.Linear);
        writer.Write("factors", _job.Model.Factors.Storage);
        _job.Optimizer.Save(writer);
    }

    public void LoadState(ArtefactReader reader)
    {
        reader.Block<float>("linear", _job.Model.Linear.Length).CopyTo(_job.Model.Linear);
        reader.Block<float>("factors", _job.Model.Factors.Storage.Length).CopyTo(_job.Model.Factors.Storage);
        _job.Optimizer.Load(reader);
    }

    public void Dispose()
    {
        foreach (PairWorker<TLoss> worker in _workers) { worker.Dispose(); }
        _job.Optimizer.Dispose();
    }

    private double Work(PairWorker<TLoss> worker, int pass, CancellationToken cancellation) => LaneWidth.Best switch
    {
        16 => Work<Lanes16>(worker, pass, cancellation),
        8 => Work<Lanes8>(worker, pass, cancellation),
        4 => Work<Lanes4>(worker, pass, cancellation),
        _ => Work<Lanes1>(worker, pass, cancellation),
    };

    // A chunk's candidates depend on the chunk, not on who takes it.
    private double Work<TLanes>(PairWorker<TLoss> worker, int pass, CancellationToken cancellation)
        where TLanes : struct, ILanes<TLanes>
    {
        float rate = RankingStart.Rate(_training.Options, DefaultRate, pass - 1);
        int[] order = _order.Positives;
        double loss = 0;
        while (!cancellation.IsCancellationRequested)
        {
            int chunk = Interlocked.Increment(ref _nextChunk) - 1;
            if ((long)chunk * Chunk >= order.Length) { break; }
            var random = new SeededRandom(_training.Options.Seed, ((ulong)pass << 32) + (ulong)chunk + 1);
            loss += worker.Run<TLanes>(order.AsSpan(chunk * Chunk, Math.Min(Chunk, order.Length - (chunk * Chunk))), ref random, rate);
        }

        return loss;
    }
}
