using Facto.Data;
using Facto.Models;
using Facto.Serving;

namespace Facto.Tests.Serving;

public sealed class PosteriorRequestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Thompson_lists_are_the_brute_force_top_of_the_draw_that_the_seed_chooses_and_show_the_mean_score()
    {
        Recommender recommender = Create(out FmPosterior posterior, out Dataset train);
        var seen = new HashSet<int>();
        for (ulong seed = 0; seed < 40; seed++)
        {
            var request = new RecommendationRequest { User = "u3", Count = 7, IncludeSeen = true, Thompson = seed };
            RecommendationResponse response = recommender.Recommend(request);
            int draw = response.Draw!.Value;
            seen.Add(draw);
            FmModel model = posterior.Draw(draw);
            IEnumerable<string> expected = Enumerable.Range(0, SmallWorld.Items)
                .OrderByDescending(i => model.Score(train.Users![3], default, train.Items![i])).Take(7).Select(i => $"i{i}");
            Assert.Equal(expected, response.Items.Select(i => i.Id));
            Assert.Equal(response.Items.Select(i => i.Id), recommender.Recommend(request).Items.Select(i => i.Id));
            int first = int.Parse(response.Items[0].Id[1..], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(posterior.Score(train.Users![3], default, train.Items![first]), response.Items[0].Score, 1e-3f);
        }

        Assert.Equal(posterior.DrawCount, seen.Count);   // 40 seeds fall on all 3
        Assert.Null(recommender.Recommend(new RecommendationRequest { User = "u3" }).Draw);
    }

    [Fact]
    public void Intervals_are_those_of_the_posterior_and_explanations_add_up()
    {
        Recommender recommender = Create(out FmPosterior posterior, out Dataset train);
        Recommendation item = recommender.Score(new UserQuery { User = "u5" }, ["i8"], interval: 0.8f).Items[0];
        PosteriorPrediction expected = posterior.Predict(train.Users![5], default, train.Items![8], 0.8f);
        Assert.Equivalent(
            new PredictionInterval(0.8f, expected.Mean, expected.StandardDeviation, expected.Low, expected.High), item.Interval);
        Assert.NotNull(recommender.Recommend(new RecommendationRequest { User = "u5", Count = 3, Interval = 0.9f }).Items[2].Interval);
        Assert.Null(recommender.Score(new UserQuery { User = "u5" }, ["i8"]).Items[0].Interval);
        Assert.Equal(item.Score, recommender.Explain(new UserQuery { User = "u5" }, "i8").Sum(t => t.Value), 1e-3f);
    }

    [Fact]
    public void Without_draws_both_are_refused_in_one_sentence()
    {
        (FmModel model, Dataset train) = SmallWorld.Create(1);
        Recommender recommender = Open(model, train);
        Assert.Contains(
            "thompson needs draws",
            Assert.Throws<FactoException>(() => recommender.Recommend(new RecommendationRequest { User = "u1", Thompson = 1 })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "interval needs draws",
            Assert.Throws<FactoException>(() => recommender.Score(new UserQuery { User = "u1" }, ["i1"], interval: 0.9f)).Message,
            StringComparison.Ordinal);
        Recommender other = Create(out _, out _);
        Assert.Contains(
            "is 1.5; it must be between 0 and 1",
            Assert.Throws<FactoException>(() => other.Score(new UserQuery(), ["i1"], interval: 1.5f)).Message, StringComparison.Ordinal);
    }

    private Recommender Create(out FmPosterior posterior, out Dataset train)
    {
        train = SmallWorld.Create(1).Train;
        var draws = new List<PosteriorDraw>();
        for (ulong s = 0; s < 3; s++)
        {
            FmModel model = SmallWorld.Create(20 + s).Model;
            draws.Add(new PosteriorDraw(model.Bias, 1 + s, [], model.Linear, model.Factors));
        }

        posterior = FmPosterior.Of(train.Schema, LearningTask.Regression, draws, [], 1, 5);
        return Open(posterior, train);
    }

    private Recommender Open(ISeparableModel model, Dataset train) =>
        new(BundleFolder.Write(
            _folder.File($"bundles{Guid.NewGuid():N}"),
            new BundleManifest { Version = "v1", DataFingerprint = DatasetFingerprint.Of(train) }, model, train, null, 1));
}
