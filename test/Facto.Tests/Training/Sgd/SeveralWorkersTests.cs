using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Oracles;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Sgd;

namespace Facto.Tests.Training.Sgd;

public class SeveralWorkersTests
{
    // Features of a field that no example has: they make the model large enough for copies.
    private const int Unused = 40_000;

    public static TheoryData<string, LearningTask, bool> Cases()
    {
        var cases = new TheoryData<string, LearningTask, bool>();
        foreach (string solver in (string[])["sgd", "adagrad", "adam"])
        {
            cases.Add(solver, LearningTask.Binary, false);
            cases.Add(solver, LearningTask.Regression, false);
        }

        cases.Add("adagrad", LearningTask.Binary, true);
        return cases;
    }

    // Lost updates are lost progress: a run that loses one worker's steps ends where a run on the other workers' share of the examples
    // ends. That end is measured here too, so the band is a part of it and the test can fail; and the noise of a mean of seeds is measured,
    // so that four of its standard deviations fit into the band and chance alone leaves it once in 30,000 runs.
    [Theory]
    [MemberData(nameof(Cases))]
    public void Several_workers_end_where_one_does_and_not_where_a_lost_workers_run_ends(string solver, LearningTask task, bool values)
    {
        bool binary = task == LearningTask.Binary;
        Dataset train = Skewed(20_000, binary, values, 1), test = Skewed(10_000, binary, values, 2);
        Dataset half = train.Select([.. Enumerable.Range(0, train.Count / 2)]);
        double[] one = Ends(train, 1);
        double mean = one.Average(), noise = Math.Sqrt(one.Sum(e => (e - mean) * (e - mean)) / (one.Length - 1) * 2 / one.Length);
        double lost = Ends(half, 1).Average(), band = (lost - mean) / 3;
        Assert.True(
            4 * noise < band,
            $"the band {band:0.00000} is within the noise {noise:0.00000}: one worker {mean:0.00000}, half the examples {lost:0.00000}");
        foreach (int threads in (int[])[2, 4])
        {
            double several = Ends(train, threads).Average();
            Assert.True(several < mean + band, $"{threads} workers {several:0.00000}, one {mean:0.00000}, a worker lost {lost:0.00000}");
        }

        double[] Ends(Dataset data, int threads)
        {
            TrainOptions options = new()
            {
                Solver = solver,
                Task = task,
                Factors = 4,
                Epochs = 2,
                Patience = 0,
                LearningRate = solver switch { "sgd" => 0.01f, "adagrad" => 0.03f, _ => 0.003f },
                InitStandardDeviation = 0.02f,
                RegularizationFactors = 0.01f,
                Threads = threads,
            };
            return [.. Enumerable.Range(1, 6).Select(seed => End(data, options with { Seed = (ulong)seed }))];
        }

        double End(Dataset data, TrainOptions options) =>
            Trainer.Train(
                new TrainingJob(data, options, test),
                cancellation: TestContext.Current.CancellationToken).History[^1].Validation!.Value.Value;
    }

    // Steps so small that no score changes add up exactly, in any order: Δw = −step·Σ(ŷ₀ − y) over a feature's examples. A step is lost
    // only when another worker reads the same weight between its read and its write. A core reads ahead and its writes wait in a buffer of
    // some 70, so that each worker is in the middle of about ten examples, and 11 (T − 1)/3000 is beyond what 3000 values of a field can
    // lose (least kept of 720 runs: 0.999). With 300 values steps of plain SGD were lost beyond it; AdaGrad's frequent features have a copy
    // per worker there and lose none. The sampling of 80,000 steps adds σ < 0.0003. A lost worker loses 1/T.
    [Theory]
    [InlineData("sgd", 2, 3000)]
    [InlineData("sgd", 4, 3000)]
    [InlineData("adagrad", 2, 300)]
    [InlineData("adagrad", 4, 300)]
    [InlineData("adagrad", 2, 3000)]
    [InlineData("adagrad", 4, 3000)]
    public void Steps_of_several_workers_are_not_lost(string solver, int threads, int size)
    {
        const int fields = 4;
        const float rate = 1e-6f, accumulator = 1e7f;   // so large a first sum that it stays as it is
        Dataset data = TrainingData.OneHot(20_000, fieldSizes: [.. Enumerable.Repeat(size, fields)]);
        data = new Dataset(
            TrainingData.Schema([.. Enumerable.Repeat(size, fields), Unused], null), data.Interactions, contexts: data.Contexts);
        TrainOptions options = new()
        {
            Solver = solver,
            Factors = 4,
            Epochs = 1,
            Patience = 0,
            LearningRate = rate * (solver == "adagrad" ? MathF.Sqrt(accumulator) : 1),
            InitialAccumulator = solver == "adagrad" ? accumulator : null,
            InitStandardDeviation = 0,
            RegularizationLinear = 0,
            RegularizationFactors = 0,
            Threads = threads,
        };
        double mean = data.Interactions.MeanLabel();
        double[] expected = new double[data.Schema.FeatureCount];
        for (int i = 0; i < data.Count; i++)
        {
            foreach ((int feature, _) in TrainingData.Features(data, i))
            {
                expected[feature] -= rate * (mean - data.Interactions.Labels[i]);
            }
        }

        Assert.Equal(1, Kept(options with { Threads = 1 }), 0.001);
        Assert.InRange(Kept(options), 1 - (11.0 * (threads - 1) / 3000) - 0.002, 1.001);

        // The share of the expected way that the weights have gone, by least squares.
        double Kept(TrainOptions how)
        {
            var model = (FmModel)Trainer.Train(new TrainingJob(data, how), cancellation: TestContext.Current.CancellationToken).Model;
            return Enumerable.Range(0, expected.Length).Sum(i => model.Linear[i] * expected[i]) / expected.Sum(e => e * e);
        }
    }

    [Fact]
    public void Copies_that_have_all_arrived_are_not_added_up()
    {
        // Every example has the same three features: each of eight workers finds the answer alone, and the sum of their ways there would be
        // seven times too far.
        Dataset train = Wide(TrainingData.OneHot(40_000, fieldSizes: [1, 1, 2])),
            test = Wide(TrainingData.OneHot(2000, seed: 2, fieldSizes: [1, 1, 2]));
        TrainOptions options =
            new()
            {
                Solver = "adagrad",
                LearningRate = 1,
                Factors = 2,
                Epochs = 2,
                Patience = 0,
                RegularizationLinear = 0,
                RegularizationFactors = 0
            };
        double one = Metric(options), eight = Metric(options with { Threads = 8 });
        Assert.InRange(eight, 0.29, one + 0.01);

        static Dataset Wide(Dataset data) => new(TrainingData.Schema([1, 1, 2, Unused], null), data.Interactions, contexts: data.Contexts);

        // The mean of four seeds, as above: one run in a hundred of eight workers on a busy machine ends 0.03 higher than all others, and
        // one worker's own runs differ by 0.015.
        double Metric(TrainOptions how) =>
            Enumerable.Range(1, 4)
            .Average(
                seed =>
                Trainer.Train(
                    new TrainingJob(train, how with { Seed = (ulong)seed }, test),
                    cancellation: TestContext.Current.CancellationToken).History[^1].Validation!.Value.Value);
    }

    [Fact]
    public void The_share_of_a_merge_agrees_with_the_exact_rule_at_both_ends_and_is_below_twice_it_between()
    {
        foreach (int workers in (int[])[2, 3, 8, 64])
        {
            Assert.Equal(1, NaiveMerge.Share(1e-9, workers), 1e-6);
            Assert.Equal(1.0 / workers, NaiveMerge.Share(1e9, workers), 1e-6);
            for (double a = 1e-4; a < 100; a *= 1.5)
            {
                Assert.InRange(NaiveMerge.Share(a, workers) / NaiveMerge.ExactShare(a, workers), 0.999, 2);
            }
        }
    }

    [Fact]
    public void A_merge_adds_each_workers_share_of_change_for_every_lane_width()
    {
        Dataset data = TrainingData.OneHot(3000, fieldSizes: [5, 7]);
        var examples = new TrainingExamples(data, 1);
        foreach (int lanes in (int[])[1, 4, 8, 16])
        {
            if (lanes > 1 && lanes > LaneWidth.Best && LaneWidth.Best > 1) { continue; }
            RequireMerge<PlainUpdate>(examples, lanes, (a, _) => a);
            RequireMerge<AdaGradUpdate>(examples, lanes, (a, sums) => a / Math.Sqrt(sums[0]));
        }
    }

    [Fact]
    public void Hot_are_the_features_of_very_many_examples_the_most_frequent_first()
    {
        Dataset data = Skewed(30_000, true, false, 1);
        var examples = new TrainingExamples(data, 1);
        var hot = new HotFeatures(examples, data.Schema.FeatureCount, 136, 2);
        var count = new int[data.Schema.FeatureCount];
        for (int i = 0; i < data.Count; i++)
        {
            foreach ((int feature, _) in TrainingData.Features(data, i)) { count[feature]++; }
        }

        int[] expected = [.. Enumerable.Range(0, count.Length).Where(i => count[i] >= 30).OrderByDescending(i => count[i]).ThenBy(i => i)];
        Assert.InRange(expected.Length, 50, count.Length - 500);
        Assert.Equal(expected, hot.Features);
        Assert.Equal(expected.Select(i => count[i] / 30_000f), hot.Squares);
        Assert.Equal(
            [.. Enumerable.Range(0, hot.Features.Length)], Enumerable.Range(0, HotFeatures.Levels)
            .SelectMany(level => Enumerable.Range(0, hot.Features.Length).Take(hot.PlacesOf(level))));
        Assert.All(hot.Features.Take(hot.PlacesOf(0)), i => Assert.True(count[i] >= 0.02 * 30_000));

        // No more than fit a cache.
        Assert.Equal(expected.Take(16), new HotFeatures(examples, data.Schema.FeatureCount, 32 << 10, 2).Features);
    }

    [Fact]
    public void A_checkpoint_of_two_workers_is_no_longer_than_that_of_one_and_continues()
    {
        Dataset train = Skewed(20_000, true, false, 1), test = Skewed(5000, true, false, 2);
        TrainOptions options =
            new()
            {
                Task = LearningTask.Binary,
                LearningRate = 0.03f,
                Factors = 4,
                Epochs = 3,
                Patience = 0,
                InitStandardDeviation = 0.02f
            };
        using var folder = new TemporaryFolder();
        string one = Path.Combine(folder.Path, "1"), two = Path.Combine(folder.Path, "2");
        Trainer.Train(
            new TrainingJob(train, options, test), checkpoints: new CheckpointOptions(one),
            cancellation: TestContext.Current.CancellationToken);
        Trainer.Train(
            new TrainingJob(train, options with { Threads = 2 }, test), checkpoints: new CheckpointOptions(two),
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Sizes(one), Sizes(two));

        TrainResult whole =
            Trainer.Train(new TrainingJob(train, options with { Epochs = 4 }, test), cancellation: TestContext.Current.CancellationToken);
        TrainResult resumed = Trainer.Train(
            new TrainingJob(train, options with { Epochs = 4, Threads = 2 }, test), checkpoints: new CheckpointOptions(two, Resume: true),
                cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(4, resumed.EpochsRun);
        Assert.Equal(whole.History[^1].Validation!.Value.Value, resumed.History[^1].Validation!.Value.Value, 0.004);

        static List<(string, long)> Sizes(string path)
        {
            using var reader = new ArtefactReader(path, ArtefactKind.Checkpoint, 99);
            return [.. reader.Sections.Where(s => s.Name.StartsWith("sgd.", StringComparison.Ordinal)).Select(s => (s.Name, s.Bytes))];
        }
    }

    [Fact]
    public void A_worker_with_a_copy_allocates_nothing()
    {
        foreach (bool values in (bool[])[false, true])
        {
            Dataset data = Skewed(8192, false, values, 1);
            var examples = new TrainingExamples(data, 1);
            var settings = SgdSettings.Of(
                SolverSettings.Of(new TrainOptions()), SgdDefaults.Of("adagrad", LearningTask.Regression, default), data.Schema);
            (FmParameters shared, HotFeatures hot) = Shared<AdaGradUpdate>(examples, 16);
            examples.Rename(hot);
            var worker = new SgdWorker<SquaredLoss, AdaGradUpdate>(
                examples, shared, settings, null, LaneWidth.Best, Copy<AdaGradUpdate>(hot, shared, 1, LaneWidth.Best));
            Assert.Equal(0, Allocation.Of(() =>
            {
                worker.Begin();
                for (int chunk = 0; chunk < examples.ChunkCount; chunk++) { worker.Learn(chunk, 0.01f); }
                worker.End();
            }));
        }
    }

    // Two workers change their copies at random; what is shared afterwards must be the oracle's.
    private static unsafe void RequireMerge<TUpdate>(TrainingExamples examples, int lanes, Func<double, double[], double> scaled)
        where TUpdate : struct, IUpdate
    {
        const float eta = 0.003f;
        const int learned = 700;
        (FmParameters shared, HotFeatures hot) = Shared<TUpdate>(examples, 5);
        Assert.Equal(12, hot.Features.Length);
        var random = new SeededRandom(3);
        WorkerCopy<SquaredLoss, TUpdate>[] copies = [Copy<TUpdate>(hot, shared, 0, lanes), Copy<TUpdate>(hot, shared, 1, lanes)];
        foreach (WorkerCopy<SquaredLoss, TUpdate> copy in copies) { copy.Take(); }
        int stride = shared.FactorStride, sums = TUpdate.StateCount;
        double[] expected = new double[12 * stride], spread = new double[shared.Width], mean = new double[shared.Width];
        for (int h = 0; h < 12; h++)
        {
            for (int f = 0; f < stride; f++) { expected[(h * stride) + f] = shared.Factors[(hot.Features[h] * stride) + f]; }
        }

        for (int f = 0; f < shared.Width; f++)
        {
            mean[f] = Enumerable.Range(0, 12).Sum(h => hot.Uses[h] * expected[(h * stride) + f]);
            spread[f] = (mean[f] * mean[f]) + Enumerable.Range(0, 12)
                .Sum(h => hot.Squares[h] * expected[(h * stride) + f] * expected[(h * stride) + f]);
        }

        foreach (WorkerCopy<SquaredLoss, TUpdate> copy in copies)
        {
            float* own = shared.Factors + ((long)copy.FirstRow * stride);
            for (int h = 0; h < 12; h++)
            {
                double a = eta * learned * hot.Squares[h];
                for (int f = 0; f < shared.Width; f++)
                {
                    for (int s = 0; s <= sums; s++)
                    {
                        Assert.Equal(StartOf(s, h, f), own[(h * stride) + (s * shared.Width) + f]);
                        own[(h * stride) + (s * shared.Width) + f] += random.NextFloat();
                    }

                    double[] state = [.. Enumerable.Range(1, sums).Select(s => (double)own[(h * stride) + (s * shared.Width) + f])];
                    for (int s = 0; s <= sums; s++)
                    {
                        int at = (h * stride) + (s * shared.Width) + f;
                        double share = s == 0 ? NaiveMerge.Share(scaled(a * spread[f], state), 2) : 1;
                        expected[at] += share * (own[at] - StartOf(s, h, f));
                    }
                }
            }

            copy.Advance(learned, eta, all: true);
            for (int h = 0; h < 12; h++)
            {
                for (int f = 0; f < stride; f++)
                {
                    float now = shared.Factors[(hot.Features[h] * stride) + f];
                    Assert.True(
                        Math.Abs(expected[(h * stride) + f] - now) < 2e-3 * (1 + Math.Abs(now)),
                        $"{typeof(TUpdate).Name} lanes {lanes}: {now}, oracle {expected[(h * stride) + f]}");
                    Assert.Equal(now, own[(h * stride) + f]);
                }
            }
        }

        float StartOf(int state, int h, int f) => f >= 5 && state == 0
            ? 0
            : state == 0 ? Initial(shared, hot, h, f) : TUpdate.InitialState(state - 1, 4);
    }

    private static unsafe float Initial(FmParameters shared, HotFeatures hot, int h, int f)
    {
        var fresh = new FmParameters(shared.FeatureCount, shared.FactorCount, shared.StateCount);
        fresh.Initialise<PlainUpdate>(0.1f, 4, 1);
        return fresh.Factors[(hot.Features[h] * fresh.FactorStride) + f];
    }

    private static (FmParameters Shared, HotFeatures Hot) Shared<TUpdate>(TrainingExamples examples, int k)
        where TUpdate : struct, IUpdate
    {
        int features = examples.Reader.Data.Schema.FeatureCount;
        var hot = new HotFeatures(examples, features, 136, 2);
        var shared = new FmParameters(features, k, TUpdate.StateCount, hot.FirstRow - features + (2 * hot.RowsPerWorker));
        shared.Initialise<TUpdate>(0.1f, 4, 1);
        return (shared, hot);
    }

    private static WorkerCopy<SquaredLoss, TUpdate> Copy<TUpdate>(HotFeatures hot, FmParameters shared, int worker, int lanes)
        where TUpdate : struct, IUpdate =>
        new(new CopySharing(hot, 1, 2, lanes), shared, worker);

    // Eight fields of 300 features; a feature's frequency falls as 1/rank; planted weights and pairs of factors.
    private static Dataset Skewed(int examples, bool binary, bool values, ulong seed)
    {
        const int fields = 8, size = 300;
        var random = new SeededRandom(seed, 11);
        var rows = new SparseRowsBuilder();
        var labels = new float[examples];
        for (int i = 0; i < examples; i++)
        {
            double score = 0, sum = 0, squares = 0;
            for (int field = 0; field < fields; field++)
            {
                int feature = (field * size) + (int)Math.Min(size - 1, Math.Exp(random.NextFloat() * Math.Log(size)) - 1);
                float x = values ? 0.5f + random.NextFloat() : 1;
                if (values) { rows.Add(feature, x); } else { rows.Add(feature); }
                double v = 0.3 * Math.Cos(2.3 * feature);
                score += 0.6 * Math.Sin(1.7 * feature) * x;
                sum += v * x;
                squares += v * v * x * x;
            }

            score += 0.5 * ((sum * sum) - squares);
            labels[i] = binary ? (random.NextFloat() < 1 / (1 + Math.Exp(-score)) ? 1 : 0) : (float)(score + (0.3 * random.NextNormal()));
            rows.EndRow();
        }

        return new Dataset(
            TrainingData.Schema([.. Enumerable.Repeat(size, fields), Unused], null),
            new Interactions { Labels = new NativeBlock<float>(labels) }, contexts: rows.Build());
    }
}
