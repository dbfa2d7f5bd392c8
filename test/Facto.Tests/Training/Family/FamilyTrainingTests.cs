using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Tests.Models.Family;
using Facto.Tests.Oracles;
using Facto.Training;
using Facto.Training.Family;

namespace Facto.Tests.Training.Family;

/// <summary>A run of the family through the same loop as any other: checkpoints, warm starts, several workers, what is refused.</summary>
public class FamilyTrainingTests
{
    [Fact]
    public void A_resumed_run_ends_in_the_bytes_of_one_that_was_never_stopped()
    {
        Dataset train = TrainingData.OneHot(2500, binary: true), validation = TrainingData.OneHot(800, binary: true, seed: 3);
        using var folder = new TemporaryFolder();
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            TrainOptions options = FamilyKernelTests.Options(family, "adagrad", LearningTask.Binary, 4) with
            {
                Epochs = 5,
                Patience = 4,
                LearningRate = 0.8f
            };
            var job = new TrainingJob(train, options, validation);
            TrainResult whole = Trainer.Train(job, cancellation: TestContext.Current.CancellationToken);
            string path = folder.File($"{family}.checkpoint");
            Trainer.Train(job with { Given = options with { Epochs = 3 } }, null, null, new CheckpointOptions(path),
                TestContext.Current.CancellationToken);
            TrainResult resumed = Trainer.Train(job, null, null, new CheckpointOptions(path, Resume: true),
                TestContext.Current.CancellationToken);
            Assert.Equal(NaiveFamilySgd.Numbers((FamilyModel)whole.Model), NaiveFamilySgd.Numbers((FamilyModel)resumed.Model));
            Assert.Equal(whole.BestEpoch, resumed.BestEpoch);
        }
    }

    [Fact]
    public void A_grown_model_keeps_the_scores_of_what_it_knew_bit_for_bit()
    {
        var random = new SeededRandom(4);
        FeatureSchema before = Named([("user", ["ann", "bob"]), ("tag", ["x", "y", "z"]), ("item", ["tea", "milk", "cake"])]);
        FeatureSchema after = Named([("user", ["eve", "bob", "ann"]), ("tag", ["z", "w", "y", "x"]), ("hour", ["day", "night"]), ("item",
            ["milk", "cocoa", "tea", "cake"])]);
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            FamilyModel old = FamilyWorld.Model(FamilyWorld.Shape(family, 5), before, ref random);
            FamilyModel grown = FamilyGrowth.Fit(old, after, 0.01f, 7);
            foreach (string user in (string[])["ann", "bob"])
            {
                foreach (string item in (string[])["tea", "milk", "cake"])
                {
                    Assert.Equal(Score(old, before, user, item), Score(grown, after, user, item));
                }
            }

            Assert.Equal(0, grown.Numbers.Weight(after.Find("user")!.Offset));
            Assert.Contains(grown.Numbers.Row(after.Find("user")!.Offset).ToArray(), v => v is not 0 and < 0.04f and > -0.04f);
        }

        static float Score(FamilyModel model, FeatureSchema schema, string user, string item) => model.Score(
            new SparseRow([Feature(schema, "user", user), Feature(schema, "tag", "x"), Feature(schema, "tag", "y")], [1, 0.5f, 0.5f]),
                default, new SparseRow([Feature(schema, "item", item)], default));
    }

    [Fact]
    public void A_run_goes_on_from_a_model_over_an_older_schema()
    {
        Dataset first = TrainingData.OneHot(4000, binary: true, fieldSizes: [12, 9, 5]), more = TrainingData.OneHot(4000, binary: true,
            seed: 4, fieldSizes: [12, 9, 5]);
        var grownData = new Dataset(TrainingData.Schema([12, 9, 7], null), more.Interactions, contexts: more.Contexts);
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            TrainOptions options = FamilyKernelTests.Options(family, "adagrad", LearningTask.Binary, 4) with
            {
                Epochs = 4,
                Patience = 0,
                RegularizationFactors = 0,
                RegularizationLinear = 0
            };
            var old = (FamilyModel)Trainer.Train(new TrainingJob(first, options),
                cancellation: TestContext.Current.CancellationToken).Model;
            Assert.True(FirstLoss(old) < FirstLoss(null) * 0.97, family.ToString());

            double FirstLoss(FamilyModel? start) =>
                Trainer.Train(new TrainingJob(grownData, options with { Epochs = 1 }) { WarmFamily = start },
                    cancellation: TestContext.Current.CancellationToken).History[0].Loss;
        }
    }

    [Fact]
    public void Two_workers_are_as_good_as_one_within_the_band()
    {
        Dataset train = TrainingData.OneHot(40_000, binary: true, fieldSizes: [40, 30, 20, 10]), test = TrainingData.OneHot(10_000,
            binary: true, seed: 8, fieldSizes: [40, 30, 20, 10]);
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            double one = LogLoss(1), two = LogLoss(2);
            Assert.True(two < one + 0.005, $"{family}: one worker {one:0.00000}, two {two:0.00000}");

            double LogLoss(int threads)
            {
                TrainOptions options = new()
                {
                    Family = family,
                    Task = LearningTask.Binary,
                    Factors = 4,
                    Epochs = 6,
                    Patience = 0,
                    LearningRate = 0.05f,
                    Threads = threads
                };
                ISeparableModel model = Trainer.Train(new TrainingJob(train, options),
                    cancellation: TestContext.Current.CancellationToken).Model;
                var scores = new float[test.Count];
                ModelScorer.Score(model, test, scores, 2);
                return ValidationMetric.Of(LearningTask.Binary, scores, test.Interactions, 0, 0).Value;
            }
        }
    }

    [Fact]
    public void Instance_norm_is_training_on_values_divided_by_their_length()
    {
        Dataset ones = TrainingData.OneHot(2000, binary: true);
        float length = MathF.Sqrt(3);
        var rows = new SparseRowsBuilder();
        for (int i = 0; i < ones.Count; i++)
        {
            foreach ((int feature, _) in TrainingData.Features(ones, i)) { rows.Add(feature, 1 / length); }
            rows.EndRow();
        }

        var divided = new Dataset(ones.Schema, ones.Interactions, contexts: rows.Build());
        foreach (string solver in (string[])["adagrad", "sgd"])
        {
            // w₀ has no value to divide and moves with the option's rate: so scores are close, not equal.
            TrainOptions options = FamilyKernelTests.Options(ModelFamily.Ffm, solver, LearningTask.Binary, 4) with
            {
                Epochs = 2,
                LearningRate = 0.02f
            };
            float[] byOption = Scores(ones, options with { Extra = new Dictionary<string, double> { [FamilyOptions.InstanceNorm] = 1 } });
            float[] byHand = Scores(divided, options), without = Scores(ones, options);
            double near = byOption.Zip(byHand, (a, b) => Math.Abs(a - (double)b)).Average(), far = without.Zip(byHand, (a,
                b) => Math.Abs(a - (double)b)).Average();
            Assert.True(near < 0.2 * far, $"{solver}: {near} with the option, {far} without");
        }

        static float[] Scores(Dataset data, TrainOptions options)
        {
            var scores = new float[data.Count];
            ModelScorer.Score(Trainer.Train(new TrainingJob(data, options), cancellation: TestContext.Current.CancellationToken).Model,
                data, scores, 1);
            return scores;
        }
    }

    [Fact]
    public void What_a_member_cannot_do_is_refused_by_name()
    {
        Dataset flat = TrainingData.OneHot(50, binary: true), sides = TrainingData.TwoSided(50, binary: true);
        var sampler = new TrainOptions { Family = ModelFamily.Ffm, Solver = "gibbs", Task = LearningTask.Binary };
        Assert.Contains("solver 'gibbs' has no option 'family' and would not read it; adagrad, sgd, adam do", Refused(flat, sampler),
            StringComparison.Ordinal);
        Assert.Contains("instance-norm needs examples of one length", Refused(sides, With(ModelFamily.Ffm, FamilyOptions.InstanceNorm, 1)),
            StringComparison.Ordinal);
        Assert.Contains("only the family fm3 has triples, and this one is ffm",
            Refused(flat, With(ModelFamily.Ffm, FamilyOptions.ThirdOrder, 4)), StringComparison.Ordinal);
        Assert.Contains("has no option 'norm'", Refused(flat, With(ModelFamily.Fwfm, "norm", 4)), StringComparison.Ordinal);

        static TrainOptions With(ModelFamily family, string name, double value) =>
            new() { Family = family, Task = LearningTask.Binary, Extra = new Dictionary<string, double> { [name] = value } };

        static string Refused(Dataset data, TrainOptions options) =>
            Assert.Throws<FactoException>(() => Trainer.Train(new TrainingJob(data, options),
                cancellation: TestContext.Current.CancellationToken)).Message;
    }

    private static int Feature(FeatureSchema schema, string field, string value) => schema.Find(field)!.Offset
        + schema.Find(field)!.Vocabulary!.IndexOf(value);

    private static FeatureSchema Named((string Name, string[] Values)[] fields) => new(fields.Select(f => new Field
    {
        Spec = new FieldSpec { Name = f.Name, Side = f.Name == "item" ? FieldSide.Item : FieldSide.User },
        Count = f.Values.Length,
        Vocabulary = new Vocabulary(f.Values),
    }));
}
