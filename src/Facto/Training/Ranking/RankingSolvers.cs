using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training.Ranking;

/// <summary>The sampled ranking solvers, one line each: a name, a loss, the options that it reads.</summary>
internal static class RankingSolvers
{
    public static SolverDescription Softmax { get; } =
        Batch<SoftmaxLoss>("softmax", "sampled softmax over shared negatives", OptionTable.Softmax);

    public static SolverDescription Bilateral { get; } =
        Batch<BilateralSoftmaxLoss>("bsl", "bilateral softmax (BSL): robust to noisy positives", OptionTable.BilateralSoftmax);

    public static SolverDescription SoftmaxAtK { get; } =
        Batch<SoftmaxAtKLoss>("slk", "softmax that weighs positives near the first K (SL@K)", OptionTable.SoftmaxAtK);

    public static SolverDescription Bpr { get; } =
        Pair<BprLoss>("bpr", "a positive above a sampled negative; candidates > 1 takes the hardest", OptionTable.Bpr);

    public static SolverDescription Warp { get; } =
        Pair<WarpLoss>("warp", "draws until a negative violates the margin and weighs by the rank", OptionTable.Warp);

    private static SolverDescription Pair<TLoss>(string name, string summary, IReadOnlyList<SolverOption> options)
        where TLoss
            : struct, IPairLoss => SolverDescription.Of(name, summary, [LearningTask.Ranking], options, PairRankingSolver<TLoss>.Create);

    private static SolverDescription Batch<TLoss>(string name, string summary, IReadOnlyList<SolverOption> options)
        where TLoss
            : struct, IQueryLoss => SolverDescription.Of(name, summary, [LearningTask.Ranking], options, BatchRankingSolver<TLoss>.Create);
}
