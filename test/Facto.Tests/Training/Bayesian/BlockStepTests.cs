using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Oracles;
using Facto.Training;
using Facto.Training.Bayesian;

namespace Facto.Tests.Training.Bayesian;

public class BlockStepTests
{
    public static TheoryData<string, int> Shapes()
    {
        var shapes = new TheoryData<string, int>();
        foreach (string shape in new[] { "two-sided", "contexts", "weights", "flat", "ids", "bare", "one-block" })
        {
            foreach (int k in new[] { 0, 1, 3, 16, 19 }) { shapes.Add(shape, k); }
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_sweep_solves_every_feature_in_turn_like_the_dense_normal_equations(string shape, int k)
    {
        Dataset data = Data(shape, 3);
        BlockSystem system = Start(data, k);
        system.Priors.Strength = new NativeBlock<float>([.. Enumerable.Range(0, data.Schema.FeatureCount).Select(l => 0.5f + (l % 3))]);
        FmModel slow = system.ToModel(LearningTask.Regression);
        system.Sweep(1, draw: false, CancellationToken.None);
        double[] zero = new double[k + 1];
        foreach (BlockField field in system.Blocks.SelectMany(b => b.Fields))
        {
            for (int l = field.Offset; l < field.Offset + field.Count; l++)
            {
                double[] lambda = [.. Enumerable.Repeat(2 * (0.5 + (l % 3)), k), 1.5];
                double[] mean = DenseFmConditional.Of(data, slow, l, 1, lambda, zero).Mean;
                for (int f = 0; f < k; f++) { slow.Factors.Row(l)[f] = (float)mean[f]; }
                slow.Linear[l] = (float)mean[k];
            }
        }

        for (int l = 0; l < data.Schema.FeatureCount; l++)
        {
            Assert.Equal(slow.Linear[l], system.Linear[l], 2e-3f);
            for (int f = 0; f < k; f++) { Assert.Equal(slow.Factors.Row(l)[f], system.Factors.Row(l)[f], 2e-3f); }
        }

        (double squares, double sum) = Errors(data, system.ToModel(LearningTask.Regression));
        Assert.Equal(squares, system.Error.Squares, 1e-3 * (1 + squares));
        Assert.Equal(sum, system.Error.Sum, 1e-3 * (1 + squares));
    }

    [Theory]
    [InlineData("two-sided")]
    [InlineData("contexts")]
    [InlineData("weights")]
    [InlineData("ids")]
    public void Draws_have_the_conditional_mean_and_precision(string shape)
    {
        const int k = 2, draws = 4000;
        Dataset data = Data(shape, 5);
        BlockSystem system = Start(data, k);
        system.Noise = 1.7;
        FmModel start = system.ToModel(LearningTask.Regression);
        foreach (int b in Enumerable.Range(0, system.Blocks.Length))
        {
            // The first field of a block is drawn from the state as it stands; of a one-hot field every feature is.
            BlockField field = system.Blocks[b].Fields[0];
            var samples = new double[field.Count, draws, k + 1];
            for (int s = 0; s < draws; s++)
            {
                system.StartFrom(start);
                system.Step(b, s + 1, draw: true, CancellationToken.None);
                for (int l = 0; l < field.Count; l++)
                {
                    for (int f = 0; f < k; f++) { samples[l, s, f] = system.Factors.Row(field.Offset + l)[f]; }
                    samples[l, s, k] = system.Linear[field.Offset + l];
                }
            }

            for (int l = 0; l < (field.IsOneHot ? field.Count : 1); l++)
            {
                (double[,] precision, double[] mean) =
                    DenseFmConditional.Of(data, start, field.Offset + l, 1.7, [2, 2, 1.5], new double[3]);
                RequireMoments(samples, l, draws, precision, mean);
            }
        }
    }

    [Theory]
    [InlineData("two-sided", 4)]
    [InlineData("contexts", 4)]
    [InlineData("flat", 8)]
    [InlineData("weights", 16)]
    [InlineData("one-block", 3)]
    public void The_objective_of_als_never_rises(string shape, int k)
    {
        Dataset data = Data(shape, 8);
        var options =
            new TrainOptions
            {
                Solver = "als",
                Factors = k,
                RegularizationLinear = 0.3f,
                RegularizationFactors = 0.8f,
                RegularizationBias = 0.1f
            };
        using var solver = new AlsSolver(new TrainingJob(data, options));
        double before = double.PositiveInfinity;
        for (int pass = 1; pass <= 30; pass++)
        {
            solver.RunEpoch(pass, CancellationToken.None);
            double now = solver.Objective();
            Assert.True(now <= before * (1 + 1e-5), $"pass {pass}: {now} after {before}");
            before = now;
        }
    }

    [Fact]
    public void A_field_may_have_its_own_penalty()
    {
        Dataset data = BayesData.TwoSided(4);
        FeatureSchema strict = new(
            data.Schema.Fields.Select(f => f with { Spec = f.Spec with { RegularizationLinear = f.Spec.Name == "gender" ? 1e6f : null } }));
        Dataset other = new(strict, data.Interactions, data.Users, data.Items);
        using var solver = new AlsSolver(new TrainingJob(other, new TrainOptions { Solver = "als", Factors = 2 }));
        for (int pass = 1; pass <= 5; pass++) { solver.RunEpoch(pass, CancellationToken.None); }
        var model = (FmModel)solver.Snapshot();
        Assert.True(Math.Abs(model.Linear[strict.Find("gender")!.Offset]) < 1e-4);
        Assert.True(Math.Abs(model.Linear[strict.Find("item")!.Offset]) > 1e-3);
    }

    [Fact]
    public void A_pass_allocates_nothing_per_example()
    {
        long few = Allocated(400), many = Allocated(6400);
        Assert.True(many <= few + 512, $"{few} bytes for 400 examples, {many} for 6400");

        static long Allocated(int examples)
        {
            using var solver =
                new AlsSolver(new TrainingJob(BayesData.TwoSided(1, 20, 20, examples), new TrainOptions { Solver = "als", Factors = 8 }));
            int pass = 0;
            return Allocation.Of(() => solver.RunEpoch(++pass, CancellationToken.None), runs: 1);
        }
    }

    private static Dataset Data(string shape, ulong seed) => shape switch
    {
        "contexts" => BayesData.TwoSided(seed, contexts: true),
        "weights" => BayesData.TwoSided(seed, contexts: true, weights: true),
        "flat" => BayesData.Flat(BayesData.TwoSided(seed)),
        "ids" => BayesData.IdsOnly(BayesData.TwoSided(seed)),
        "bare" => BayesData.Bare(BayesData.IdsOnly(BayesData.TwoSided(seed))),
        "one-block" => BayesData.Bare(BayesData.Flat(BayesData.TwoSided(seed))),
        _ => BayesData.TwoSided(seed),
    };

    private static BlockSystem Start(Dataset data, int k)
    {
        var system = new BlockSystem(data, k, 1, 7);
        for (int g = 0; g < data.Schema.Fields.Count; g++) { system.Priors.Fix(g, 1.5f, 2); }
        system.Start(0.5);
        system.Bias = 0.3f;
        return system;
    }

    private static (double Squares, double Sum) Errors(Dataset data, FmModel model)
    {
        double squares = 0, sum = 0;
        for (int t = 0; t < data.Count; t++)
        {
            double omega = data.Interactions.Weights?[t]
                ?? 1, e = data.Interactions.Labels[t] - NaiveFm.Score(model, BayesData.Active(data, t));
            squares += omega * e * e;
            sum += omega * e;
        }

        return (squares, sum);
    }

    // Within five standard errors: the mean's by the covariance Q⁻¹, the variances' by the normal's fourth moment.
    private static void RequireMoments(double[,,] samples, int l, int draws, double[,] precision, double[] mean)
    {
        int n = mean.Length;
        for (int i = 0; i < n; i++)
        {
            var unit = new double[n];
            unit[i] = 1;
            double[] covariance = DenseFmConditional.Solve(precision, unit);
            double average = 0;
            for (int s = 0; s < draws; s++) { average += samples[l, s, i] / draws; }
            Assert.Equal(mean[i], average, 5 * Math.Sqrt(covariance[i] / draws));
            for (int j = 0; j < n; j++)
            {
                var other = new double[n];
                other[j] = 1;
                double varianceJ = DenseFmConditional.Solve(precision, other)[j], product = 0;
                for (int s = 0; s < draws; s++) { product += (samples[l, s, i] - mean[i]) * (samples[l, s, j] - mean[j]) / draws; }
                double error = Math.Sqrt(((covariance[i] * varianceJ) + (covariance[j] * covariance[j])) / draws);
                Assert.Equal(covariance[j], product, 5 * error);
            }
        }
    }
}
