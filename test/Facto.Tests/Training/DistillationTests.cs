using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Training.Ranking;
using Facto.Training;

namespace Facto.Tests.Training;

public sealed class DistillationTests
{
    [Fact]
    public void The_student_orders_pairs_that_nobody_saw_as_its_teacher_does()
    {
        // A teacher of rank 3 over 40 × 30, of which training shows one pair in five.
        var random = new SeededRandom(4);
        List<(int, int)> seen = [], unseen = [];
        for (int u = 0; u < 40; u++)
        {
            for (int i = 0; i < 30; i++) { (random.NextInt(5) == 0 ? seen : unseen).Add((u, i)); }
        }

        Dataset train = RankingData.Ids(40, 30, seen), test = RankingData.Ids(40, 30, unseen);
        FmModel teacher = RankingData.RandomModel(train, Similarity.Dot, 3);
        var options = new TrainOptions { Factors = 4, Epochs = 60, Patience = 0, LearningRate = 0.1f, RegularizationFactors = 1e-3f };
        TrainResult result = Distillation.Train(new TrainingJob(train, options), Distillation.Of(teacher), candidatesPerExample: 6);
        float[] wanted = new float[test.Count], given = new float[test.Count];
        Distillation.Of(teacher)(test, wanted);
        Distillation.Of(result.Model)(test, given);
        Assert.True(Agreement(wanted, given) > 0.85, $"agreement is {Agreement(wanted, given)}");
    }

    [Fact]
    public void Candidates_stand_behind_their_example_with_its_user_and_context_and_cover_the_catalogue()
    {
        Dataset data = RankingData.Rich();
        Dataset drawn = Distillation.WithCandidates(data, 9);
        Assert.Equal(10 * data.Count, drawn.Count);
        for (int i = 0; i < drawn.Count; i++)
        {
            Assert.Equal((data.Interactions.Users![i / 10], data.ContextRow(i / 10)), (drawn.Interactions.Users![i], drawn.ContextRow(i)));
            if (i % 10 == 0)
            {
                Assert.Equal(
                    (data.Interactions.Items![i / 10], data.Interactions.Labels[i / 10]),
                    (drawn.Interactions.Items![i], drawn.Interactions.Labels[i]));
            }
        }

        Assert.Equal(data.Items!.RowCount, drawn.Interactions.Items!.Span.ToArray().Distinct().Count());
        Assert.Equal(drawn.Interactions.Items.Span.ToArray(), Distillation.WithCandidates(data, 9).Interactions.Items!.Span.ToArray());
    }

    [Fact]
    public void Labels_are_the_teachers_scores_and_the_given_data_stay_as_they_are()
    {
        Dataset data = RankingData.Rich();
        FmModel teacher = RankingData.RandomModel(data, Similarity.Cosine, 5);
        float[] before = data.Interactions.Labels.Span.ToArray();
        Dataset labelled = Distillation.Label(data, Distillation.Of(teacher));
        Assert.Equal(
            teacher.Score(
                data.Users![data.Interactions.Users![3]], data.Contexts![data.ContextRow(3)], data.Items![data.Interactions.Items![3]]),
                labelled.Interactions.Labels[3]);
        Assert.Equal(before, data.Interactions.Labels.Span.ToArray());
    }

    [Fact]
    public void A_teacher_that_gives_no_number_and_data_without_items_are_refused()
    {
        Dataset data = RankingData.Rich();
        Assert.Contains(
            "example 0 is NaN",
            Assert.Throws<FactoException>(() => Distillation.Label(data, (_, scores) => scores.Fill(float.NaN))).Message,
            StringComparison.Ordinal);
        var flat =
            new Dataset(FeatureSchema.Flat(2), new Interactions { Labels = new([1f]) }, contexts: new SparseRows(1, null, new([1]), null));
        Assert.Contains(
            "no item side", Assert.Throws<FactoException>(() => Distillation.WithCandidates(flat, 1)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "candidates is -1", Assert.Throws<FactoException>(() => Distillation.WithCandidates(data, -1)).Message,
            StringComparison.Ordinal);
    }

    // The share of pairs of examples that both put in the same order.
    private static double Agreement(float[] a, float[] b)
    {
        long same = 0, all = 0;
        for (int i = 0; i < a.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                same += Math.Sign(a[i] - a[j]) == Math.Sign(b[i] - b[j]) ? 1 : 0;
                all++;
            }
        }

        return (double)same / all;
    }
}
