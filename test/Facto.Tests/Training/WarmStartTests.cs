using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;

namespace Facto.Tests.Training;

public class WarmStartTests
{
    private static readonly TrainOptions Options =
        new() { Task = LearningTask.Regression, Factors = 6, Epochs = 5, LearningRate = 0.2f, Patience = 0 };

    [Fact]
    public void A_grown_model_scores_what_it_knew_as_before_and_new_features_start_small()
    {
        FeatureSchema before = Schema(["ann", "bob"], ["tea", "milk"]), after = Schema(["eve", "bob", "ann"], ["milk", "cocoa", "tea"]);
        var old = new FmModel(before, LearningTask.Regression, 4) { Bias = 2.5f };
        var random = new SeededRandom(1);
        for (int i = 0; i < 4; i++)
        {
            old.Linear[i] = random.NextFloat();
            foreach (ref float v in old.Factors.Row(i)) { v = random.NextFloat(); }
        }

        FmModel grown = ModelGrowth.Fit(old, after, 0.01f, 7);
        foreach (string user in (string[])["ann", "bob"])
        {
            foreach (string drink in (string[])["tea", "milk"])
            {
                Assert.Equal(Score(old, before, user, drink), Score(grown, after, user, drink));
            }
        }

        int eve = Feature(after, 0, "eve");
        Assert.Equal(0, grown.Linear[eve]);
        Assert.All(grown.Factors.Row(eve).ToArray(), v => Assert.InRange(Math.Abs(v), 0, 0.02f));
        Assert.Contains(grown.Factors.Row(eve).ToArray(), v => v != 0);
    }

    [Fact]
    public void Training_goes_on_from_an_older_schema_and_is_better_at_once()
    {
        Dataset first = TrainingData.OneHot(6000, fieldSizes: [12, 9]), more = TrainingData.OneHot(6000, seed: 4, fieldSizes: [12, 9]);
        var old = (FmModel)Trainer.Train(new TrainingJob(first, Options), cancellation: TestContext.Current.CancellationToken).Model;
        FeatureSchema larger = TrainingData.Schema([12, 11], null);   // two new values in the last field
        var grownData = new Dataset(larger, more.Interactions, contexts: more.Contexts);
        double cold = FirstLoss(null), warm = FirstLoss(old);
        Assert.True(warm < cold * 0.95, $"warm {warm}, cold {cold}");

        double FirstLoss(FmModel? start) =>
            Trainer.Train(
                new TrainingJob(grownData, Options with { Epochs = 1 }, null, start),
                cancellation: TestContext.Current.CancellationToken).History[0].Loss;
    }

    [Fact]
    public void The_optimisers_sums_come_along_from_a_checkpoint()
    {
        Dataset data = TrainingData.OneHot(4000, fieldSizes: [12, 9]);
        using var folder = new TemporaryFolder();
        string path = folder.File("run.checkpoint");
        var model = (FmModel)Trainer.Train(
            new TrainingJob(data, Options), null, null, new CheckpointOptions(path), TestContext.Current.CancellationToken).Model;
        OptimizerState state = OptimizerState.FromCheckpoint(path);

        // Sums that have grown make smaller steps than fresh ones.
        double kept = Moved(state), fresh = Moved(null);
        Assert.InRange(kept, 1e-6, 0.7 * fresh);
        var wrong = new TrainingJob(data, Options with { Factors = 6, Solver = "adam" }, null, model) { WarmState = state };
        Assert.Contains("optimiser state", Assert.Throws<FactoException>(() => Trainer.Train(wrong)).Message, StringComparison.Ordinal);

        double Moved(OptimizerState? sums)
        {
            var job = new TrainingJob(data, Options with { Epochs = 1 }, null, model) { WarmState = sums };
            var next = (FmModel)Trainer.Train(job, cancellation: TestContext.Current.CancellationToken).Model;
            double sum = 0;
            for (long i = 0; i < next.Linear.Length; i++) { sum += Math.Pow(next.Linear[i] - model.Linear[i], 2); }
            return Math.Sqrt(sum);
        }
    }

    [Fact]
    public void Sums_find_their_features_by_name_in_a_schema_that_has_grown_and_been_reordered()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("run.checkpoint");
        Dataset before = Log(["ann", "bob"], ["tea", "milk"]), after = Log(["eve", "bob", "ann"], ["milk", "cocoa", "tea"]);
        var model = (FmModel)Trainer.Train(
            new TrainingJob(before, Options), null, null, new CheckpointOptions(path), TestContext.Current.CancellationToken).Model;
        OptimizerState state = OptimizerState.FromCheckpoint(path);
        File.WriteAllBytes(path, new byte[8]);   // the state keeps nothing of the file
        Assert.Equal(["ann", "bob"], state.Schema.Fields[0].Vocabulary!.Values());

        // One pass over data in which everybody meets everything: known users have had sums before, eve has not, so eve's weight moves
        // furthest.
        var job = new TrainingJob(after, Options with { Epochs = 1 }, null, model) { WarmState = state };
        FmModel start = ModelGrowth.Fit(model, after.Schema, 0, 1),
            end = (FmModel)Trainer.Train(job, cancellation: TestContext.Current.CancellationToken).Model;
        double eve = Moved("eve"), ann = Moved("ann"), bob = Moved("bob");
        Assert.True(eve > 1.5 * Math.Max(ann, bob), $"eve {eve}, ann {ann}, bob {bob}");

        double Moved(string user) => Math.Abs(end.Linear[Feature(after.Schema, 0, user)] - start.Linear[Feature(after.Schema, 0, user)]);
    }

    // Every user met every drink: ann likes all of them at 3, bob at 4, eve at 5.
    private static Dataset Log(string[] users, string[] drinks)
    {
        FeatureSchema schema = Schema(users, drinks);
        SparseRowsBuilder userRows = new(), drinkRows = new();
        for (int u = 0; u < users.Length; u++) { userRows.AddRow(new SparseRow([u], default)); }
        for (int d = 0; d < drinks.Length; d++) { drinkRows.AddRow(new SparseRow([users.Length + d], default)); }
        int[] pairs = [.. Enumerable.Range(0, users.Length * drinks.Length)];
        var log = new Interactions
        {
            Users = new NativeBlock<int>([.. pairs.Select(p => p / drinks.Length)]),
            Items = new NativeBlock<int>([.. pairs.Select(p => p % drinks.Length)]),
            Labels = new NativeBlock<float>([.. pairs.Select(p => users[p / drinks.Length] switch { "ann" => 3f, "bob" => 4f, _ => 5f })]),
        };
        return new Dataset(schema, log, userRows.Build(), drinkRows.Build());
    }

    private static FeatureSchema Schema(string[] users, string[] drinks) => new(
    [
        new Field { Spec = new FieldSpec { Name = "user" }, Count = users.Length, Vocabulary = new Vocabulary(users) },
        new Field { Spec = new FieldSpec { Name = "drink", Side = FieldSide.Item }, Count = drinks.Length,
            Vocabulary = new Vocabulary(drinks) },
    ]);

    private static int Feature(FeatureSchema schema, int field, string value) =>
        schema.Fields[field].Offset + schema.Fields[field].Vocabulary!.IndexOf(value);

    private static float Score(FmModel model, FeatureSchema schema, string user, string drink) =>
        model.Score(new SparseRow([Feature(schema, 0, user)], default), default, new SparseRow([Feature(schema, 1, drink)], default));
}
