using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Sgd;

namespace Facto.Tests.Training.Sgd;

/// <summary>Priors per feature, the shape of data, and what follows from it where the options are silent.</summary>
public sealed class SgdDefaultsTests
{
    [Fact]
    public void A_prior_divides_each_parameter_by_one_plus_its_pull()
    {
        Dataset data = TrainingData.OneHot(300, binary: true);
        Check<PlainUpdate>(data, _ => 1);
        Check<AdaGradUpdate>(data, sum => 1 / Math.Sqrt(sum));
    }

    [Fact]
    public void The_shape_counts_what_occurs()
    {
        Dataset data = Rare(400, 0);
        var examples = new TrainingExamples(data, 1);
        using var seen = new NativeBlock<byte>(data.Schema.FeatureCount);
        DataShape shape = DataShape.Of(examples, seen);
        int[] occurring = [.. data.Contexts!.FeatureBlock.Span.ToArray().Distinct().Order()];
        Assert.Equal(Fields, shape.SquaresPerExample);
        Assert.Equal(occurring.Length / 400.0, shape.FeaturesPerExample);
        Assert.Equal(occurring, Enumerable.Range(0, data.Schema.FeatureCount).Where(i => seen[i] == 1));
    }

    [Fact]
    public void Who_gives_a_penalty_gets_it_and_no_prior()
    {
        FeatureSchema schema = TrainingData.OneHot(10).Schema;
        SgdDefaults defaults = SgdDefaults.Of("adagrad", LearningTask.Binary, new DataShape(39, 1));
        Assert.All(SgdSettings.Of(SolverSettings.Of(new TrainOptions()), defaults, schema).PriorFactors, p => Assert.Equal(80, p));
        SgdSettings given = SgdSettings.Of(SolverSettings.Of(new TrainOptions { RegularizationFactors = 0.1f }), defaults, schema);
        Assert.All(given.PriorFactors, p => Assert.Equal(0, p));
        Assert.All(given.PriorLinear, p => Assert.Equal(10, p));
        var both = new TrainOptions { RegularizationFactors = 0.1f, Extra = new Dictionary<string, double> { ["prior-factors"] = 3 } };
        Assert.All(SgdSettings.Of(SolverSettings.Of(both), defaults, schema).PriorFactors, p => Assert.Equal(3, p));
    }

    [Fact]
    public void Features_that_no_example_has_say_nothing()
    {
        Dataset data = Rare(50, 0);
        var model = (FmModel)Trainer.Train(new TrainingJob(data, new TrainOptions { Task = LearningTask.Binary, Epochs = 1 })).Model;
        var occurring = data.Contexts!.FeatureBlock.Span.ToArray().ToHashSet();
        Assert.All(
            Enumerable.Range(0, data.Schema.FeatureCount), i =>
            Assert.Equal(occurring.Contains(i), VectorOps.SumOfSquares(model.Factors.Row(i)) > 0));
    }

    /// <summary>
    /// Many rare features, a weak signal in a few frequent ones: nobody tuned for this, and twenty passes must not be worse than one number
    /// for all.
    /// </summary>
    [Theory]
    [InlineData("sgd")]
    [InlineData("adagrad")]
    [InlineData("adam")]
    public void Defaults_beat_the_base_rate_on_wide_data(string solver)
    {
        Dataset train = Rare(3000, 0), test = Rare(3000, 1);
        double rate = train.Interactions.Labels.Span.ToArray().Average();
        foreach (int k in (int[])[0, 8])
        {
            var options = new TrainOptions { Task = LearningTask.Binary, Solver = solver, Factors = k, Epochs = 20, Patience = 0 };
            TrainResult result = Trainer.Train(new TrainingJob(train, options, test));
            double ofConstant = test.Interactions.Labels.Span.ToArray().Average(y => y > 0 ? -Math.Log(rate) : -Math.Log(1 - rate));
            Assert.True(
                result.History[^1].Validation!.Value.Value < ofConstant,
                $"{solver} k={k}: {result.History[^1].Validation!.Value.Value} against {ofConstant}");
        }
    }

    private const int Fields = 20;

    private static void Check<TUpdate>(Dataset data, Func<double, double> scale)
        where TUpdate : struct, IUpdate
    {
        var options = new TrainOptions { Extra = new Dictionary<string, double> { ["prior-linear"] = 2, ["prior-factors"] = 7 } };
        SgdSettings settings = SgdSettings.Of(SolverSettings.Of(options), default, data.Schema);
        var parameters = new FmParameters(data.Schema.FeatureCount, 5, TUpdate.StateCount);
        parameters.Initialise<TUpdate>(0.5f, 3, 1);
        SetWeights(parameters);
        float[] before = Values(parameters);
        const float Eta = 0.2f;
        FeaturePriors.Shrink<TUpdate>(parameters, data.Schema.Fields, settings, Eta, 2);
        float[] after = Values(parameters);
        for (int i = 0; i < before.Length; i++)
        {
            double pull = Eta * (i % 6 == 0 ? 2 : 7) * scale(3);
            Assert.Equal(before[i] / (1 + pull), after[i], 2e-3 * Math.Max(1, Math.Abs(before[i])));
        }
    }

    private static unsafe void SetWeights(FmParameters parameters)
    {
        for (int i = 0; i < parameters.FeatureCount; i++) { parameters.Linear[i * parameters.LinearStride] = i - 3.5f; }
    }

    // w and V of each feature.
    private static unsafe float[] Values(FmParameters parameters)
    {
        var values = new List<float>();
        for (int i = 0; i < parameters.FeatureCount; i++)
        {
            values.Add(parameters.Linear[i * parameters.LinearStride]);
            for (int f = 0; f < 5; f++) { values.Add(parameters.Factors[(i * parameters.FactorStride) + f]); }
        }

        return [.. values];
    }

    private static Dataset Rare(int examples, ulong stream)
    {
        var random = new SeededRandom(5, stream);
        var rows = new SparseRowsBuilder();
        float[] labels = new float[examples];
        int[] sizes = [.. Enumerable.Range(0, Fields).Select(f => f < 4 ? 6 : 5000)];
        for (int i = 0; i < examples; i++)
        {
            double score = -1.5;
            for (int f = 0, offset = 0; f < Fields; offset += sizes[f++])
            {
                int feature = offset + random.NextInt(sizes[f]);
                rows.Add(feature);
                score += f < 4 ? 0.4 * Math.Sin(2.3 * feature) : 0;
            }

            rows.EndRow();
            labels[i] = random.NextFloat() < 1 / (1 + Math.Exp(-score)) ? 1 : 0;
        }

        return new Dataset(
            TrainingData.OneHot(1, fieldSizes: sizes).Schema, new Interactions { Labels = new NativeBlock<float>(labels) },
            contexts: rows.Build());
    }
}
