using Facto.Models;
using Facto.Training.Family;

namespace Facto.Training;

/// <summary>Learns a model: passes of a solver, validation after each, early stopping, checkpoints. The same loop for every solver.</summary>
public static class Trainer
{
    /// <summary>Runs <paramref name="job"/> until its passes are done or validation has not improved for <see cref="TrainOptions.Patience"/> passes.</summary>
    /// <param name="job">Data, options, what to start from.</param>
    /// <param name="progress">Told after each pass, on the calling thread's context.</param>
    /// <param name="time">Measures the passes; the system's clock when null.</param>
    /// <param name="checkpoints">Where the run can be continued from; null keeps none.</param>
    /// <param name="cancellation">Ends the run; with checkpoints the last whole pass is kept.</param>
    /// <returns>The model of the best pass.</returns>
    /// <exception cref="FactoException">An option is out of range, the solver cannot learn the task, or the run diverged; the message says what to change.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static TrainResult Train(
        TrainingJob job,
        IProgress<EpochReport>? progress = null,
        TimeProvider? time = null,
        CheckpointOptions? checkpoints = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.Options.Validate();
        SolverDescription description = Solvers.Find(job.Options.Solver);
        if (!description.Tasks.Contains(job.Options.Task))
        {
            IEnumerable<string> able = Solvers.All.Where(s => s.Tasks.Contains(job.Options.Task)).Select(s => s.Name);
            throw new FactoException($"solver '{description.Name}' cannot learn the task {job.Options.Task}; choose one of {string.Join(", ", able)}");
        }

        if (job.Train.Count == 0) { throw new FactoException("there are no training examples; check the source and the split"); }
        FamilySolvers.Require(job.Options);
        if (job.WarmFamily is { } kin && !ReferenceEquals(kin.Schema, job.Train.Schema))
        {
            job = job with { WarmFamily = FamilyGrowth.Fit(kin, job.Train.Schema, job.Options.InitStandardDeviation ?? ModelGrowth.NewDeviation, job.Options.Seed) };
        }

        if (job.WarmStart is { } older && !ReferenceEquals(older.Schema, job.Train.Schema))
        {
            job = job with { WarmStart = ModelGrowth.Fit(older, job.Train.Schema, job.Options.InitStandardDeviation ?? ModelGrowth.NewDeviation, job.Options.Seed) };
        }

        if (job.Options.Task is LearningTask.Binary or LearningTask.Ranking)
        {
            job = job with { Train = HistoryFolds.Apply(job.Train, job.Options.HistoryFolds, job.Options.Seed) };
        }

        using ISolver solver = description.Create(job);
        var run = new TrainingRun(job, solver, progress, time ?? TimeProvider.System, checkpoints);
        return run.Run(cancellation);
    }
}
