using Facto.Models;
using Facto.Models.Family;
using Facto.Training.Options;

namespace Facto.Training.Session;

/// <summary>
/// One training, whoever asks for it: <c>FactorizationMachine.Fit</c>, a project, a stage, flat files, the demo, a trial of a search. It
/// chooses the number of epochs when asked to, learns, and says what went wrong. The same data, options and seed give the same bytes,
/// stopped and resumed in whatever phase.
/// </summary>
internal sealed record TrainingSession
{
    /// <summary>Training examples.</summary>
    public required Dataset Train { get; init; }

    /// <summary>How to learn.</summary>
    public required TrainOptions Options { get; init; }

    /// <summary>Examples that judge the epochs, over the same schema; null or empty when there are none.</summary>
    public Dataset? Validation { get; init; }

    /// <summary>
    /// Examples to predict with what the run gives; only a sampler needs them while it learns. Null when nobody asks for them.
    /// </summary>
    public Dataset? Test { get; init; }

    /// <summary>
    /// Share of <see cref="Train"/> on which the number of epochs is chosen before all of it is learnt from; 0 chooses none. 0 to below 1.
    /// </summary>
    public double Holdout { get; init; }

    /// <summary>What to go on from; null starts afresh.</summary>
    public WarmStart? WarmStart { get; init; }

    /// <summary>Where the run can be continued from; null keeps nothing.</summary>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>Told when a phase begins and after every epoch, on the calling thread.</summary>
    public IProgress<SessionProgress>? Progress { get; init; }

    /// <summary>Measures the epochs; the system's clock when null.</summary>
    public TimeProvider? Time { get; init; }

    private Dataset? Judge => Validation is { Count: > 0 } ? Validation : null;

    /// <summary>Runs to the end.</summary>
    /// <param name="cancellation">Ends the run; with <see cref="Checkpoints"/> the last whole epoch is kept, in every phase.</param>
    /// <exception cref="FactoException">
    /// An option is out of range or does not go with another, the solver cannot learn the task, or the run diverged.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TrainingOutcome Run(CancellationToken cancellation = default)
    {
        SolverSettings settings = SolverSettings.Of(Options, Train);
        if (Holdout == 0)
        {
            TrainResult plain = Phase(SessionPhase.Learning, Train, Judge, Options, Checkpoints, cancellation);
            return new TrainingOutcome(plain, null, Advise(plain));
        }

        if (Judge is { } given)
        {
            throw new FactoException($"option holdout and the {given.Count} validation examples both choose the number of epochs: "
                + "use one of them");
        }

        SessionNote? kept = Checkpoints is { Resume: true } ? Checkpoint.NoteOf(Checkpoints.Path) : null;
        EpochSearch search = Kept(kept, settings) ?? Search(settings, cancellation);
        // Nothing judges the second phase, so nothing reads its patience.
        TrainOptions chosen = Options with { Epochs = search.BestEpoch, Patience = null };
        CheckpointOptions? rest = Checkpoints is null
            ? null
            : Checkpoints with { Resume = kept?.Search is not null, Note = new SessionNote(Holdout, search) };
        TrainResult result = Phase(SessionPhase.Learning, Train, null, chosen, rest, cancellation);
        return new TrainingOutcome(result, search, Advise(result));
    }

    /// <summary>The report with the best validation metric, the first of equals.</summary>
    internal static EpochReport Best(IReadOnlyList<EpochReport> history) =>
        history.Aggregate((a, b) => b.Validation is { } later && later.IsBetterThan(a.Validation!.Value) ? b : a);

    private EpochSearch Search(SolverSettings settings, CancellationToken cancellation)
    {
        (Dataset train, Dataset held) = HoldOut.Split(Train, Holdout, settings.Seed);
        CheckpointOptions? checkpoints = Checkpoints is null ? null : Checkpoints with { Note = new SessionNote(Holdout, null) };
        TrainResult result = Phase(SessionPhase.ChoosingEpochs, train, held, Options, checkpoints, cancellation);
        return new EpochSearch(Best(result.History).Epoch, settings.Epochs, settings.Patience, result.History);
    }

    // A search that an earlier run has finished; what it was asked then is what counts.
    private EpochSearch? Kept(SessionNote? note, SolverSettings settings)
    {
        if (note?.Search is not { } search) { return null; }
        return search.Epochs == settings.Epochs && search.Patience == settings.Patience ? search : throw new FactoException(
            $"{Checkpoints!.Path}: the number of epochs was chosen with epochs {search.Epochs} and patience {search.Patience}, "
            + $"now they are {settings.Epochs} and {settings.Patience}; use the same ones or train without --resume");
    }

    private TrainResult Phase(
        SessionPhase phase,
        Dataset train,
        Dataset? validation,
        TrainOptions options,
        CheckpointOptions? checkpoints,
        CancellationToken cancellation)
    {
        int epochs = SolverSettings.Of(options, train).Epochs;
        var began = new SessionProgress(phase, train.Count, validation?.Count ?? 0, epochs)
        {
            IsChosen = Holdout > 0 && phase == SessionPhase.Learning,
        };
        Progress?.Report(began);
        Dataset? test = phase == SessionPhase.Learning && Test is { Count: > 0 } ? Test : null;
        var job = new TrainingJob(train, options, validation, WarmStart?.Model as FmModel)
        {
            Test = test,
            WarmState = WarmStart?.State,
            WarmFamily = WarmStart?.Model as FamilyModel,
            ChoosesEpochs = phase == SessionPhase.ChoosingEpochs,
        };
        return Trainer.Train(job, Progress is null ? null : new Epochs(Progress, began), Time, checkpoints, cancellation);
    }

    private IReadOnlyList<TrainingAdvice> Advise(TrainResult result)
    {
        TrainingAdvice? constant = Judge is { } judge && result.BestValidation is { } own
            ? TrainingAdvice.OfConstant(result.Settings.Task, "validation", Train, judge, own)
            : null;
        IEnumerable<TrainingAdvice> idle = result.Advice.Select(sentence => new TrainingAdvice(AdviceKind.IdleOption, sentence));
        return [.. ((TrainingAdvice?[])[TrainingAdvice.OfCurve(result), constant]).OfType<TrainingAdvice>(), .. idle];
    }

    private sealed class Epochs(IProgress<SessionProgress> progress, SessionProgress phase) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => progress.Report(phase with { Epoch = value });
    }
}

/// <summary>What a checkpoint of a session with a holdout says beside the state of its phase.</summary>
/// <param name="Holdout">The share.</param>
/// <param name="Search">How the number of epochs was chosen; null while it is being chosen.</param>
internal sealed record SessionNote(double Holdout, EpochSearch? Search);
