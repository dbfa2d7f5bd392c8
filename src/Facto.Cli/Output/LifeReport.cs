using Facto.Import.Life;

namespace Facto.Cli.Output;

/// <summary>
/// Shows what the steps of a project's life tell: sentences and epochs on standard error, how far a step is on a line that is written over.
/// </summary>
internal sealed class LifeReport(Report report) : IProgress<LifeEvent>
{
    private readonly TrainingProgress _training = new(report);

    /// <summary>Shows the trials of a search; null shows none.</summary>
    public Tuning.TuningProgress? Trials { get; init; }

    public void Report(LifeEvent value)
    {
        if (value is LifeEvent.Step step)
        {
            report.Step(step.What, step.Share, step.Detail);
            return;
        }

        if (value is LifeEvent.Note note) { report.Note(note.Sentence); }
        if (value is LifeEvent.Training training) { _training.Report(training.Progress); }
        if (value is LifeEvent.TrialEnded ended) { Trials?.Report(ended.Trial); }
    }
}

/// <summary>A share of a step, shown as such.</summary>
internal sealed class StepProgress(Report report, string what, string detail) : IProgress<double>
{
    public void Report(double value) => report.Step(what, value, detail);
}
