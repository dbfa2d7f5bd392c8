using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Tests.Models.Family;
using Facto.Tests.Oracles;
using Facto.Training;
using Facto.Training.Family;
using Facto.Training.Sgd;

namespace Facto.Tests.Training.Family;

public class FamilyKernelTests
{
    private static readonly int[] LaneCounts = [1, 4, 8, 16];

    public static TheoryData<ModelFamily, string> Cases()
    {
        var cases = new TheoryData<ModelFamily, string>();
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            foreach (string solver in FamilySolvers.Able) { cases.Add(family, solver); }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_lane_width_follows_the_double_precision_oracle(ModelFamily family, string solver)
    {
        foreach ((LearningTask task, bool twoSided, int k) in (ReadOnlySpan<(LearningTask, bool, int)>)
            [(LearningTask.Binary, false, 4), (LearningTask.Regression, true, 3), (LearningTask.Binary, true, 5), (LearningTask.Regression,
                false, 8), (LearningTask.Binary, false, 1), (LearningTask.Regression, false, 0)])
        {
            Dataset data = twoSided ? TrainingData.TwoSided(24, task == LearningTask.Binary, weighted: true) : TrainingData.OneHot(24,
                task == LearningTask.Binary, weighted: k == 8);
            TrainOptions options = Options(family, solver, task, k);
            NaiveFamilySgd oracle = RunOracle(data, options);
            foreach (int lanes in LaneCounts) { RequireSame(oracle, data, options, lanes); }
        }
    }

    [Theory]
    [InlineData(LearningTask.Binary)]
    [InlineData(LearningTask.Regression)]
    public void Shared_factors_of_pairs_and_triples_follow_the_oracle(LearningTask task)
    {
        Dataset data = TrainingData.TwoSided(24, task == LearningTask.Binary);
        TrainOptions options = Options(ModelFamily.Fm3, "adagrad", task, 4) with
        {
            Extra = new Dictionary<string,
            double>
            { [FamilyOptions.Shared] = 1 }
        };
        NaiveFamilySgd oracle = RunOracle(data, options);
        foreach (int lanes in LaneCounts) { RequireSame(oracle, data, options, lanes); }
    }

    [Fact]
    public void Columns_in_another_order_than_the_fields_and_missing_fields_follow_the_oracle()
    {
        // Users and items are gathered in the order user, item, context, whatever the order of their fields.
        Dataset flat = TrainingData.OneHot(40, binary: true, fieldSizes: [5, 4, 6]);
        var items = new SparseRowsBuilder();
        for (int v = 0; v < 5; v++)
        {
            items.Add(v);
            items.EndRow();
        }

        var users = new SparseRowsBuilder();
        for (int v = 0; v < 6; v++)
        {
            users.Add(9 + v);
            users.EndRow();
        }

        int[] userOf = [.. Enumerable.Range(0, 40).Select(i => TrainingData.Features(flat, i)[2].Feature - 9)],
            itemOf = [.. Enumerable.Range(0, 40).Select(i => TrainingData.Features(flat, i)[0].Feature)];
        var log = new Interactions
        {
            Labels = flat.Interactions.Labels,
            Users = new NativeBlock<int>(userOf),
            Items = new NativeBlock<int>(itemOf)
        };
        var crossed = new Dataset(TrainingData.Schema([5, 4, 6], null), log, users.Build(), items.Build());
        var schema = TrainingData.Schema([5, 4, 6], null);
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            TrainOptions options = Options(family, "adagrad", LearningTask.Binary, 4);
            foreach (Dataset data in (Dataset[])[crossed, new Dataset(schema, flat.Interactions, contexts: flat.Contexts)])
            {
                NaiveFamilySgd oracle = RunOracle(data, options);
                foreach (int lanes in LaneCounts) { RequireSame(oracle, data, options, lanes); }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void One_worker_and_one_seed_give_the_same_bytes(ModelFamily family, string solver)
    {
        foreach (Dataset data in (Dataset[])[TrainingData.OneHot(3000, binary: true), TrainingData.TwoSided(3000, binary: true)])
        {
            Assert.Equal(Learn(data), Learn(data));
        }

        float[] Learn(Dataset data)
        {
            using ISolver solver1 = Create(new TrainingJob(data, Options(family, solver, LearningTask.Binary, 4)), LaneWidth.Best);
            for (int pass = 1; pass <= 2; pass++) { solver1.RunEpoch(pass, TestContext.Current.CancellationToken); }
            return NaiveFamilySgd.Numbers((FamilyModel)solver1.Snapshot());
        }
    }

    [Fact]
    public void A_pass_allocates_nothing_per_example()
    {
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            foreach (bool twoSided in (bool[])[false, true])
            {
                Allocated(2_000);
                Assert.Equal(Allocated(2_000), Allocated(20_000));

                long Allocated(int examples)
                {
                    Dataset data = twoSided ? TrainingData.TwoSided(examples) : TrainingData.OneHot(examples);
                    using ISolver solver = Create(new TrainingJob(data, Options(family, "adagrad", LearningTask.Regression, 4)),
                        LaneWidth.Best);
                    int pass = 0;
                    return Allocation.Of(() => solver.RunEpoch(++pass, TestContext.Current.CancellationToken), runs: 1);
                }
            }
        }
    }

    internal static TrainOptions Options(ModelFamily family, string solver, LearningTask task, int k) => new()
    {
        Family = family,
        Solver = solver,
        Task = task,
        Factors = k,
        LearningRate = solver == "sgd" ? 0.05f : solver == "adam" ? 0.003f : 0.1f,
        RegularizationBias = 0.001f,
        RegularizationLinear = 0.01f,
        RegularizationFactors = 0.02f,
        InitialAccumulator = solver == "adagrad" ? 1 : null,
        InitStandardDeviation = 0.2f,
        Seed = 5,
    };

    internal static ISolver Create(TrainingJob job, int lanes) => job.Options.Solver switch
    {
        "sgd" => Create<PlainUpdate>(job, lanes),
        "adagrad" => Create<AdaGradUpdate>(job, lanes),
        _ => Create<AdamUpdate>(job, lanes),
    };

    private static ISolver Create<TUpdate>(TrainingJob job, int lanes)
        where TUpdate : struct, IUpdate => job.Options.Task == LearningTask.Binary
            ? new FamilySolver<LogisticLoss, TUpdate>(job, lanes)
            : new FamilySolver<SquaredLoss, TUpdate>(job, lanes);

    private static NaiveFamilySgd RunOracle(Dataset data, TrainOptions options)
    {
        using ISolver start = Create(new TrainingJob(data, options), 1);
        var order = new TrainingExamples(data, options.Seed!.Value);
        FeatureSchema schema = data.Schema;
        var oracle = new NaiveFamilySgd((FamilyModel)start.Snapshot(), options.Solver == "adagrad" ? 1 : 0)
        {
            Logistic = options.Task == LearningTask.Binary,
            Update = options.Solver!,
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
                oracle.Step(TrainingData.Features(data, example), data.Interactions.Labels[example],
                    data.Interactions.Weights?[example] ?? 1, options.LearningRate!.Value * scale);
            }
        }

        return oracle;
    }

    private static void RequireSame(NaiveFamilySgd oracle, Dataset data, TrainOptions options, int lanes)
    {
        if (lanes > 1 && lanes > LaneWidth.Best && LaneWidth.Best > 1) { return; }
        using ISolver solver = Create(new TrainingJob(data, options), lanes);
        for (int pass = 1; pass <= 2; pass++) { solver.RunEpoch(pass, TestContext.Current.CancellationToken); }
        var model = (FamilyModel)solver.Snapshot();
        string where = $"{options.Family} {options.Solver} {options.Task} k={options.Factors} lanes={lanes}";

        // Adam divides by the gradient's own size: where that is near zero its rounding error decides the sign of a step.
        double tolerance = options.Solver == "adam" ? 3e-3 : 1e-3;
        float[] numbers = NaiveFamilySgd.Numbers(model);
        for (int i = 0; i < numbers.Length; i++)
        {
            Assert.True(Math.Abs(oracle.Theta[i] - numbers[i]) < tolerance * (1 + Math.Abs(numbers[i])),
                $"{where}: parameter {i} is {numbers[i]}, oracle {oracle.Theta[i]}");
        }

        var scores = new float[data.Count];
        solver.Score(data, scores);
        for (int i = 0; i < scores.Length; i++)
        {
            double expected = oracle.Score(TrainingData.Features(data, i));
            Assert.True(Math.Abs(expected - scores[i]) < 5e-3 * (1 + Math.Abs(expected)), $"{where}: score {scores[i]}, oracle {expected}");
        }
    }
}
