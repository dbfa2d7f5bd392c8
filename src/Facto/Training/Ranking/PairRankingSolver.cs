using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Options;

namespace Facto.Training.Ranking;

/// <summary>Learns to rank from one positive and one sampled negative at a time, with AdaGrad: cheap steps, few passes.</summary>
internal sealed class PairRankingSolver<TLoss> : SampledRankingSolver<PairWorker<TLoss>>
    where TLoss : struct, IPairLoss
{
    private const int Chunk = 4096;
    private const int Run = 8;   // positives of one query in a row

    private readonly PairJob _job;

    private PairRankingSolver(TrainingJob training, PairJob job)
        : base(training, job.Queries, job.Model, new VisitOrder(job.Queries, Run), () => new PairWorker<TLoss>(job)) => _job = job;

    protected override int ChunkCount => (Order.Positives.Length + Chunk - 1) / Chunk;

    public static PairRankingSolver<TLoss> Create(TrainingJob training)
    {
        SolverSettings options = training.Options;
        RankingOptions ranking = RankingOptions.Of(options);
        QuerySet queries = QuerySet.Of(training.Train, options.Solver);
        FmModel model = RankingStart.Model(training, Similarity.Dot);
        int[] queryOf = new int[queries.PositiveCount];
        for (int q = 0; q < queries.Count; q++) { queryOf.AsSpan(queries.Starts[q], queries.Starts[q + 1] - queries.Starts[q]).Fill(q); }
        var optimizer = new AdaGradRows(model, new FieldPenalties(training.Train.Schema, options), (float)options["initial-accumulator"]);
        var sampler = new NegativeSampler(queries.ItemCounts(training.Train.Items!.RowCount), ranking.Popularity);
        return new PairRankingSolver<TLoss>(training, new PairJob(training.Train, queries, queryOf, ranking, model, optimizer, sampler));
    }

    public override void SaveState(ArtefactWriter writer)
    {
        base.SaveState(writer);
        _job.Optimizer.Save(writer);
    }

    public override void LoadState(ArtefactReader reader)
    {
        base.LoadState(reader);
        _job.Optimizer.Load(reader);
    }

    public override void Dispose()
    {
        base.Dispose();
        _job.Optimizer.Dispose();
    }

    protected override double Learn<TLanes>(PairWorker<TLoss> worker, int pass, int chunk, ref SeededRandom random)
    {
        int[] order = Order.Positives;
        return worker.Run<TLanes>(order.AsSpan(chunk * Chunk, Math.Min(Chunk, order.Length - (chunk * Chunk))), ref random, Rate(pass - 1));
    }
}
