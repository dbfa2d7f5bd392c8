namespace Facto.Training.Session;

/// <summary>The phases of a session, in their order.</summary>
internal enum SessionPhase
{
    /// <summary>A share of the training examples is held out, and the number of epochs is chosen on it.</summary>
    ChoosingEpochs,

    /// <summary>The model is learnt that the session gives.</summary>
    Learning,
}

/// <summary>
/// What a session tells while it runs: that a phase begins (<see cref="Epoch"/> is null), or that one of its epochs has ended.
/// </summary>
/// <param name="Phase">The phase.</param>
/// <param name="Examples">Examples that it learns from.</param>
/// <param name="Validation">Examples that judge its epochs; 0 without.</param>
/// <param name="Epochs">The most epochs there will be; when a search came before, those that it chose.</param>
internal sealed record SessionProgress(SessionPhase Phase, int Examples, int Validation, int Epochs)
{
    /// <summary>What is known after the epoch.</summary>
    public EpochReport? Epoch { get; init; }

    /// <summary>True when a search has chosen <see cref="Epochs"/>.</summary>
    public bool IsChosen { get; init; }
}

/// <summary>Hands the epochs of a session on to whoever wants nothing else.</summary>
/// <param name="progress">Told after every epoch, of whatever phase.</param>
internal sealed class EpochProgress(IProgress<EpochReport> progress) : IProgress<SessionProgress>
{
    /// <summary>Null when there is nobody to tell.</summary>
    public static EpochProgress? To(IProgress<EpochReport>? progress) => progress is null ? null : new EpochProgress(progress);

    public void Report(SessionProgress value)
    {
        if (value.Epoch is { } epoch) { progress.Report(epoch); }
    }
}
