using Facto.Data;
using Facto.Models;
using Facto.Models.Family;

namespace Facto.Training;

/// <summary>What one pass did.</summary>
/// <param name="Loss">
/// Mean training loss per unit of weight during the pass, in the task's own loss; NaN when the solver has none,
/// +∞ when the parameters are no longer finite.
/// </param>
/// <param name="Examples">Examples visited.</param>
public readonly record struct PassResult(double Loss, long Examples);

/// <summary>
/// The state of one learning run: parameters, optimiser sums, random streams. <c>Trainer</c> owns the loop over passes, validation,
/// early stopping, checkpoints and progress, and is the same for every solver.
/// </summary>
public interface ISolver : IDisposable
{
    /// <summary>Learns for one pass.</summary>
    /// <param name="pass">1-based.</param>
    /// <param name="cancellation">Checked at least every few milliseconds of work; a cancelled pass leaves the state unusable except for disposal.</param>
    PassResult RunPass(int pass, CancellationToken cancellation);

    /// <summary>Raw scores of every example of <paramref name="data"/> by what has been learnt so far (a sampler's running mean).</summary>
    void Score(Dataset data, Span<float> scores);

    /// <summary>The solver's own validation metric; null asks for the task's (RMSE of clipped predictions, log loss).</summary>
    ValidationMetric? Validate(Dataset validation) => null;

    /// <summary>
    /// True when a later pass can be worse than an earlier one, so that early stopping and the best pass's model mean something;
    /// false for samplers, whose result is the average of all passes.
    /// </summary>
    bool KeepsBestPass => true;

    /// <summary>What to change when the loss explodes: the end of a sentence, with the option's present value.</summary>
    string DivergenceAdvice { get; }

    /// <summary>The model as it is now, a copy that later passes do not change.</summary>
    ISeparableModel Snapshot();

    /// <summary>Writes everything that the next pass depends on.</summary>
    void SaveState(ArtefactWriter writer);

    /// <summary>Continues from <see cref="SaveState"/> to the same bytes.</summary>
    /// <exception cref="InvalidDataException">The state belongs to another run.</exception>
    void LoadState(ArtefactReader reader);
}

/// <summary>What a run learns from.</summary>
/// <param name="Train">Training examples.</param>
/// <param name="Options">How to learn.</param>
/// <param name="Validation">Examples for early stopping and adaptive regularisation, same schema; or null.</param>
/// <param name="WarmStart">A model to start from, or null; <see cref="Trainer"/> fits one over an older schema by name (<see cref="ModelGrowth"/>), so a solver sees the training schema.</param>
public sealed record TrainingJob(Dataset Train, TrainOptions Options, Dataset? Validation = null, FmModel? WarmStart = null)
{
    /// <summary>Examples to score with what the run gives, same schema: a sampler's mean over all its samples may be better than any model it can save.</summary>
    public Dataset? Test { get; init; }

    /// <summary>Beside <see cref="WarmStart"/>: the optimiser's sums of the run that the model comes from; null starts them afresh.</summary>
    public OptimizerState? WarmState { get; init; }

    /// <summary>A model of another family than the FM to start from, instead of <see cref="WarmStart"/>.</summary>
    internal FamilyModel? WarmFamily { get; init; }

    /// <summary>Smallest and largest training label: regression predictions are clipped to this range.</summary>
    public (float Low, float High) LabelRange()
    {
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        foreach (float label in Train.Interactions.Labels.Span) { (low, high) = (Math.Min(low, label), Math.Max(high, label)); }
        return (low, high);
    }
}
