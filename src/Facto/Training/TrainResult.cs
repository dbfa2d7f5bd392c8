using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training;

/// <summary>What a run gave.</summary>
/// <param name="Model">Of <paramref name="BestEpoch"/>.</param>
/// <param name="History">One report per epoch, those before a resume included.</param>
/// <param name="BestEpoch">The epoch that <paramref name="Model"/> comes from: the one with the best validation metric, or the last one
/// without validation or patience.</param>
/// <param name="Seconds">All training epochs together; loading, validation and checkpoints are not in it.</param>
internal sealed record TrainResult(ISeparableModel Model, IReadOnlyList<EpochReport> History, int BestEpoch, double Seconds)
{
    /// <summary>
    /// A sampler's mean prediction, over all sweeps that count, of each example of <see cref="TrainingJob.Test"/>; null for other solvers,
    /// whose <see cref="Model"/> says as much.
    /// </summary>
    public float[]? TestPredictions { get; init; }

    /// <summary>The options as they were in the run, each with where it came from.</summary>
    public required SolverSettings Settings { get; init; }

    /// <summary>Options that had no effect on these data, a sentence each.</summary>
    public IReadOnlyList<string> Advice { get; init; } = [];

    /// <summary>Epochs that ran.</summary>
    public int EpochsRun => History.Count;

    /// <summary>Speed over all training epochs.</summary>
    public double ExamplesPerSecond => Seconds > 0 ? History.Sum(r => (double)r.Examples) / Seconds : 0;

    /// <summary>The metric of <see cref="BestEpoch"/>; null without validation.</summary>
    public ValidationMetric? BestValidation => History.Count == 0 ? null : History[BestEpoch - 1].Validation;
}
