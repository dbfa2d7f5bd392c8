using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Oracles;
using Facto.Training.Options;
using Facto.Training.Ranking;

namespace Facto.Tests.Training.Ranking;

public sealed unsafe class BatchWorkerTests
{
    private const float Temperature = 0.4f;
    private const float Exponent = 1.3f;

    public static TheoryData<string> Similarities => [nameof(Similarity.Dot), nameof(Similarity.Cosine)];

    [Theory]
    [MemberData(nameof(Similarities))]
    public void The_softmax_gradient_is_the_slope_of_the_loss_for_every_parameter_and_width(string similarityName)
    {
        Similarity similarity = Enum.Parse<Similarity>(similarityName);
        Dataset data = RankingData.Rich();
        FmModel model = RankingData.RandomModel(data, similarity, 5);
        NaiveRankingLoss.OfPositive loss = NaiveRankingLoss.Softmax(Temperature);
        CheckGradient<SoftmaxLoss>(data, model, Whole(similarity), [], () => NaiveRankingLoss.Mean(model, data, loss));
    }

    [Theory]
    [MemberData(nameof(Similarities))]
    public void The_bilateral_gradient_is_the_slope_of_the_loss_for_every_parameter_and_width(string similarityName)
    {
        Similarity similarity = Enum.Parse<Similarity>(similarityName);
        Dataset data = RankingData.Rich();
        FmModel model = RankingData.RandomModel(data, similarity, 5);
        NaiveRankingLoss.OfPositive loss = NaiveRankingLoss.Bilateral(Temperature, Exponent, 32);
        CheckGradient<BilateralSoftmaxLoss>(data, model, Whole(similarity), [], () => NaiveRankingLoss.Mean(model, data, loss));
    }

    [Theory]
    [MemberData(nameof(Similarities))]
    public void The_softmax_at_K_gradient_is_the_slope_of_the_loss_with_its_weights_held(string similarityName)
    {
        Similarity similarity = Enum.Parse<Similarity>(similarityName);
        Dataset data = RankingData.Rich();
        FmModel model = RankingData.RandomModel(data, similarity, 5);
        QuerySet queries = QuerySet.Of(data, "slk");
        float[] quantiles = [.. Enumerable.Range(0, queries.Count).Select(q => 0.1f * q)];
        double[] held = [
            .. Enumerable.Range(0, data.Count)
            .Select(e => 1 / (1 + Math.Exp((Quantile(e) - NaiveRankingLoss.Score(model, data, e, data.Interactions.Items![e])) / 0.7)))];
        NaiveRankingLoss.OfPositive loss = NaiveRankingLoss.Softmax(Temperature);
        CheckGradient<SoftmaxAtKLoss>(
            data, model, Whole(similarity) with { TopKTemperature = 0.7f }, quantiles, () =>
            NaiveRankingLoss.Mean(model, data, loss, e => held[e]));

        double Quantile(int example)
        {
            int q = Enumerable.Range(0, queries.Count)
                .FirstOrDefault(
                    q => queries.UserRows[q] == data.Interactions.Users![example]
                    && queries.ContextRows[q] == data.ContextRow(example), -1);
            return q < 0 ? 0 : quantiles[q];
        }
    }

    [Fact]
    public void The_estimated_quantile_is_the_Kth_highest_score_of_the_catalogue()
    {
        Dataset data = RankingData.Rich();
        FmModel model = RankingData.RandomModel(data, Similarity.Cosine, 5);
        QuerySet queries = QuerySet.Of(data, "slk");
        float[] quantiles = new float[queries.Count];
        using var worker = new BatchWorker<SoftmaxAtKLoss>(Job(data, model, Whole(Similarity.Cosine) with { TopK = 3 }, quantiles));
        var random = new SeededRandom(1);
        worker.Differentiate<Lanes4>(AllOf(queries), ref random, estimateQuantiles: true);
        for (int q = 0; q < queries.Count; q++)
        {
            int example = Enumerable.Range(0, data.Count)
                .First(e => data.Interactions.Users![e] == queries.UserRows[q] && data.ContextRow(e) == queries.ContextRows[q]);
            double third = Enumerable.Range(0, data.Items!.RowCount).Select(i => NaiveRankingLoss.Score(model, data, example, i))
                .OrderDescending().ElementAt(2);
            Assert.Equal(third, quantiles[q], 1e-5);
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.8f, false)]
    [InlineData(0, true)]
    public void With_log_q_the_sampled_loss_estimates_the_whole_catalogues_whatever_the_sampler(float popularity, bool inBatch)
    {
        // Every item is somebody's positive, so the in-batch sampler reaches all.
        Dataset data = RankingData.Rich(users: 12, items: 9);
        FmModel model = RankingData.RandomModel(data, Similarity.Cosine, 5);
        RankingOptions options =
            Whole(Similarity.Cosine) with { Negatives = 16384, Popularity = popularity, InBatch = inBatch, LogQ = true };
        if (popularity == 0 && !inBatch) { options = options with { Popularity = 1e-6f }; }
        QuerySet queries = QuerySet.Of(data, "softmax");
        int[] counts = queries.ItemCounts(9);
        Assert.DoesNotContain(0, counts);
        using var worker = new BatchWorker<SoftmaxLoss>(Job(data, model, options, []));
        var random = new SeededRandom(5);
        double sampled = worker.Differentiate<Lanes8>(AllOf(queries), ref random, false) / queries.Weights.Sum();
        double whole = NaiveRankingLoss.Mean(model, data, NaiveRankingLoss.Softmax(Temperature));
        Assert.Equal(whole, sampled, 0.1 * whole);
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        Dataset data = RankingData.Rich();
        FmModel model = RankingData.RandomModel(data, Similarity.Dot, 20);
        QuerySet queries = QuerySet.Of(data, "slk");
        using var worker = new BatchWorker<SoftmaxAtKLoss>(
            Job(data, model, Whole(Similarity.Dot) with { Negatives = 32, Popularity = 0.5f }, new float[queries.Count]));
        Visit[] all = AllOf(queries);
        var random = new SeededRandom(1);
        Assert.Equal(0, Allocation.Of(Steps));

        void Steps()
        {
            for (int i = 0; i < 50; i++) { worker.Step<Lanes16>(all, ref random, 0.01f, i % 2 == 0); }
        }
    }

    private static RankingOptions Whole(Similarity similarity) => new()
    {
        Similarity = similarity,
        ItemTerm = true,
        Temperature = Temperature,
        Exponent = Exponent,
        Negatives = 1024,
        Batch = 64,
    };

    private static Visit[] AllOf(QuerySet queries) => new VisitOrder(queries, 0).Visits;

    private static BatchJob Job(Dataset data, FmModel model, RankingOptions options, float[] quantiles)
    {
        QuerySet queries = QuerySet.Of(data, "test");
        var sampler = new NegativeSampler(
            options.InBatch ? queries.ItemCounts(data.Items!.RowCount).Select(c => c - 1)
            .ToArray() : queries.ItemCounts(data.Items!.RowCount), options.InBatch ? 1 : options.Popularity);
        return new BatchJob(
            data, queries, options, model, new Adam(data.Schema.FeatureCount, model.FactorCount),
            new FieldPenalties(data.Schema, SolverSettings.Of(RankingData.Options("bpr"))), sampler, quantiles, new VisitOrder(queries, 0));
    }

    private static void CheckGradient<TLoss>(Dataset data, FmModel model, RankingOptions options, float[] quantiles, Func<double> loss)
        where TLoss : struct, IQueryLoss
    {
        using var worker = new BatchWorker<TLoss>(Job(data, model, options, quantiles));
        Visit[] all = AllOf(QuerySet.Of(data, "test"));
        var random = new SeededRandom(1);
        double weight = QuerySet.Of(data, "test").Weights.Sum();
        Assert.Equal(loss(), worker.Differentiate<Lanes1>(all, ref random, false) / weight, 1e-4);
        worker.Gradient.Clear();
        Check(() => worker.Differentiate<Lanes1>(all, ref random, false));
        Check(() => worker.Differentiate<Lanes4>(all, ref random, false));
        Check(() => worker.Differentiate<Lanes8>(all, ref random, false));
        Check(() => worker.Differentiate<Lanes16>(all, ref random, false));

        void Check(Action differentiate)
        {
            differentiate();
            int[] itemFeatures = [.. Enumerable.Range(0, data.Items!.RowCount).SelectMany(i => data.Items[i].Features.ToArray())];
            for (int slot = 0; slot < worker.Gradient.Count; slot++)
            {
                int feature = worker.Gradient.Feature(slot);
                for (int f = 0; f < model.FactorCount; f++)
                {
                    Assert.Equal(Slope(ref model.Factors.Row(feature)[f], loss), worker.Gradient.Factors(slot)[f], 2e-4);
                }
                if (itemFeatures.Contains(feature))
                {
                    Assert.Equal(Slope(ref model.Linear[feature], loss), worker.Gradient.Linear(slot), 2e-4);
                }
            }

            Assert.True(worker.Gradient.Count > 15);
            worker.Gradient.Clear();
        }
    }

    private static double Slope(ref float parameter, Func<double> loss)
    {
        float before = parameter, high = before + 2e-3f, low = before - 2e-3f;
        parameter = high;
        double above = loss();
        parameter = low;
        double below = loss();
        parameter = before;
        return (above - below) / ((double)high - low);
    }
}
