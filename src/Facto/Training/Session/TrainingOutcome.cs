using Facto.Models;

namespace Facto.Training.Session;

/// <summary>How many epochs to learn for, as found on examples that were held out.</summary>
/// <param name="BestEpoch">The epoch with the best validation metric.</param>
/// <param name="Epochs">Epochs that were asked for.</param>
/// <param name="Patience">Patience that was asked for.</param>
/// <param name="History">One report per epoch.</param>
internal sealed record EpochSearch(int BestEpoch, int Epochs, int Patience, IReadOnlyList<EpochReport> History);

/// <summary>What a session gives.</summary>
/// <param name="Result">Model, history, best epoch, test predictions.</param>
/// <param name="Settings">The options that <paramref name="Result"/> was learnt with: the chosen number of epochs stands in them.</param>
/// <param name="Search">How the number of epochs was chosen; null without a holdout.</param>
/// <param name="Advice">What went wrong in a run that ended well; empty when nothing did.</param>
internal sealed record TrainingOutcome(TrainResult Result, TrainOptions Settings, EpochSearch? Search, IReadOnlyList<TrainingAdvice> Advice)
{
    /// <summary>The model of <see cref="BestEpoch"/>.</summary>
    public ISeparableModel Model => Result.Model;

    /// <summary>One report per epoch of the learning, those before a resume included.</summary>
    public IReadOnlyList<EpochReport> History => Result.History;

    /// <summary>The epoch that the model comes from.</summary>
    public int BestEpoch => Result.BestPass;

    /// <summary>Epochs that ran.</summary>
    public int EpochsRun => Result.PassesRun;

    /// <summary>A sampler's mean prediction of each test example; null for other solvers, whose model says as much.</summary>
    public float[]? TestPredictions => Result.TestPredictions;

    /// <summary>
    /// The validation metric of <see cref="BestEpoch"/>; with a holdout, of the epoch that was chosen on it. Null without either.
    /// </summary>
    public ValidationMetric? Validation => Search is { } search ? search.History[search.BestEpoch - 1].Validation : Result.BestValidation;

    /// <summary>True when validation or a holdout chose the epoch, false when the last one was kept because nothing chose.</summary>
    public bool IsEpochChosen => Search is not null || Result.BestValidation is not null;

    /// <summary>All epochs that count together, in seconds; reading, validation and checkpoints are not in it.</summary>
    public double Seconds => Result.Seconds;

    /// <summary>Speed over all epochs that count.</summary>
    public double ExamplesPerSecond => Result.ExamplesPerSecond;
}
