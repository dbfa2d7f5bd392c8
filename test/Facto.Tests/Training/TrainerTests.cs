using Facto.Models;
using Facto.Training;

namespace Facto.Tests.Training;

public class TrainerTests
{
    private static readonly TrainOptions Options = new()
    {
        Solver = "adagrad",
        Factors = 8,
        Epochs = 6,
        LearningRate = 0.2f,
        InitStandardDeviation = 0.1f,
        Patience = 0,
        Seed = 3,
    };

    [Theory]
    [InlineData("sgd")]
    [InlineData("adagrad")]
    [InlineData("adam")]
    public void One_worker_and_one_seed_give_the_same_bytes_and_another_seed_other_ones(string solver)
    {
        Dataset data = TrainingData.OneHot(3000);
        TrainOptions options = Options with { Solver = solver, LearningRate = 0.02f };
        byte[] first = Bytes(Train(data, options)), second = Bytes(Train(data, options)),
            other = Bytes(Train(data, options with { Seed = 4 }));
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Theory]
    [InlineData("sgd", 0.02f)]
    [InlineData("adagrad", 0.2f)]
    [InlineData("adam", 0.01f)]
    public void Every_solver_learns_what_was_planted(string solver, float rate)
    {
        Dataset train = TrainingData.OneHot(20_000), test = TrainingData.OneHot(2000, seed: 2);
        TrainResult result = Trainer.Train(
            new TrainingJob(train, Options with { Solver = solver, LearningRate = rate }, test),
            cancellation: TestContext.Current.CancellationToken);

        // The noise has deviation 0.3, the labels 1.2.
        Assert.InRange(result.BestValidation!.Value.Value, 0.28, 0.34);
        Assert.True(result.History[^1].Loss < result.History[0].Loss);
        Assert.Equal(6, result.EpochsRun);
        Assert.All(result.History, r => Assert.Equal(20_000, r.Examples));
    }

    [Fact]
    public void Several_workers_reach_the_metric_of_one_within_a_percent()
    {
        Dataset train = TrainingData.OneHot(30_000, fieldSizes: [300, 200]),
            test = TrainingData.OneHot(3000, seed: 2, fieldSizes: [300, 200]);
        double one = Metric(1), four = Metric(4);
        Assert.InRange(four, one * 0.99, one * 1.01);

        double Metric(int threads) =>
            Trainer.Train(
                new TrainingJob(train, Options with { Threads = threads }, test),
                cancellation: TestContext.Current.CancellationToken).BestValidation!.Value.Value;
    }

    [Fact]
    public void Early_stopping_returns_the_model_of_the_best_pass()
    {
        // 60 examples and many factors: it soon learns the noise by heart.
        Dataset train = TrainingData.OneHot(60), validation = TrainingData.OneHot(500, seed: 9);
        TrainOptions options =
            Options with { Epochs = 200, Patience = 4, LearningRate = 0.3f, RegularizationFactors = 0, RegularizationLinear = 0 };
        TrainResult result =
            Trainer.Train(new TrainingJob(train, options, validation), cancellation: TestContext.Current.CancellationToken);
        Assert.True(result.EpochsRun < 200, "it never stopped");
        Assert.Equal(result.BestEpoch + 4, result.EpochsRun);
        Assert.Equal(result.History.Min(r => r.Validation!.Value.Value), result.BestValidation!.Value.Value);

        TrainResult shorter = Trainer.Train(
            new TrainingJob(train, options with { Epochs = result.BestEpoch }, validation),
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Bytes(shorter), Bytes(result));
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adagrad")]
    [InlineData("adam")]
    [InlineData("sgda")]
    public void A_run_cancelled_after_any_pass_and_resumed_gives_the_bytes_of_an_uninterrupted_one(string solver)
    {
        Dataset train = TrainingData.TwoSided(900, weighted: true), validation = TrainingData.TwoSided(100, seed: 2);
        TrainOptions options = Options with { Solver = solver, LearningRate = 0.02f, Schedule = LearningRateSchedule.Cosine, Patience = 3 };
        TrainResult whole = Trainer.Train(new TrainingJob(train, options, validation), cancellation: TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        for (int stopAfter = 1; stopAfter < whole.EpochsRun; stopAfter++)
        {
            string path = Path.Combine(folder.Path, $"{stopAfter}.checkpoint");
            using var stop = new CancellationTokenSource();
            var progress = new Immediately(report => { if (report.Epoch == stopAfter) { stop.Cancel(); } });
            Assert.ThrowsAny<OperationCanceledException>(
                () => Trainer.Train(new TrainingJob(train, options, validation), progress, null, new CheckpointOptions(path), stop.Token));

            TrainResult resumed = Trainer.Train(
                new TrainingJob(train, options, validation), null, null, new CheckpointOptions(path, Resume: true),
                TestContext.Current.CancellationToken);
            Assert.Equal(Bytes(whole), Bytes(resumed));
            Assert.Equal(whole.BestEpoch, resumed.BestEpoch);
            Assert.Equal(whole.History.Select(r => r.Loss), resumed.History.Select(r => r.Loss));
        }
    }

    [Fact]
    public void The_best_model_survives_in_a_checkpoint()
    {
        Dataset train = TrainingData.OneHot(60), validation = TrainingData.OneHot(500, seed: 9);
        TrainOptions options =
            Options with { Epochs = 200, Patience = 5, LearningRate = 0.3f, RegularizationFactors = 0, RegularizationLinear = 0 };
        var job = new TrainingJob(train, options, validation);
        TrainResult whole = Trainer.Train(job, cancellation: TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "c");
        using var stop = new CancellationTokenSource();
        var progress = new Immediately(report => { if (report.Epoch == whole.BestEpoch + 2) { stop.Cancel(); } });
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Train(job, progress, null, new CheckpointOptions(path), stop.Token));
        TrainResult resumed =
            Trainer.Train(job, null, null, new CheckpointOptions(path, Resume: true), TestContext.Current.CancellationToken);
        Assert.Equal(Bytes(whole), Bytes(resumed));
    }

    [Fact]
    public void A_checkpoint_of_other_options_or_data_is_refused_by_name()
    {
        Dataset train = TrainingData.OneHot(500);
        using var folder = new TemporaryFolder();
        var checkpoint = new CheckpointOptions(Path.Combine(folder.Path, "c"));
        Trainer.Train(new TrainingJob(train, Options), checkpoints: checkpoint, cancellation: TestContext.Current.CancellationToken);

        string otherRate = Fails(
            () =>
            Trainer.Train(new TrainingJob(train, Options with { LearningRate = 0.1f }), checkpoints: checkpoint with { Resume = true }));
        Assert.Contains("learning-rate", otherRate, StringComparison.Ordinal);
        string otherData = Fails(
            () =>
            Trainer.Train(new TrainingJob(TrainingData.OneHot(500, seed: 8), Options), checkpoints: checkpoint with { Resume = true }));
        Assert.Contains("other training data", otherData, StringComparison.Ordinal);
        string missing = Fails(
            () =>
            Trainer.Train(
                new TrainingJob(train, Options), checkpoints: new CheckpointOptions(Path.Combine(folder.Path, "no"), Resume: true)));
        Assert.Contains("no checkpoint", missing, StringComparison.Ordinal);

        // More passes are the same run, continued.
        TrainResult longer = Trainer.Train(
            new TrainingJob(train, Options with { Epochs = 9 }), checkpoints: checkpoint with { Resume = true },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Bytes(Train(train, Options with { Epochs = 9 })), Bytes(longer));
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_wherever_the_damage_is()
    {
        Dataset train = TrainingData.OneHot(50);
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "c");
        Trainer.Train(
            new TrainingJob(train, Options with { Factors = 2 }), checkpoints: new CheckpointOptions(path),
            cancellation: TestContext.Current.CancellationToken);
        byte[] whole = File.ReadAllBytes(path);
        for (int at = 0; at < whole.Length; at += 61)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            Assert.Throws<InvalidDataException>(
                () =>
                Trainer.Train(
                    new TrainingJob(train, Options with { Factors = 2 }), checkpoints: new CheckpointOptions(path, Resume: true)));
        }
    }

    [Theory]
    [InlineData(50f)]
    [InlineData(1e9f)]
    public void Divergence_stops_with_the_option_to_lower(float rate)
    {
        string message =
            Fails(() => Trainer.Train(new TrainingJob(TrainingData.OneHot(2000), Options with { Solver = "sgd", LearningRate = rate })));
        Assert.Contains("diverged", message, StringComparison.Ordinal);
        Assert.Contains("lower the learning rate (now", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_and_labels_out_of_range_are_named()
    {
        Dataset data = TrainingData.OneHot(20);
        Assert.Contains("epochs is 0", Fails(() => Train(data, Options with { Epochs = 0 })), StringComparison.Ordinal);
        Assert.Contains("learning-rate is -1", Fails(() => Train(data, Options with { LearningRate = -1 })), StringComparison.Ordinal);
        Assert.Contains("solver 'nosuch'", Fails(() => Train(data, Options with { Solver = "nosuch" })), StringComparison.Ordinal);
        Assert.Contains("needs 0 or 1", Fails(() => Train(data, Options with { Task = LearningTask.Binary })), StringComparison.Ordinal);
        Assert.Contains(
            "cannot learn the task Ranking", Fails(() => Train(data, Options with { Task = LearningTask.Ranking })),
            StringComparison.Ordinal);
    }

    private static TrainResult Train(Dataset data, TrainOptions options) =>
        Trainer.Train(new TrainingJob(data, options), cancellation: TestContext.Current.CancellationToken);

    private static string Fails(Action action) => Assert.Throws<FactoException>(action).Message;

    private static byte[] Bytes(TrainResult result)
    {
        var model = (FmModel)result.Model;
        float[] all = [model.Bias, .. model.Linear.Span, .. model.Factors.Storage.Span];
        return System.Runtime.InteropServices.MemoryMarshal.AsBytes(all.AsSpan()).ToArray();
    }

    private sealed class Immediately(Action<EpochReport> action) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => action(value);
    }
}
