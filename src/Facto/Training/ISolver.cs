using Facto.Data;
using Facto.Models;

namespace Facto.Training;

/// <summary>What one epoch did.</summary>
/// <param name="Loss">
/// Mean training loss per unit of weight during the epoch, in the task's own loss; NaN when the solver has none,
/// +∞ when the parameters are no longer finite.
/// </param>
/// <param name="Examples">Examples visited.</param>
public readonly record struct EpochResult(double Loss, long Examples);

/// <summary>
/// The state of one learning run: parameters, optimiser sums, random streams. <c>Trainer</c> owns the loop over epochs, validation,
/// early stopping, checkpoints and progress, and is the same for every solver.
/// </summary>
public interface ISolver : IDisposable
{
    /// <summary>Learns for one epoch.</summary>
    /// <param name="epoch">1-based.</param>
    /// <param name="cancellation">Checked every few milliseconds of work; a cancelled epoch leaves the state unusable except for
    /// disposal.</param>
    EpochResult RunEpoch(int epoch, CancellationToken cancellation);

    /// <summary>Raw scores of every example of <paramref name="data"/> by what has been learnt so far (a sampler's running mean).</summary>
    void Score(Dataset data, Span<float> scores);

    /// <summary>The solver's own validation metric; null asks for the task's (RMSE of clipped predictions, log loss).</summary>
    ValidationMetric? Validate(Dataset validation) => null;

    /// <summary>
    /// True when a later epoch can be worse than an earlier one, so that early stopping and the best epoch's model mean something;
    /// false for samplers, whose result is the average of all epochs.
    /// </summary>
    bool KeepsBestEpoch => true;

    /// <summary>The values of options that were not given and that the solver took from the data, by name: what the reports show.</summary>
    IReadOnlyDictionary<string, double> ChosenFromData => System.Collections.Frozen.FrozenDictionary<string, double>.Empty;

    /// <summary>What to change when the loss explodes: the end of a sentence, with the option's present value.</summary>
    string DivergenceAdvice => "give other options";

    /// <summary>The model as it is now, a copy that later epochs do not change.</summary>
    ISeparableModel Snapshot();

    /// <summary>Writes everything that the next epoch depends on.</summary>
    void SaveState(ArtefactWriter writer);

    /// <summary>Continues from <see cref="SaveState"/> to the same bytes.</summary>
    /// <exception cref="InvalidDataException">The state belongs to another run.</exception>
    void LoadState(ArtefactReader reader);
}
