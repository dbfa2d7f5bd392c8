using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Oracles;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Sgd;

namespace Facto.Tests.Training.Sgd;

public class SgdKernelTests
{
    private static readonly int[] LaneCounts = [1, 4, 8, 16];

    public static TheoryData<string, LearningTask, bool> Cases()
    {
        var cases = new TheoryData<string, LearningTask, bool>();
        foreach (string solver in (string[])["sgd", "adagrad", "adam"])
        {
            foreach (LearningTask task in (LearningTask[])[LearningTask.Regression, LearningTask.Binary])
            {
                cases.Add(solver, task, false);
                cases.Add(solver, task, true);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_lane_width_and_k_follows_the_double_precision_oracle(string solver, LearningTask task, bool twoSided)
    {
        bool binary = task == LearningTask.Binary;
        foreach (bool weighted in (bool[])[false, true])
        {
            Dataset data = twoSided ? TrainingData.TwoSided(24, binary, weighted) : TrainingData.OneHot(24, binary, weighted);
            foreach (int k in (int[])[0, 1, 3, 16, 17, 40])
            {
                TrainOptions options = Options(solver, task, k);
                (NaiveSgd oracle, double[] scores) = RunOracle(data, options);
                foreach (int lanes in LaneCounts) { RequireSame(oracle, scores, data, options, lanes); }
            }
        }
    }

    [Fact]
    public void One_hot_tables_of_two_columns_follow_the_oracle()
    {
        Dataset data = TrainingData.OneHot(60, weighted: true, fieldSizes: [7, 5]);
        foreach (string solver in (string[])["sgd", "adagrad", "adam"])
        {
            foreach (int k in (int[])[0, 5, 16, 40])
            {
                TrainOptions options = Options(solver, LearningTask.Regression, k);
                (NaiveSgd oracle, double[] scores) = RunOracle(data, options);
                foreach (int lanes in LaneCounts) { RequireSame(oracle, scores, data, options, lanes); }
            }
        }
    }

    [Fact]
    public void A_flat_file_gives_the_bytes_of_the_same_examples_on_two_sides()
    {
        Dataset sides = TrainingData.TwoSided(700, weighted: true);
        var rows = new SparseRowsBuilder();
        for (int i = 0; i < sides.Count; i++)
        {
            foreach ((int feature, float value) in TrainingData.Features(sides, i)) { rows.Add(feature, value); }
            rows.EndRow();
        }

        var flat = new Dataset(
            sides.Schema, new Interactions { Labels = sides.Interactions.Labels, Weights = sides.Interactions.Weights },
            contexts: rows.Build());
        Assert.Equal(Learn(sides), Learn(flat));

        static float[] Learn(Dataset data)
        {
            using ISolver solver = Create(new TrainingJob(data, Options("adagrad", LearningTask.Regression, 9)), LaneWidth.Best);
            solver.RunEpoch(1, TestContext.Current.CancellationToken);
            solver.RunEpoch(2, TestContext.Current.CancellationToken);
            var model = (FmModel)solver.Snapshot();
            return [model.Bias, .. model.Linear.Span, .. model.Factors.Storage.Span];
        }
    }

    [Fact]
    public void A_pass_allocates_nothing_per_example()
    {
        foreach (bool twoSided in (bool[])[false, true])
        {
            long Allocated(int examples)
            {
                Dataset data = twoSided ? TrainingData.TwoSided(examples) : TrainingData.OneHot(examples);
                using ISolver solver = Create(new TrainingJob(data, Options("adagrad", LearningTask.Regression, 16)), LaneWidth.Best);
                int pass = 0;
                return Allocation.Of(() => solver.RunEpoch(++pass, TestContext.Current.CancellationToken), runs: 1);
            }

            Allocated(2_000);
            Assert.Equal(Allocated(2_000), Allocated(40_000));
        }
    }

    [Fact]
    public void Reported_loss_is_the_mean_before_each_step()
    {
        Dataset data = TrainingData.OneHot(1500, binary: true, weighted: true);
        TrainOptions options = Options("sgd", LearningTask.Binary, 4) with { LearningRate = 1e-9f };
        using ISolver solver = Create(new TrainingJob(data, options), LaneWidth.Best);
        var scores = new float[data.Count];
        solver.Score(data, scores);
        double expected = ValidationMetric.Of(LearningTask.Binary, scores, data.Interactions, 0, 0).Value;
        Assert.Equal(expected, solver.RunEpoch(1, TestContext.Current.CancellationToken).Loss, 1e-4 * expected);
    }

    [Fact]
    public void A_weight_counts_like_repetition()
    {
        Dataset once = TrainingData.OneHot(300);
        int[] repeated = [.. Enumerable.Range(0, 300).SelectMany(i => Enumerable.Repeat(i, 1 + (i % 3)))];
        Dataset often = once.Select(repeated);
        Dataset weighted = once.WithInteractions(new Interactions
        {
            Labels = once.Interactions.Labels,
            Weights = new NativeBlock<float>([.. Enumerable.Range(0, 300).Select(i => 1f + (i % 3))]),
        });

        // Two small steps and one of twice the size agree to first order in the step size.
        TrainOptions options = Options("sgd", LearningTask.Regression, 8) with { LearningRate = 1e-5f, InitStandardDeviation = 0.3f };
        float[] a = Change(often, options), b = Change(weighted, options);
        double distance = Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum()), size = Math.Sqrt(a.Sum(x => (double)x * x));
        Assert.InRange(distance / size, 0, 0.03);
        Assert.True(size > 0);
    }

    internal static TrainOptions Options(string solver, LearningTask task, int k) => new()
    {
        Solver = solver,
        Task = task,
        Factors = k,
        LearningRate = solver == "sgd" ? 0.05f : solver == "adam" ? 0.003f : 0.1f,
        RegularizationBias = 0.001f,
        RegularizationLinear = 0.01f,
        RegularizationFactors = 0.02f,
        InitStandardDeviation = 0.2f,
        Seed = 5,
    };

    internal static ISolver Create(TrainingJob job, int lanes) => (job.Options.Solver, job.Options.Task) switch
    {
        ("sgd", LearningTask.Binary) => new SgdSolver<LogisticLoss, PlainUpdate>(job, lanes),
        ("sgd", _) => new SgdSolver<SquaredLoss, PlainUpdate>(job, lanes),
        ("adagrad", LearningTask.Binary) => new SgdSolver<LogisticLoss, AdaGradUpdate>(job, lanes),
        ("adagrad", _) => new SgdSolver<SquaredLoss, AdaGradUpdate>(job, lanes),
        (_, LearningTask.Binary) => new SgdSolver<LogisticLoss, AdamUpdate>(job, lanes),
        _ => new SgdSolver<SquaredLoss, AdamUpdate>(job, lanes),
    };

    private static float[] Change(Dataset data, TrainOptions options)
    {
        // The same start for both: the constant that fits best is the same, and so is the seed.
        using ISolver solver = Create(new TrainingJob(data, options), LaneWidth.Best);
        var before = (FmModel)solver.Snapshot();
        solver.RunEpoch(1, TestContext.Current.CancellationToken);
        var after = (FmModel)solver.Snapshot();
        return [.. after.Factors.Storage.Span.ToArray().Zip(before.Factors.Storage.Span.ToArray(), (x, y) => x - y),
            .. after.Linear.Span.ToArray()];
    }

    private static (NaiveSgd Oracle, double[] Scores) RunOracle(Dataset data, TrainOptions given)
    {
        using ISolver start = Create(new TrainingJob(data, given), 1);
        SolverSettings options = SolverSettings.Of(given, data);
        var order = new TrainingExamples(data, options.Seed);
        FeatureSchema schema = data.Schema;
        double initial = options.Solver == "adagrad" ? SgdDefaults.Of(options.Solver, options.Task, default).InitialAccumulator : 0;
        var oracle = new NaiveSgd((FmModel)start.Snapshot(), initial)
        {
            Logistic = options.Task == LearningTask.Binary,
            Update = options.Solver,
            LambdaBias = options.RegularizationBias!.Value,
            LambdaLinear = i => schema.Fields[schema.FieldIndexOf(i)].Spec.RegularizationLinear ?? options.RegularizationLinear!.Value,
            LambdaFactors = i => schema.Fields[schema.FieldIndexOf(i)].Spec.RegularizationFactors ?? options.RegularizationFactors!.Value,
        };
        for (int pass = 1; pass <= 2; pass++)
        {
            double step = ((pass - 1) * data.Count) + 1;
            double scale = options.Solver == "adam" ? Math.Sqrt(1 - Math.Pow(0.999, step)) / (1 - Math.Pow(0.9, step)) : 1;
            for (int position = 0; position < data.Count; position++)
            {
                int example;
                unsafe { example = order.Order[position]; }
                float label = data.Interactions.Labels[example], weight = data.Interactions.Weights?[example] ?? 1;
                oracle.Step(TrainingData.Features(data, example), label, weight, options.LearningRate!.Value * scale);
            }
        }

        return (oracle, [.. Enumerable.Range(0, data.Count).Select(i => oracle.Score(TrainingData.Features(data, i)))]);
    }

    private static void RequireSame(NaiveSgd oracle, double[] expected, Dataset data, TrainOptions given, int lanes)
    {
        if (lanes > 1 && lanes > LaneWidth.Best && LaneWidth.Best > 1) { return; }
        using ISolver solver = Create(new TrainingJob(data, given), lanes);
        SolverSettings options = SolverSettings.Of(given, data);
        for (int pass = 1; pass <= 2; pass++) { solver.RunEpoch(pass, TestContext.Current.CancellationToken); }
        var model = (FmModel)solver.Snapshot();
        string where = $"{options.Solver} {options.Task} k={options.Factors} lanes={lanes}";

        // Adam divides by the gradient's own size: where that is near zero its rounding error decides the sign of a step.
        double tolerance = options.Solver == "adam" ? 3e-3 : 1e-3;
        Assert.True(Math.Abs(oracle.Bias - model.Bias) < tolerance, $"{where}: w0 {model.Bias}, oracle {oracle.Bias}");
        for (int i = 0; i < data.Schema.FeatureCount; i++)
        {
            Assert.True(
                Math.Abs(oracle.Linear(i) - model.Linear[i]) < tolerance, $"{where}: w[{i}] {model.Linear[i]}, oracle {oracle.Linear(i)}");
            for (int f = 0; f < options.Factors; f++)
            {
                Assert.True(
                    Math.Abs(oracle.Factor(i, f) - model.Factors.Row(i)[f]) < tolerance,
                    $"{where}: v[{i},{f}] {model.Factors.Row(i)[f]}, oracle {oracle.Factor(i, f)}");
            }

            Assert.All(model.Factors.PaddedRow(i)[options.Factors..].ToArray(), padding => Assert.Equal(0, padding));
        }

        var scores = new float[data.Count];
        solver.Score(data, scores);
        for (int i = 0; i < scores.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - scores[i]) < 5e-3, $"{where}: score {scores[i]}, oracle {expected[i]}");
        }
    }
}
