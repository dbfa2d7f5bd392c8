using Facto.Models;
using Facto.Tests.Oracles;
using Facto.Training;
using Facto.Training.Options;
using Facto.Training.Sgd;

namespace Facto.Tests.Training.Sgd;

public class AdaptiveRegularizationTests
{
    [Fact]
    public void Slopes_are_the_change_of_the_score_when_a_field_shrinks()
    {
        Dataset data = TrainingData.TwoSided(30);
        var options = new TrainOptions { Solver = "sgda", Factors = 5, InitStandardDeviation = 0.4f, LearningRate = 0.05f };
        var job = new TrainingJob(data, options, data);
        using ISolver learnt = SgdSolvers.Sgda.Create(job);
        learnt.RunEpoch(1, TestContext.Current.CancellationToken);
        var model = (FmModel)learnt.Snapshot();
        var parameters = new FmParameters(data.Schema.FeatureCount, 5, 0);
        parameters.Take(model);
        using var fieldOf = new Facto.Numerics.NativeBlock<ushort>(data.Schema.FeatureCount);
        for (int i = 0; i < fieldOf.Length; i++) { fieldOf[i] = (ushort)data.Schema.FieldIndexOf(i); }
        var adaptive = new AdaptiveRegularization<SquaredLoss>(
            job, parameters,
            SgdSettings.Of(SolverSettings.Of(options), SgdDefaults.Of("sgda", LearningTask.Regression, default), data.Schema), fieldOf);
        for (int example = 0; example < data.Count; example++)
        {
            List<(int Feature, float Value)> x = TrainingData.Features(data, example);
            float score = adaptive.Slopes(example, out ReadOnlySpan<float> linear, out ReadOnlySpan<float> factors);
            Assert.Equal(NaiveFm.Score(model, x), score, 1e-4);
            for (int g = 0; g < data.Schema.Fields.Count; g++)
            {
                Assert.Equal(Slope(model, x, g, ofFactors: false), linear[g], 2e-3);
                Assert.Equal(Slope(model, x, g, ofFactors: true), factors[g], 2e-3);
            }
        }
    }

    [Fact]
    public void It_finds_regularisation_where_none_was_given_and_beats_going_without()
    {
        int[] fields = [40, 30];
        Dataset train = TrainingData.OneHot(600, fieldSizes: fields), validation = TrainingData.OneHot(400, seed: 2, fieldSizes: fields),
            test = TrainingData.OneHot(2000, seed: 3, fieldSizes: fields);
        var options = new TrainOptions
        {
            Factors = 8,
            Epochs = 60,
            LearningRate = 0.1f,
            InitStandardDeviation = 0.3f,
            Patience = 0,
            RegularizationLinear = 0,
            RegularizationFactors = 0,
        };
        Assert.True(Rmse("sgda") < Rmse("sgd") - 0.005, $"sgda {Rmse("sgda")}, sgd {Rmse("sgd")}");

        double Rmse(string solver)
        {
            TrainResult result = Trainer.Train(
                new TrainingJob(train, options with { Solver = solver }, validation), cancellation: TestContext.Current.CancellationToken);
            var scores = new float[test.Count];
            ModelScorer.Score(result.Model, test, scores, 1);
            return ValidationMetric.Of(
                LearningTask.Regression, scores, test.Interactions, float.NegativeInfinity, float.PositiveInfinity).Value;
        }
    }

    [Fact]
    public void Without_validation_examples_it_says_what_is_missing()
    {
        var job = new TrainingJob(TrainingData.OneHot(20), new TrainOptions { Solver = "sgda" });
        Assert.Contains("--validation", Assert.Throws<FactoException>(() => Trainer.Train(job)).Message, StringComparison.Ordinal);
    }

    // d/ds of the score at s = 1 when all weights (or all factors) of a field are multiplied with s.
    private static double Slope(FmModel model, List<(int Feature, float Value)> x, int field, bool ofFactors)
    {
        const float h = 1e-2f;
        return (Scaled(1 + h) - Scaled(1 - h)) / (2 * h);

        double Scaled(float s)
        {
            var copy = new FmModel(model.Schema, model.Task, model.FactorCount) { Bias = model.Bias };
            for (int i = 0; i < model.Schema.FeatureCount; i++)
            {
                float scale = model.Schema.FieldIndexOf(i) == field ? s : 1;
                copy.Linear[i] = model.Linear[i] * (ofFactors ? 1 : scale);
                for (int f = 0; f < model.FactorCount; f++) { copy.Factors.Row(i)[f] = model.Factors.Row(i)[f] * (ofFactors ? scale : 1); }
            }

            return NaiveFm.Score(copy, x);
        }
    }
}
