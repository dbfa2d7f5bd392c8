using CsCheck;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;
using Facto.Training.Ranking;

namespace Facto.Tests.Training;

public class HistoryFoldsTests
{
    [Fact]
    public void No_example_sees_its_own_item_in_its_bag_and_all_the_rest_is_as_it_was() =>
        Gen.Select(Gen.ULong, Gen.Int[2, 7], Gen.Bool, Gen.Int[0, 2], Gen.Bool).Sample((seed, folds, tied, pooling, withContexts) =>
        {
            Dataset data = HistoryWorld.Create(seed, tied, (Pooling)pooling, withContexts), folded = HistoryFolds.Apply(data, folds, seed);
            HistoryFeatures history = HistoryFeatures.Of(data.Schema, data.ItemIds)!;
            var hidden = new Dictionary<(int User, int Example), int[]>();
            for (int i = 0; i < data.Count; i++)
            {
                int user = data.Interactions.Users![i], item = data.Interactions.Items![i];
                (int, float)[] before = [.. Pairs(data.Users![user]), .. ContextOf(data, i)],
                    after = [.. Pairs(folded.Users![user]), .. ContextOf(folded, i)];
                int[] bag = [.. before.Where(f => history.BagOf(f.Item1) >= 0).Select(f => history.ItemOf(f.Item1)).Order()];
                int[] kept = [.. after.Where(f => history.BagOf(f.Item1) >= 0).Select(f => history.ItemOf(f.Item1)).Order()];
                Assert.DoesNotContain(item, kept);
                Assert.Equal(before.Where(f => history.BagOf(f.Item1) < 0).Order(), after.Where(f => history.BagOf(f.Item1) < 0).Order());
                int used = Math.Clamp(bag.Length, 1, folds);
                Assert.InRange(bag.Length - kept.Length, bag.Length / used, (bag.Length + used - 1) / used);
                float x = (Pooling)pooling switch { Pooling.Sum => 1, Pooling.Mean => 1f / kept.Length, _ => 1 / MathF.Sqrt(kept.Length) };
                Assert.All(after.Where(f => history.BagOf(f.Item1) >= 0), f => Assert.Equal(x, f.Item2, 1e-5f));
                hidden[(user, i)] = [.. bag.Except(kept)];
            }

            // A user's folds are one partition of the bag: two examples hide the same items or none in common.
            foreach (IGrouping<int, int[]> user in hidden.GroupBy(h => h.Key.User, h => h.Value))
            {
                foreach (int[] a in user) { Assert.All(user, b => Assert.True(a.SequenceEqual(b) || !a.Intersect(b).Any())); }
            }

            Assert.Same(data, HistoryFolds.Apply(data, 0, seed));
        }, iter: 60, threads: 1);

    [Fact]
    public void The_size_of_a_bag_tells_nothing_about_the_label()
    {
        Dataset data = HistoryWorld.Create(4, tied: false, Pooling.Sum, withContexts: false, users: 200),
            folded = HistoryFolds.Apply(data, 4, 1);
        double[] mean =
            [.. new[] { 0f, 1f }.Select(label => Enumerable.Range(0, data.Count).Where(i => data.Interactions.Labels[i] == label)
            .Average(i => (double)folded.Contexts![folded.ContextRow(i)].Count / data.Users![data.Interactions.Users![i]].Count))];
        Assert.Equal(mean[0], mean[1], 0.01);
        // Without the exclusion a bag tells the label outright: every positive is in it, no negative is.
        HistoryFeatures history = HistoryFeatures.Of(data.Schema, data.ItemIds)!;
        for (int i = 0; i < data.Count; i++)
        {
            bool inBag = data.Users![data.Interactions.Users![i]].Features.ToArray()
                .Any(f => history.ItemOf(f) == data.Interactions.Items![i]);
            Assert.Equal(data.Interactions.Labels[i] > 0, inBag);
        }
    }

    [Fact]
    public void The_tables_stay_linear_in_the_bags()
    {
        Dataset data = HistoryWorld.Create(5, tied: true, Pooling.Mean, withContexts: false, users: 60),
            folded = HistoryFolds.Apply(data, 5, 1);
        Assert.True(folded.Contexts!.RowCount <= 5 * data.Users!.RowCount);
        Assert.True(folded.Contexts.NonZeroCount <= 4 * data.Users.NonZeroCount);
    }

    [Fact]
    public void A_users_other_items_are_no_negatives_of_a_fold()
    {
        Dataset data = HistoryWorld.Create(6, tied: false, Pooling.Sqrt, withContexts: false), folded = HistoryFolds.Apply(data, 3, 1);
        QuerySet queries = QuerySet.Of(folded, "test");
        Assert.True(queries.Count > QuerySet.Of(data, "test").Count);
        for (int q = 0; q < queries.Count; q++)
        {
            int user = queries.UserRows[q];
            int[] all = [
                .. Enumerable.Range(0, data.Count).Where(i => data.Interactions.Users![i] == user && data.Interactions.Labels[i] > 0)
                .Select(i => data.Interactions.Items![i]).Distinct().Order()];
            Assert.Equal(all, queries.ItemsOf(q).ToArray());
        }
    }

    [Theory]
    [InlineData("softmax", LearningTask.Ranking)]
    [InlineData("bpr", LearningTask.Ranking)]
    [InlineData("icd", LearningTask.Ranking)]
    [InlineData("adagrad", LearningTask.Binary)]
    public void From_noise_a_model_learns_that_an_item_follows_itself_only_when_the_bags_are_whole(string solver, LearningTask task)
    {
        // Who chose what is pure chance here, so that all there is to find is the leak: ⟨bag vector of i, vector of i⟩ above that of two
        // different items.
        Dataset data = HistoryWorld.Create(7, tied: false, Pooling.Mean, withContexts: false, users: 150, items: 40);
        var options =
            new TrainOptions { Task = task, Solver = solver, Factors = 16, Epochs = 12, LearningRate = solver == "icd" ? null : 0.1f };
        // the defaults hold back what so few examples show
        if (solver == "adagrad")
        {
            options = options with { RegularizationLinear = 1e-4f, RegularizationFactors = 0.003f, InitStandardDeviation = 0.1f };
        }
        double whole = Following(data, options with { HistoryFolds = 0 }), folded = Following(data, options);
        Assert.True(whole > 0.05, $"whole bags: {whole}");
        Assert.True(folded < 0.25 * whole, $"folded {folded}, whole {whole}");
    }

    private static double Following(Dataset data, TrainOptions options)
    {
        var model = (FmModel)Trainer.Train(new TrainingJob(data, options)).Model;
        Field bag = model.Schema.Find("history")!, item = model.Schema.Find("item")!;
        double same = 0, other = 0;
        for (int a = 0; a < bag.Count; a++)
        {
            for (int b = 0; b < item.Count; b++)
            {
                double dot = VectorOps.Dot(model.Factors.Row(bag.Offset + a), model.Factors.Row(item.Offset + b));
                if (bag.Vocabulary![a] == item.Vocabulary![b]) { same += dot / bag.Count; }
                else { other += dot / (bag.Count * (item.Count - 1)); }
            }
        }

        return same - other;
    }

    private static (int, float)[] ContextOf(Dataset data, int example) => data.ContextRow(example) is >= 0 and int row
        ? Pairs(data.Contexts![row])
        : [];

    private static (int, float)[] Pairs(SparseRow row)
    {
        var pairs = new (int, float)[row.Count];
        for (int i = 0; i < pairs.Length; i++) { pairs[i] = (row.Features[i], row.Value(i)); }
        return pairs;
    }
}
