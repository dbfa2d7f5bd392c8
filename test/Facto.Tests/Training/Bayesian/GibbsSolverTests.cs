using System.Runtime.InteropServices;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Bayesian;

namespace Facto.Tests.Training.Bayesian;

public class GibbsSolverTests
{
    private static readonly TrainOptions Options = new() { Solver = "gibbs", Factors = 5, Epochs = 12, BurnIn = 3, Samples = 4 };

    public static TheoryData<LearningTask> Tasks() => [LearningTask.Regression, LearningTask.Binary, LearningTask.Ordinal];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void The_draws_are_the_same_bytes_at_any_number_of_threads(LearningTask task)
    {
        Dataset data = Data(task, 150, 80, 12_000);
        byte[] one = Bytes(data, Options with { Task = task, Epochs = 4 });
        foreach (int threads in new[] { 2, 3 })
        {
            Assert.True(
                one.AsSpan().SequenceEqual(Bytes(data, Options with { Task = task, Epochs = 4, Threads = threads })), $"{threads} threads");
        }
        Assert.False(
            one.AsSpan().SequenceEqual(Bytes(data, Options with { Task = task, Epochs = 4, Seed = 2 })), "another seed gives other draws");
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void A_checkpoint_continues_to_the_same_bytes(LearningTask task)
    {
        using var folder = new TemporaryFolder();
        Dataset data = Data(task);
        string path = Path.Combine(folder.Path, "run.checkpoint");
        var job = new TrainingJob(data, Options with { Task = task }, data);
        TrainResult whole = Trainer.Train(job);
        Trainer.Train(job with { Given = job.Given with { Epochs = 7 } }, checkpoints: new CheckpointOptions(path));
        TrainResult resumed = Trainer.Train(job, checkpoints: new CheckpointOptions(path, Resume: true));
        FmModel expected = ((FmPosterior)whole.Model).Mean, found = ((FmPosterior)resumed.Model).Mean;
        Assert.Equal(expected.Factors.Storage.Span.ToArray(), found.Factors.Storage.Span.ToArray());
        Assert.Equal(expected.Linear.Span.ToArray(), found.Linear.Span.ToArray());
        Assert.Equal(whole.History[^1].Validation!.Value.Value, resumed.History[^1].Validation!.Value.Value);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Sampling_beats_the_mean_label_on_examples_it_has_not_seen(LearningTask task)
    {
        Dataset data = Data(task, 40, 30, 3000);
        int[] all = [.. Enumerable.Range(0, data.Count)];
        Dataset train = data.Select(all.AsSpan(0, 2400)), test = data.Select(all.AsSpan(2400));
        TrainResult result =
            Trainer.Train(new TrainingJob(train, Options with { Task = task, Epochs = 60, BurnIn = 20, Samples = 16 }, test));
        Assert.Equal(60, result.BestEpoch);
        double mean = train.Interactions.Labels.Span.ToArray().Average();
        float[] labels = test.Interactions.Labels.Span.ToArray();
        double baseline = task == LearningTask.Binary
            ? -labels.Average(y => y > 0 ? Math.Log(mean) : Math.Log(1 - mean))
            : Math.Sqrt(labels.Average(y => (y - mean) * (y - mean)));
        double found = result.BestValidation!.Value.Value;
        Assert.True(found < 0.8 * baseline, $"{found} against {baseline}");

        // The kept draws alone say nearly the same as the mean over all sweeps.
        var model = (FmPosterior)result.Model;
        double squares = 0;
        for (int t = 0; t < test.Count; t++)
        {
            PosteriorPrediction p =
                model.Predict(test.Users![test.Interactions.Users![t]], default, test.Items![test.Interactions.Items![t]]);
            squares += (p.Mean - labels[t]) * (p.Mean - labels[t]) / test.Count;
        }

        if (task != LearningTask.Binary) { Assert.Equal(found, Math.Sqrt(squares), 0.03 * found); }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void A_run_gives_the_mean_prediction_of_every_counted_sweep_for_the_test_part(LearningTask task)
    {
        Dataset data = Data(task);
        TrainResult result = Trainer.Train(new TrainingJob(data, Options with { Task = task, Samples = 50 }) { Test = data });
        float[] kept = PosteriorScorer.PredictMeans((FmPosterior)result.Model, data, 1);   // 50 wanted: all 9 are kept
        Assert.Equal(9, ((FmPosterior)result.Model).DrawCount);
        for (int t = 0; t < data.Count; t++) { Assert.Equal(kept[t], result.TestPredictions![t], 1e-3f); }
        Assert.Null(
            Trainer.Train(
                new TrainingJob(
                    data,
                    new TrainOptions { Task = LearningTask.Regression, Solver = "als", Factors = 2, Epochs = 2, Patience = 0 })
                {
                    Test =
                    data
                }).TestPredictions);
    }

    [Fact]
    public void Scores_of_any_dataset_are_those_of_the_kept_draws()
    {
        Dataset data = Data(LearningTask.Regression);
        using var solver = new GibbsSolver(new TrainingJob(data, Options with { Samples = 50 }));
        for (int pass = 1; pass <= 12; pass++) { solver.RunEpoch(pass, CancellationToken.None); }
        var scores = new float[data.Count];
        solver.Score(data, scores);
        var model = (FmPosterior)solver.Snapshot();
        Assert.Equal(9, model.DrawCount);
        (float low, float high) = new TrainingJob(data, Options).LabelRange();
        for (int t = 0; t < data.Count; t++)
        {
            double expected = Enumerable.Range(0, 9)
                .Average(s => Math.Clamp(Oracles.NaiveFm.Score(model.Draw(s), BayesData.Active(data, t)), low, high));
            Assert.Equal(expected, scores[t], 1e-4);
        }
    }

    [Fact]
    public void Kept_draws_are_spread_evenly_however_many_there_are()
    {
        var kept = new KeptDraws(4);
        for (int s = 1; s <= 103; s++)
        {
            kept.Offer(() => new PosteriorDraw(s, 1, [], new NativeBlock<float>(0), new RowMatrix(0, 1)));
            if (s >= 4) { Assert.InRange(kept.All.Count, 4, 8); }
        }

        float[] chosen = [.. kept.Chosen().Select(d => d.Bias)];
        Assert.Equal(4, chosen.Length);
        Assert.All(chosen.Zip(chosen.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 15, 35));
    }

    [Fact]
    public void Options_that_cannot_work_are_refused_in_a_sentence()
    {
        Dataset data = Data(LearningTask.Regression);
        Refused(Options with { BurnIn = 12 }, data, "burn-in");
        Refused(Options with { Task = LearningTask.Binary }, data, "0 or 1");
        Refused(Options with { Task = LearningTask.Ordinal }, BayesData.TwoSided(1), "different values");
        Refused(Options with { Extra = new Dictionary<string, double> { ["warp"] = 1 } }, data, "warp");
        Refused(Options with { Task = LearningTask.Binary }, BayesData.TwoSided(1, weights: true, label: s => s > 0 ? 1 : 0), "weights");

        static void Refused(TrainOptions options, Dataset data, string word) =>
            Assert.Contains(
                word, Assert.Throws<FactoException>(() => Trainer.Train(new TrainingJob(data, options))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_pass_ends()
    {
        using var solver = new GibbsSolver(new TrainingJob(Data(LearningTask.Regression), Options));
        Assert.Throws<OperationCanceledException>(() => solver.RunEpoch(1, new CancellationToken(canceled: true)));
    }

    internal static Dataset Data(LearningTask task, int users = 12, int items = 9, int examples = 300) => BayesData.TwoSided(
        21, users, items, examples, label: score => task switch
        {
            LearningTask.Binary => score > 0 ? 1 : 0,
            LearningTask.Ordinal => (float)Math.Clamp(Math.Round(3 + score), 1, 5),
            _ => (float)score,
        });

    private static byte[] Bytes(Dataset data, TrainOptions options)
    {
        using var solver = new GibbsSolver(new TrainingJob(data, options));
        for (int pass = 1; pass <= options.Epochs; pass++) { solver.RunEpoch(pass, CancellationToken.None); }
        return [.. MemoryMarshal.AsBytes(solver.System.Factors.Storage.Span), .. MemoryMarshal.AsBytes(solver.System.Linear.Span)];
    }
}
