using Facto.Models;
using Facto.Training.Family;
using Facto.Training.Options;

namespace Facto.Training;

/// <summary>
/// Learns a model: epochs of a solver, validation after each, early stopping, checkpoints. The same loop for every solver.
/// </summary>
internal static class Trainer
{
    /// <summary>Learns from <paramref name="train"/> with a solver's typed options.</summary>
    /// <param name="train">Training examples.</param>
    /// <param name="options">The solver and how it learns.</param>
    /// <param name="validation">Examples for early stopping, same schema; or null.</param>
    /// <param name="progress">Told after each epoch.</param>
    /// <param name="cancellation">Ends the run.</param>
    public static TrainResult Train(
        Dataset train, SolverOptions options, Dataset? validation = null, IProgress<EpochReport>? progress = null,
            CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Train(new TrainingJob(train, options.ToTrainOptions(), validation), progress, cancellation: cancellation);
    }

    /// <summary>
    /// Runs <paramref name="job"/> until its epochs are done or validation has not improved for <see cref="TrainOptions.Patience"/> epochs.
    /// </summary>
    /// <param name="job">Data, options, what to start from.</param>
    /// <param name="progress">Told after each epoch, on the calling thread's context.</param>
    /// <param name="time">Measures the epochs; the system's clock when null.</param>
    /// <param name="checkpoints">Where the run can be continued from; null keeps none.</param>
    /// <param name="cancellation">Ends the run; with checkpoints the last whole epoch is kept.</param>
    /// <returns>The model of the best epoch.</returns>
    /// <exception cref="FactoException">An option is out of range, the solver cannot learn the task, or the run diverged; the message says
    /// what to change.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    internal static TrainResult Train(
        TrainingJob job,
        IProgress<EpochReport>? progress = null,
        TimeProvider? time = null,
        CheckpointOptions? checkpoints = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        SolverDescription description = Solvers.Find(job.Options.Solver);
        LearningTask task = job.Options.Task;
        if (!description.Tasks.Contains(task))
        {
            IEnumerable<string> able = Solvers.All.Where(s => s.Tasks.Contains(task)).Select(s => s.Name);
            throw new FactoException($"solver '{description.Name}' cannot learn the task {task}; choose one of {string.Join(", ", able)}");
        }

        job = FamilySolvers.Prepare(LabelRules.Prepare(job));
        if (job.WarmStart is { } older && !ReferenceEquals(older.Schema, job.Train.Schema))
        {
            float deviation = job.Given.InitStandardDeviation ?? ModelGrowth.NewDeviation;
            job = job with { WarmStart = ModelGrowth.Fit(older, job.Train.Schema, deviation, job.Options.Seed) };
        }

        if (task is LearningTask.Binary or LearningTask.Ranking)
        {
            job = job with { Train = HistoryFolds.Apply(job.Train, job.Options.HistoryFolds, job.Options.Seed) };
        }

        using ISolver solver = description.Create(job)
            ?? throw new FactoException($"the registration of solver '{description.Name}' made no solver: its create must return one");
        if (job.ChoosesEpochs && !solver.KeepsBestEpoch)
        {
            throw new FactoException($"solver '{description.Name}' averages all its epochs, so there is no best number to choose: leave "
                + $"option holdout out");
        }

        var run = new TrainingRun(job, solver, progress, time ?? TimeProvider.System, checkpoints);
        return run.Run(cancellation);
    }
}
