namespace Facto.Training;

/// <summary>What is known after a pass.</summary>
/// <param name="Pass">1-based.</param>
/// <param name="Passes">The most passes there will be.</param>
/// <param name="Loss">Mean training loss during the pass in the task's own loss; NaN when the solver has none.</param>
/// <param name="Validation">On the validation examples; null without them.</param>
/// <param name="IsBest">True when no earlier pass validated better.</param>
/// <param name="Seconds">Duration of this training pass, validation excluded.</param>
/// <param name="Examples">Examples visited in this pass.</param>
/// <param name="SecondsLeft">Estimated time to the last pass, validation included.</param>
public sealed record EpochReport(
    int Pass, int Passes, double Loss, ValidationMetric? Validation, bool IsBest, double Seconds, long Examples, double SecondsLeft)
{
    /// <summary>Speed of the training pass.</summary>
    public double ExamplesPerSecond => Seconds > 0 ? Examples / Seconds : 0;
}
