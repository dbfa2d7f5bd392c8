using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Oracles;
using Facto.Training.Options;
using Facto.Training.Ranking;

namespace Facto.Tests.Training.Ranking;

public sealed class PairWorkerTests
{
    // So large a start that every step is −η·g/√start and steps of one example add up: the gradient can be read off the parameters.
    private const float Accumulator = 1e6f;

    [Fact]
    public void A_BPR_step_goes_down_the_slope_of_the_loss_for_every_parameter_and_width() =>
        CheckSteps<BprLoss>((_, y, n) => Math.Log(1 + Math.Exp(n - y)));

    [Fact]
    public void A_WARP_step_goes_down_the_slope_of_the_weighted_hinge_for_every_parameter_and_width() =>
        CheckSteps<WarpLoss>((weight, y, n) => weight * (1 - y + n));

    [Fact]
    public void WARP_weighs_by_the_logarithm_of_the_rank_that_the_draws_suggest_and_at_most_10()
    {
        Assert.Equal(Math.Log(999), WarpLoss.Slope(0, 0, 1, 1000, out float loss), 1e-4);
        Assert.Equal(Math.Log(999), loss, 1e-4);
        Assert.Equal(Math.Log(99), WarpLoss.Slope(1, 0.5f, 10, 1000, out loss), 1e-4);
        Assert.Equal(0.5 * Math.Log(99), loss, 1e-4);
        Assert.Equal(0, WarpLoss.Slope(0, 0, 1000, 1000, out _));
        Assert.Equal(10, WarpLoss.Slope(0, 0, 1, 1 << 20, out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_allocates_nothing(bool idsOnly)
    {
        Dataset data = idsOnly ? RankingData.Checkerboard().Train : RankingData.Rich();
        using PairWorker<WarpLoss> worker = Worker<WarpLoss>(data, RankingData.RandomModel(data, Similarity.Dot, 20), out int[] order);
        var random = new SeededRandom(1);
        Assert.Equal(0, Allocation.Of(() => worker.Run<Lanes8>(order, ref random, 0.1f)));
    }

    private static void CheckSteps<TLoss>(Func<double, double, double, double> loss)
        where TLoss : struct, IPairLoss
    {
        foreach (bool idsOnly in (ReadOnlySpan<bool>)[false, true])
        {
            Check<TLoss, Lanes1>(idsOnly, loss);
            Check<TLoss, Lanes4>(idsOnly, loss);
            Check<TLoss, Lanes8>(idsOnly, loss);
            Check<TLoss, Lanes16>(idsOnly, loss);
        }
    }

    // Item 0 is the only one that the user did not choose, so every step's negative is known.
    private static void Check<TLoss, TLanes>(bool idsOnly, Func<double, double, double, double> loss)
        where TLoss : struct, IPairLoss
        where TLanes : struct, ILanes<TLanes>
    {
        Dataset tables = idsOnly ? RankingData.Checkerboard(users: 5, items: 12).Train : RankingData.Rich();
        int items = tables.Items!.RowCount, itemFeatures = idsOnly ? 5 : 5 + 3;   // the first feature of the items' side
        var interactions = new Interactions
        {
            Users = new(Enumerable.Repeat(2, items - 1).ToArray()),
            Items = new(Enumerable.Range(1, items - 1).ToArray()),
            Contexts = idsOnly ? null : new(Enumerable.Repeat(1, items - 1).ToArray()),
            Labels = new(Enumerable.Repeat(1f, items - 1).ToArray()),
            Weights = new(Enumerable.Repeat(2f, items - 1).ToArray()),
        };
        Dataset data = tables.WithInteractions(interactions);
        FmModel model = RankingData.RandomModel(data, Similarity.Dot, 5), before = RankingData.RandomModel(data, Similarity.Dot, 5);
        using PairWorker<TLoss> worker = Worker<TLoss>(data, model, out _);
        var random = new SeededRandom(3);
        const int Example = 4;
        double y = NaiveRankingLoss.Score(before, data, Example, interactions.Items[Example]),
            n = NaiveRankingLoss.Score(before, data, Example, 0);
        double returned = worker.Run<TLanes>([Example], ref random, 1f) / 2;
        double weight = returned / (1 - y + n);
        Assert.True(returned > 0);
        Assert.Equal(loss(weight, y, n), returned, 1e-4);
        int moved = 0;
        for (int feature = 0; feature < data.Schema.FeatureCount; feature++)
        {
            for (int f = 0; f < 5; f++) { Compare(ref before.Factors.Row(feature)[f], model.Factors.Row(feature)[f]); }
            // w of the user's side is not learnt
            if (feature >= itemFeatures) { Compare(ref before.Linear[feature], model.Linear[feature]); }
        }

        Assert.True(moved >= (idsOnly ? 17 : 30));   // of ids alone: three vectors of 5 and two weights

        void Compare(ref float parameter, float after)
        {
            double gradient = (parameter - after) * Math.Sqrt(Accumulator);
            float start = parameter;
            parameter = start + 1e-3f;
            double above = Loss();
            parameter = start - 1e-3f;
            double slope = 2 * (above - Loss()) / (((double)start + 1e-3f) - (start - 1e-3f));
            parameter = start;
            Assert.Equal(slope, gradient, 1e-3 * (1 + Math.Abs(slope)));
            moved += Math.Abs(slope) > 1e-3 ? 1 : 0;
        }

        double Loss() =>
            loss(weight, NaiveRankingLoss.Score(before, data, Example, data.Interactions.Items![Example]),
                NaiveRankingLoss.Score(before, data, Example, 0));
    }

    private static PairWorker<TLoss> Worker<TLoss>(Dataset data, FmModel model, out int[] order)
        where TLoss : struct, IPairLoss
    {
        QuerySet queries = QuerySet.Of(data, "test");
        order = [.. Enumerable.Range(0, queries.PositiveCount)];
        int[] queryOf = [.. Enumerable.Range(0, queries.Count).SelectMany(q => Enumerable.Repeat(q, queries.ItemsOf(q).Length))];
        var optimizer = new AdaGradRows(model, new FieldPenalties(data.Schema, SolverSettings.Of(RankingData.Options("bpr"))), Accumulator);
        var sampler = new NegativeSampler(queries.ItemCounts(data.Items!.RowCount), 0);
        return new PairWorker<TLoss>(
            new PairJob(data, queries, queryOf, new RankingOptions { Candidates = 200 }, model, optimizer, sampler));
    }
}
