using Facto.Models;

namespace Facto.Training.Ranking;

/// <summary>The sampled ranking solvers, one line each: a name, a loss, the loss's own defaults.</summary>
internal static class RankingSolvers
{
    public static SolverDescription Softmax { get; } = Batch<SoftmaxLoss>("softmax", "sampled softmax over shared negatives", new());

    public static SolverDescription Bilateral { get; } = Batch<BilateralSoftmaxLoss>("bsl", "bilateral softmax (BSL): robust to noisy positives", new());

    public static SolverDescription SoftmaxAtK { get; } = Batch<SoftmaxAtKLoss>("slk", "softmax that weighs positives near the first K (SL@K)", new());

    public static SolverDescription Bpr { get; } = Pair<BprLoss>("bpr", "a positive above a sampled negative; candidates > 1 takes the hardest", new() { Candidates = 1 });

    public static SolverDescription Warp { get; } = Pair<WarpLoss>("warp", "draws until a negative violates the margin and weighs by the rank", new() { Candidates = 10 });

    private static SolverDescription Pair<TLoss>(string name, string summary, RankingOptions defaults)
        where TLoss : struct, IPairLoss => new(name, summary, [LearningTask.Ranking], job => PairRankingSolver<TLoss>.Create(job, defaults));

    private static SolverDescription Batch<TLoss>(string name, string summary, RankingOptions defaults)
        where TLoss : struct, IQueryLoss => new(name, summary, [LearningTask.Ranking], job => BatchRankingSolver<TLoss>.Create(job, defaults));
}
