using Facto.Models;
using Facto.Training;

namespace Facto.Tests.Training.Ranking;

public sealed class RankingSolverTests
{
    public static TheoryData<string> Names => ["softmax", "bsl", "slk", "bpr", "warp"];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_held_out_items_of_the_users_colour_come_first(string name)
    {
        (Dataset train, Dataset test) = RankingData.Checkerboard();
        TrainResult result = Trainer.Train(new TrainingJob(train, Quick(name), test));
        // 20 items have the user's colour: all that are not trained must be among the first 20.
        Assert.Equal("recall@20", result.BestValidation!.Value.Name);
        Assert.True(result.BestValidation.Value.Value > 0.95, $"recall@20 is {result.BestValidation.Value.Value}");
        Assert.True(OwnColourFirst((FmModel)result.Model, train, test) > 0.95);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_worker_and_one_seed_give_the_same_bytes_and_another_seed_does_not(string name)
    {
        (Dataset train, _) = RankingData.Checkerboard();
        byte[] first = Bytes(train, Quick(name)), second = Bytes(train, Quick(name)), other = Bytes(train, Quick(name) with { Seed = 9 });
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_workers_without_locks_learn_the_same_ranking(string name)
    {
        (Dataset train, Dataset test) = RankingData.Checkerboard();
        TrainResult result = Trainer.Train(new TrainingJob(train, Quick(name) with { Threads = 2 }, test));
        Assert.True(result.BestValidation!.Value.Value > 0.9);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Users_with_bags_contexts_and_item_features_are_learnt_and_the_loss_falls(string name)
    {
        Dataset data = RankingData.Rich(users: 12);
        TrainResult result = Trainer.Train(new TrainingJob(data, Quick(name) with { Epochs = 30, Patience = 0 }));
        Assert.True(result.History[^1].Loss < result.History[0].Loss);
        Assert.Equal(LearningTask.Ranking, result.Model.Task);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_continued_from_a_checkpoint_gives_the_same_bytes_as_one_that_was_not_interrupted(string name)
    {
        (Dataset train, _) = RankingData.Checkerboard();
        using var folder = new TemporaryFolder();
        string path = folder.File("run.checkpoint");
        TrainOptions whole = Quick(name) with { Epochs = 6, Patience = 0, Schedule = LearningRateSchedule.Constant };
        Trainer.Train(new TrainingJob(train, whole with { Epochs = 3 }), checkpoints: new CheckpointOptions(path));
        TrainResult resumed = Trainer.Train(new TrainingJob(train, whole), checkpoints: new CheckpointOptions(path, Resume: true));
        Assert.Equal(Bytes(train, whole), BytesOf((FmModel)resumed.Model));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_unknown_option_or_one_out_of_range_is_named(string name)
    {
        (Dataset train, _) = RankingData.Checkerboard();
        FactoException unknown =
            Assert.Throws<FactoException>(() => Trainer.Train(new TrainingJob(train, RankingData.Options(name, ("colour", 1)))));
        Assert.Contains($"solver '{name}' has no option 'colour'", unknown.Message, StringComparison.Ordinal);
        FactoException range =
            Assert.Throws<FactoException>(() => Trainer.Train(new TrainingJob(train, RankingData.Options(name, ("popularity", -1)))));
        Assert.Contains("option popularity is -1; it must be 0 to 2", range.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warm_start_is_where_learning_begins()
    {
        (Dataset train, Dataset test) = RankingData.Checkerboard();
        var learnt = (FmModel)Trainer.Train(new TrainingJob(train, Quick("bsl"))).Model;
        TrainOptions oneStep = Quick("bsl") with { Epochs = 1, LearningRate = 1e-6f };
        var warm = (FmModel)Trainer.Train(new TrainingJob(train, oneStep, WarmStart: learnt)).Model;
        Assert.True(OwnColourFirst(warm, train, test) > 0.95);
        FactoException e =
            Assert.Throws<FactoException>(() => Trainer.Train(new TrainingJob(train, oneStep with { Factors = 5 }, WarmStart: learnt)));
        Assert.Contains("8 factors", e.Message, StringComparison.Ordinal);
    }

    private static TrainOptions Quick(string name) => RankingData.Options(name) with
    {
        Epochs = name is "bpr" or "warp" ? 60 : 30,
        LearningRate = name is "bpr" or "warp" ? 0.3f : 0.05f,
        Schedule = LearningRateSchedule.Cosine,
        Extra = name is "bpr" or "warp"
            ? new Dictionary<string, double>()
            : new Dictionary<string, double> { ["batch"] = 8, ["negatives"] = 64, ["temperature"] = 0.2 },
    };

    // Of all (test item, item of the other colour), the share that is in the right order.
    private static double OwnColourFirst(FmModel model, Dataset train, Dataset test)
    {
        double good = 0;
        for (int e = 0; e < test.Count; e++)
        {
            int user = test.Interactions.Users![e];
            float own = model.Score(train.Users![user], default, train.Items![test.Interactions.Items![e]]);
            good += Enumerable.Range(0, train.Items.RowCount).Where(i => i % 2 != user % 2)
                .Average(i => own > model.Score(train.Users[user], default, train.Items[i]) ? 1.0 : 0);
        }

        return good / test.Count;
    }

    private static byte[] Bytes(Dataset train, TrainOptions options) =>
        BytesOf((FmModel)Trainer.Train(new TrainingJob(train, options)).Model);

    private static byte[] BytesOf(FmModel model) =>
        [.. System.Runtime.InteropServices.MemoryMarshal.AsBytes(model.Factors.Storage.Span),
            .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(model.Linear.Span)];
}
