using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Training.Ranking;

/// <summary>
/// Learns to rank by a loss over shared sampled negatives (softmax and its kin), with mini-batches of visits to queries and Adam.
/// </summary>
internal sealed class BatchRankingSolver<TLoss> : SampledRankingSolver<BatchWorker<TLoss>>
    where TLoss : struct, IQueryLoss
{
    private readonly BatchJob _job;

    private BatchRankingSolver(TrainingJob training, BatchJob job)
        : base(training, job.Queries, job.Model, job.Order, () => new BatchWorker<TLoss>(job)) => _job = job;

    protected override int ChunkCount => (Order.Visits.Length + _job.Options.Batch - 1) / _job.Options.Batch;

    public static BatchRankingSolver<TLoss> Create(TrainingJob training)
    {
        SolverSettings options = training.Options;
        RankingOptions ranking = RankingOptions.Of(options);
        Dataset data = training.Train;
        QuerySet queries = QuerySet.Of(data, options.Solver);
        var sampler = new NegativeSampler(queries.ItemCounts(data.Items!.RowCount), ranking.InBatch ? 1 : ranking.Popularity);
        FmModel model = RankingStart.Model(training, ranking.Similarity);
        float[] quantiles = new float[TLoss.UsesQuantile ? queries.Count : 0];
        var optimizer = new Adam(data.Schema.FeatureCount, options.Factors);
        return new BatchRankingSolver<TLoss>(
            training,
            new BatchJob(
                data, queries, ranking, model, optimizer, new FieldPenalties(data.Schema, options), sampler, quantiles,
                new VisitOrder(queries, ranking.Positives)));
    }

    public override void SaveState(ArtefactWriter writer)
    {
        base.SaveState(writer);
        writer.Write("quantiles", new NativeBlock<float>(_job.Quantiles));
        _job.Optimizer.Save(writer);
    }

    public override void LoadState(ArtefactReader reader)
    {
        base.LoadState(reader);
        reader.Block<float>("quantiles", _job.Quantiles.Length).Span.CopyTo(_job.Quantiles);
        _job.Optimizer.Load(reader);
    }

    public override void Dispose()
    {
        base.Dispose();
        _job.Optimizer.Dispose();
    }

    protected override double Learn<TLanes>(BatchWorker<TLoss> worker, int pass, int chunk, ref SeededRandom random)
    {
        int size = _job.Options.Batch;
        Visit[] visits = Order.Visits;
        bool quantiles = (pass - 1) % _job.Options.QuantileEvery == 0;
        return worker.Step<TLanes>(
            visits.AsSpan(chunk * size, Math.Min(size, visits.Length - (chunk * size))), ref random,
            Rate(pass - 1 + ((double)chunk / ChunkCount)), quantiles);
    }
}
