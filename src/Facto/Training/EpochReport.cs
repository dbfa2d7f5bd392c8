namespace Facto.Training;

/// <summary>What is known after an epoch.</summary>
public sealed class EpochReport
{
    /// <summary>1-based.</summary>
    public required int Epoch { get; init; }

    /// <summary>The most epochs there will be.</summary>
    public required int Epochs { get; init; }

    /// <summary>Mean training loss during the epoch in the task's own loss; NaN when the solver has none.</summary>
    public required double Loss { get; init; }

    /// <summary>On the validation examples; null without them.</summary>
    public ValidationMetric? Validation { get; init; }

    /// <summary>True when no earlier epoch validated better.</summary>
    public bool IsBest { get; init; }

    /// <summary>Duration of this epoch, validation excluded.</summary>
    public double Seconds { get; init; }

    /// <summary>Examples visited in this epoch.</summary>
    public long Examples { get; init; }

    /// <summary>Estimated time to the last epoch, validation included.</summary>
    public double SecondsLeft { get; init; }

    /// <summary>Speed of the epoch.</summary>
    public double ExamplesPerSecond => Seconds > 0 ? Examples / Seconds : 0;
}
