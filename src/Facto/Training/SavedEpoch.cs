namespace Facto.Training;

/// <summary>An <see cref="EpochReport"/> in a checkpoint, under the names that version 1 of the format has.</summary>
internal sealed record SavedEpoch(
    int Pass, int Passes, double Loss, ValidationMetric? Validation, bool IsBest, double Seconds, long Examples, double SecondsLeft)
{
    public static SavedEpoch Of(EpochReport report) => new(
        report.Epoch, report.Epochs, report.Loss, report.Validation, report.IsBest, report.Seconds, report.Examples, report.SecondsLeft);

    public EpochReport ToReport() => new()
    {
        Epoch = Pass,
        Epochs = Passes,
        Loss = Loss,
        Validation = Validation,
        IsBest = IsBest,
        Seconds = Seconds,
        Examples = Examples,
        SecondsLeft = SecondsLeft,
    };
}
