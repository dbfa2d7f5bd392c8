using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Tests.Training;

public sealed class LabelRulesTests
{
    [Theory]
    [InlineData(LearningTask.Regression)]
    [InlineData(LearningTask.Binary)]
    public void Labels_that_are_all_alike_are_told_before_training(LearningTask task)
    {
        string message =
            Assert.Throws<FactoException>(() => Trainer.Train(new TrainingJob(Labelled(_ => 1), new TrainOptions { Task = task }))).Message;
        Assert.Contains(
            $"every training label is 1, so the task {OptionWords.Of(task)} has nothing to learn; a log of what was chosen is learnt by "
                + "the task ranking",
            message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_a_binary_task_are_0_and_1_or_their_signs()
    {
        var binary = new TrainOptions { Task = LearningTask.Binary, Epochs = 2 };
        Assert.Contains("the labels are 1, 2, and the task binary needs 0 or 1",
            Assert.Throws<FactoException>(() => Trainer.Train(new TrainingJob(Labelled(i => 1 + (i % 2)), binary))).Message,
                StringComparison.Ordinal);
        ISeparableModel signs = Trainer.Train(new TrainingJob(Labelled(i => i % 3 == 0 ? 1 : -1), binary)).Model;
        ISeparableModel digits = Trainer.Train(new TrainingJob(Labelled(i => i % 3 == 0 ? 1 : 0), binary)).Model;
        Assert.Equal(Contracts.SolverWorld.Bytes(digits), Contracts.SolverWorld.Bytes(signs));
    }

    [Fact]
    public void A_task_that_nobody_named_follows_the_labels()
    {
        Assert.Equal(LearningTask.Ranking, TaskRule.Of(Labelled(_ => 1)));
        Assert.Equal(LearningTask.Binary, TaskRule.Of(Labelled(i => i % 2)));
        Assert.Equal(LearningTask.Binary, TaskRule.Of(Labelled(i => (2 * (i % 2)) - 1)));
        Assert.Equal(LearningTask.Regression, TaskRule.Of(Labelled(i => i % 3)));
        Assert.Equal(LearningTask.Regression, TaskRule.Of(Labelled(i => (i % 3) - 1)));
        Assert.Equal(LearningTask.Ranking, TaskRule.Of(null, "bsl"));
        Assert.Equal(LearningTask.Regression, TaskRule.Of(Labelled(_ => 1), "als"));
    }

    [Fact]
    public void Options_that_these_data_make_idle_are_told()
    {
        var options = new TrainOptions { Task = LearningTask.Binary, Epochs = 2, Patience = 2, HistoryFolds = 4 };
        TrainResult result = Trainer.Train(new TrainingJob(Labelled(i => i % 2), options));
        Assert.Equal(2, result.Advice.Count);
        Assert.Contains(
            "option patience is 2 and has no effect: there are no validation examples", result.Advice[0], StringComparison.Ordinal);
        Assert.Contains("option history-folds is 4 and has no effect: no user field is a bag", result.Advice[1], StringComparison.Ordinal);
    }

    private static Dataset Labelled(Func<int, float> label)
    {
        Dataset data = TrainingData.TwoSided(90);
        var labels = new NativeBlock<float>([.. Enumerable.Range(0, data.Count).Select(label)]);
        Interactions from = data.Interactions;
        return data.WithInteractions(
            new Interactions { Users = from.Users, Items = from.Items, Contexts = from.Contexts, Labels = labels });
    }
}
