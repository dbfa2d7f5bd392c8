using Facto.Models;
using Facto.Training;

namespace Facto.Tests.Contracts;

/// <summary>What every registered solver promises for every task that it says it learns.</summary>
public sealed class SolverContract
{
    public static TheoryData<string, LearningTask> Cases
    {
        get
        {
            var cases = new TheoryData<string, LearningTask>();
            foreach (SolverDescription solver in Solvers.All)
            {
                foreach (LearningTask task in solver.Tasks) { cases.Add(solver.Name, task); }
            }

            return cases;
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_learns_more_than_one_number_for_everybody(string name, LearningTask task)
    {
        TrainingJob job = SolverWorld.Job(Solvers.Find(name), task);
        TrainResult result = Trainer.Train(job, cancellation: Stop);
        ValidationMetric metric = result.BestValidation!.Value;
        double constant = SolverWorld.Constant(task, job.Train, job.Validation!);
        Assert.True(
            new ValidationMetric(metric.Name, metric.Value, metric.HigherIsBetter).IsBetterThan(metric with { Value = constant }),
            $"{metric} against {constant}");
        if (!double.IsNaN(result.History[0].Loss))
        {
            Assert.True(result.History[^1].Loss < result.History[0].Loss, "the loss did not fall");
        }
        Assert.All(result.History, r => Assert.True(r.Examples > 0));
        Assert.Equal(task, result.Model.Task);
        Assert.Equal(name, result.Settings.Solver);
        Assert.DoesNotContain(result.Settings.Values, v => v.Value == "from the data");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void One_worker_and_one_seed_give_the_same_bytes_and_another_seed_does_not(string name, LearningTask task)
    {
        TrainingJob job = SolverWorld.Job(Solvers.Find(name), task);
        byte[] first = Model(job), second = Model(job), other = Model(job with { Given = job.Given with { Seed = 6 } });
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Cancelled_after_an_epoch_and_resumed_it_gives_the_bytes_of_an_uninterrupted_run(string name, LearningTask task)
    {
        TrainingJob job = SolverWorld.Job(Solvers.Find(name), task);
        job = job with { Given = job.Given with { Epochs = 5 } };
        TrainResult whole = Trainer.Train(job, cancellation: Stop);
        using var folder = new TemporaryFolder();
        foreach (int after in (int[])[1, 3])
        {
            string path = folder.File($"{after}.checkpoint");
            using var stop = new CancellationTokenSource();
            var progress = new Immediately(report => { if (report.Epoch == after) { stop.Cancel(); } });
            Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Train(job, progress, null, new CheckpointOptions(path), stop.Token));
            TrainResult resumed = Trainer.Train(job, checkpoints: new CheckpointOptions(path, Resume: true), cancellation: Stop);
            Assert.Equal(SolverWorld.Bytes(whole.Model), SolverWorld.Bytes(resumed.Model));
            Assert.Equal(whole.History.Select(r => r.Loss), resumed.History.Select(r => r.Loss));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_cancelled_token_ends_an_epoch(string name, LearningTask task)
    {
        TrainingJob job = SolverWorld.Job(Solvers.Find(name), task);
        using ISolver solver = Solvers.Find(name).Create(job);
        Assert.ThrowsAny<OperationCanceledException>(() => solver.RunEpoch(1, new CancellationToken(canceled: true)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_snapshot_is_a_copy_and_scores_as_the_solver_does(string name, LearningTask task)
    {
        TrainingJob job = SolverWorld.Job(Solvers.Find(name), task);
        using ISolver solver = Solvers.Find(name).Create(job);
        for (int epoch = 1; epoch <= 4; epoch++) { solver.RunEpoch(epoch, Stop); }
        ISeparableModel model = solver.Snapshot();
        byte[] before = SolverWorld.Bytes(model);
        if (solver.KeepsBestEpoch) { SameScores(solver, model, job.Validation!); }
        solver.RunEpoch(5, Stop);
        Assert.Equal(before, SolverWorld.Bytes(model));
        Assert.NotEqual(before, SolverWorld.Bytes(solver.Snapshot()));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ratings_are_clipped_to_the_labels_of_training_and_probabilities_lie_between_0_and_1(string name, LearningTask task)
    {
        TrainingJob job = SolverWorld.Job(Solvers.Find(name), task);
        ISeparableModel model = Trainer.Train(job, cancellation: Stop).Model;
        (float low, float high) = task == LearningTask.Binary ? (0, 1) : job.LabelRange();
        if (task == LearningTask.Ranking) { return; }   // only the order of its scores means something
        foreach (float score in (float[])[-1e6f, -1, 0, 1, 1e6f]) { Assert.InRange(model.Predict(score), low, high); }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tasks_that_it_does_not_learn_are_refused_with_the_solvers_that_do(string name, LearningTask task)
    {
        TrainingJob job = SolverWorld.Job(Solvers.Find(name), task);
        foreach (LearningTask other in Enum.GetValues<LearningTask>().Except(Solvers.Find(name).Tasks))
        {
            string message = Assert.Throws<FactoException>(
                () => Trainer.Train(job with { Given = job.Given with { Task = other, BurnIn = null } })).Message;
            Assert.Contains($"cannot learn the task {other}; choose one of", message, StringComparison.Ordinal);
        }
    }

    private static byte[] Model(TrainingJob job) => SolverWorld.Bytes(Trainer.Train(job, cancellation: Stop).Model);

    private static void SameScores(ISolver solver, ISeparableModel model, Dataset data)
    {
        float[] scores = new float[data.Count];
        solver.Score(data, scores);
        for (int i = 0; i < data.Count; i++)
        {
            int context = data.ContextRow(i);
            float direct = model.Score(
                data.Users![data.Interactions.Users![i]], context < 0
                    ? default
                    : data.Contexts![context], data.Items![data.Interactions.Items![i]]);
            Assert.Equal(direct, scores[i], 1e-4f * Math.Max(1, Math.Abs(direct)));
        }
    }

    private sealed class Immediately(Action<EpochReport> action) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => action(value);
    }
}
