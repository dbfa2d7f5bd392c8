using Facto.Models;

namespace Facto.Training;

/// <summary>What a run gave.</summary>
/// <param name="Model">Of <paramref name="BestPass"/>.</param>
/// <param name="History">One report per pass, those before a resume included.</param>
/// <param name="BestPass">The pass that <paramref name="Model"/> comes from: the one with the best validation metric, or the last one without validation or patience.</param>
/// <param name="Seconds">All training passes together; loading, validation and checkpoints are not in it.</param>
public sealed record TrainResult(ISeparableModel Model, IReadOnlyList<EpochReport> History, int BestPass, double Seconds)
{
    /// <summary>A sampler's mean prediction, over all sweeps that count, of each example of <see cref="TrainingJob.Test"/>; null for other solvers, whose <see cref="Model"/> says as much.</summary>
    public float[]? TestPredictions { get; init; }

    /// <summary>Passes that ran.</summary>
    public int PassesRun => History.Count;

    /// <summary>Speed over all training passes.</summary>
    public double ExamplesPerSecond => Seconds > 0 ? History.Sum(r => (double)r.Examples) / Seconds : 0;

    /// <summary>The metric of <see cref="BestPass"/>; null without validation.</summary>
    public ValidationMetric? BestValidation => History.Count == 0 ? null : History[BestPass - 1].Validation;
}
