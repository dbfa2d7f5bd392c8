using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// Learns to rank by a loss over shared sampled negatives (softmax and its kin), with mini-batches of visits to queries and Adam. Several workers take batches from
/// one queue and update the shared parameters without locks; one worker gives the same bytes every time.
/// </summary>
internal sealed class BatchRankingSolver<TLoss> : ISolver
    where TLoss : struct, IQueryLoss
{
    private const float DefaultRate = 0.01f;

    private static readonly string[] s_known =
    [
        "cosine", "item-term", "temperature", "exponent", "negatives", "batch", "positives", "popularity", "in-batch", "log-q", "top-k", "top-k-temperature", "quantile-every",
    ];

    private readonly TrainingJob _training;
    private readonly BatchJob _job;
    private readonly BatchWorker<TLoss>[] _workers;
    private readonly RankingValidation _validation;
    private int _nextBatch;

    public BatchRankingSolver(TrainingJob training, RankingOptions defaults)
    {
        TrainOptions options = training.Options;
        _training = training;
        RankingOptions ranking = RankingOptions.Read(options, defaults, s_known);
        Dataset data = training.Train;
        QuerySet queries = QuerySet.Of(data, options.Solver);
        int itemCount = data.Items!.RowCount, features = data.Schema.FeatureCount;
        var sampler = new NegativeSampler(queries.ItemCounts(itemCount), ranking.InBatch ? 1 : ranking.Popularity);
        FmModel model = RankingStart.Model(training, ranking.Similarity);
        float[] quantiles = new float[TLoss.UsesQuantile ? queries.Count : 0];
        _job = new BatchJob(data, queries, ranking, model, new Adam(features, options.Factors), new FieldPenalties(data.Schema, options), sampler, quantiles, new VisitOrder(queries, ranking.Positives));
        _workers = [.. Enumerable.Range(0, options.Threads).Select(_ => new BatchWorker<TLoss>(_job))];
        _validation = new RankingValidation(queries, data.HasFoldedHistory);
    }

    public string DivergenceAdvice => FormattableString.Invariant($"lower learning-rate ({_training.Options.LearningRate ?? DefaultRate})");

    public PassResult RunPass(int pass, CancellationToken cancellation)
    {
        _job.Order.Shuffle(new SeededRandom(_training.Options.Seed, (ulong)pass << 32));
        _nextBatch = 0;
        double loss = 0;
        if (_workers.Length == 1) { loss = Work(_workers[0], pass, cancellation); }
        else
        {
            double[] losses = new double[_workers.Length];
            Parallel.For(0, _workers.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, w => losses[w] = Work(_workers[w], pass, cancellation));
            loss = losses.Sum();
        }

        cancellation.ThrowIfCancellationRequested();
        double weight = 0;
        foreach (float w in _job.Queries.Weights) { weight += w; }
        return new PassResult(double.IsFinite(loss) ? loss / weight : double.PositiveInfinity, _job.Queries.PositiveCount);
    }

    public void Score(Dataset data, Span<float> scores) => RankingStart.Score(_job.Model, data, scores);

    public ValidationMetric? Validate(Dataset validation) => _validation.Recall(_job.Model, validation);

    public ISeparableModel Snapshot() => RankingStart.Copy(_job.Model);

    public void SaveState(ArtefactWriter writer)
    {
        writer.Write("linear", _job.Model.Linear);
        writer.Write("factors", _job.Model.Factors.Storage);
        writer.Write("quantiles", new NativeBlock<float>(_job.Quantiles));
        _job.Optimizer.Save(writer);
    }

    public void LoadState(ArtefactReader reader)
    {
        reader.Block<float>("linear", _job.Model.Linear.Length).CopyTo(_job.Model.Linear);
        reader.Block<float>("factors", _job.Model.Factors.Storage.Length).CopyTo(_job.Model.Factors.Storage);
        reader.Block<float>("quantiles", _job.Quantiles.Length).Span.CopyTo(_job.Quantiles);
        _job.Optimizer.Load(reader);
    }

    public void Dispose()
    {
        foreach (BatchWorker<TLoss> worker in _workers) { worker.Dispose(); }
        _job.Optimizer.Dispose();
    }

    private double Work(BatchWorker<TLoss> worker, int pass, CancellationToken cancellation) => LaneWidth.Best switch
    {
        16 => Work<Lanes16>(worker, pass, cancellation),
        8 => Work<Lanes8>(worker, pass, cancellation),
        4 => Work<Lanes4>(worker, pass, cancellation),
        _ => Work<Lanes1>(worker, pass, cancellation),
    };

    // A batch's negatives depend on the batch, not on who takes it.
    private double Work<TLanes>(BatchWorker<TLoss> worker, int pass, CancellationToken cancellation)
        where TLanes : struct, ILanes<TLanes>
    {
        Visit[] visits = _job.Order.Visits;
        int size = _job.Options.Batch, batches = (visits.Length + size - 1) / size;
        bool quantiles = (pass - 1) % _job.Options.QuantileEvery == 0;
        double loss = 0;
        while (!cancellation.IsCancellationRequested)
        {
            int batch = Interlocked.Increment(ref _nextBatch) - 1;
            if (batch >= batches) { break; }
            var random = new SeededRandom(_training.Options.Seed, ((ulong)pass << 32) + (ulong)batch + 1);
            ReadOnlySpan<Visit> taken = visits.AsSpan(batch * size, Math.Min(size, visits.Length - (batch * size)));
            float rate = RankingStart.Rate(_training.Options, DefaultRate, pass - 1 + ((double)batch / batches));
            loss += worker.Step<TLanes>(taken, ref random, rate, quantiles);
        }

        return loss;
    }
}
