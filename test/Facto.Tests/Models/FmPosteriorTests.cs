using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Tests.Oracles;
using Facto.Tests.Training.Bayesian;

namespace Facto.Tests.Models;

public class FmPosteriorTests
{
    private static readonly Dataset Data = BayesData.TwoSided(3, contexts: true);

    [Fact]
    public void The_mean_model_scores_the_mean_of_the_draws_scores_exactly()
    {
        FmPosterior model = Posterior(LearningTask.Regression);
        Span<float> draws = new float[model.DrawCount];
        for (int t = 0; t < Data.Count; t++)
        {
            List<(int Feature, float Value)> x = BayesData.Active(Data, t);
            double[] each = [.. Enumerable.Range(0, model.DrawCount).Select(s => NaiveFm.Score(model.Draw(s), x))];
            SparseRow user = User(t), context = Context(t), item = Item(t);
            Assert.Equal(each.Average(), model.Score(user, context, item), 1e-4);
            model.ScoreDraws(user, context, item, draws);
            for (int s = 0; s < each.Length; s++) { Assert.Equal(each[s], draws[s], 1e-4); }
        }
    }

    [Fact]
    public void Its_vectors_rank_like_its_scores()
    {
        FmPosterior model = Posterior(LearningTask.Regression);
        var u = new float[model.VectorDimension];
        var i = new float[model.VectorDimension];
        for (int t = 0; t < Data.Count; t++)
        {
            SparseRow user = User(t), context = Context(t), item = Item(t);
            float own = model.ProjectUser(user, context, u);
            model.ProjectItem(item, i);
            Assert.Equal(model.Score(user, context, item), own + VectorOps.Dot(u, i), 1e-4f);
        }
    }

    [Theory]
    [InlineData(LearningTask.Regression)]
    [InlineData(LearningTask.Binary)]
    [InlineData(LearningTask.Ordinal)]
    public void Saved_and_opened_it_scores_the_same(LearningTask task)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.facto");
        FmPosterior model = Posterior(task);
        ModelFile.Save(model, path);
        var opened = Assert.IsType<FmPosterior>(ModelFile.Open(path));
        Assert.Equal((model.DrawCount, model.FactorCount, model.Task), (opened.DrawCount, opened.FactorCount, opened.Task));
        for (int t = 0; t < Data.Count; t++)
        {
            SparseRow user = User(t), context = Context(t), item = Item(t);
            Assert.Equal(model.Score(user, context, item), opened.Score(user, context, item));
            Assert.Equal(model.Predict(user, context, item, 0.8f), opened.Predict(user, context, item, 0.8f));
        }
    }

    [Fact]
    public void Every_damage_to_the_file_is_reported()
    {
        using var folder = new TemporaryFolder();
        ModelFile.Save(Posterior(LearningTask.Ordinal), folder.File("model.facto"));
        CorruptionChecks.EveryDamageIsReported(folder.File("model.facto"), path => ModelFile.Open(path), randomFlips: 200);
    }

    [Fact]
    public void Regression_intervals_hold_their_share_of_the_mixture()
    {
        FmPosterior model = Posterior(LearningTask.Regression, clip: false);
        var random = new SeededRandom(4);
        Span<float> draws = new float[model.DrawCount];
        for (int t = 0; t < 5; t++)
        {
            SparseRow user = User(t), context = Context(t), item = Item(t);
            PosteriorPrediction p = model.Predict(user, context, item, 0.9f);
            model.ScoreDraws(user, context, item, draws);
            const int n = 20_000;
            int inside = 0, below = 0;
            double sum = 0;
            for (int i = 0; i < n; i++)
            {
                int s = random.NextInt(draws.Length);
                double y = draws[s] + (random.NextNormal() / Math.Sqrt(1 + s));   // the precisions of Posterior
                sum += y / n;
                if (y < p.Low) { below++; }
                else if (y <= p.High) { inside++; }
            }

            Assert.Equal(0.9, (double)inside / n, 0.012);
            Assert.Equal(0.05, (double)below / n, 0.008);
            Assert.Equal(p.Mean, sum, 5 * p.StandardDeviation / Math.Sqrt(n));
        }
    }

    [Fact]
    public void Ordinal_predictions_are_the_expected_class_over_the_draws()
    {
        FmPosterior model = Posterior(LearningTask.Ordinal);
        for (int t = 0; t < 10; t++)
        {
            SparseRow user = User(t), context = Context(t), item = Item(t);
            double[] share = new double[3];
            for (int s = 0; s < model.DrawCount; s++)
            {
                double score = NaiveFm.Score(model.Draw(s), BayesData.Active(Data, t)), a = NormalDistribution.Cumulative(-0.4 - score),
                    b = NormalDistribution.Cumulative(0.6 + s - score);
                (share[0], share[1], share[2]) =
                    (share[0] + (a / model.DrawCount), share[1] + ((b - a) / model.DrawCount), share[2] + ((1 - b) / model.DrawCount));
            }

            PosteriorPrediction p = model.Predict(user, context, item, 0.9f);
            Assert.Equal((1 * share[0]) + (2 * share[1]) + (5 * share[2]), p.Mean, 1e-4);
            Assert.Equal(share[0] >= 0.05 ? 1 : share[0] + share[1] >= 0.05 ? 2 : 5, p.Low);
            Assert.Equal(share[0] >= 0.95 ? 1 : share[0] + share[1] >= 0.95 ? 2 : 5, p.High);
        }
    }

    [Fact]
    public void A_binary_draw_exported_to_log_odds_keeps_the_probability_within_a_hundredth()
    {
        FmPosterior model = Posterior(LearningTask.Binary);
        Span<float> draws = new float[model.DrawCount];
        for (int t = 0; t < 20; t++)
        {
            SparseRow user = User(t), context = Context(t), item = Item(t);
            model.ScoreDraws(user, context, item, draws);
            FmModel draw = model.Draw(1);
            Assert.Equal(NormalDistribution.Cumulative(draws[1]), draw.Predict(draw.Score(user, context, item)), 0.0096);
        }
    }

    [Fact]
    public void The_terms_of_an_explanation_add_up_to_the_mean_score()
    {
        FmPosterior model = Posterior(LearningTask.Regression);
        for (int t = 0; t < 20; t++)
        {
            SparseRow user = User(t), context = Context(t), item = Item(t);
            Assert.Equal(model.Score(user, context, item), Explainer.Terms(model, user, context, item).Sum(term => term.Value), 1e-4f);
        }
    }

    [Theory]
    [InlineData(LearningTask.Regression)]
    [InlineData(LearningTask.Binary)]
    [InlineData(LearningTask.Ordinal)]
    public void One_draw_alone_predicts_as_it_does_among_the_others_and_the_best_has_the_least_loss(LearningTask task)
    {
        FmPosterior model = Posterior(task);
        float[] labels = [.. Enumerable.Range(0, Data.Count).Select(t => task == LearningTask.Binary ? t % 2 : 1f + (t % 5))];
        var data = new Dataset(
            Data.Schema,
            new Interactions
            {
                Users = Data.Interactions.Users,
                Items = Data.Interactions.Items,
                Contexts = Data.Interactions.Contexts,
                Labels = new NativeBlock<float>(labels)
            }, Data.Users, Data.Items, Data.Contexts);
        double[] losses = new double[model.DrawCount], means = new double[data.Count];
        Span<float> draws = new float[model.DrawCount];
        for (int s = 0; s < model.DrawCount; s++)
        {
            FmPosterior alone = model.Only(s);
            Assert.Equal((1, model.FactorCount + 1), (alone.DrawCount, alone.VectorDimension));
            for (int t = 0; t < data.Count; t++)
            {
                SparseRow user = User(t), context = Context(t), item = Item(t);
                model.ScoreDraws(user, context, item, draws);
                Assert.Equal(draws[s], alone.Score(user, context, item), 1e-4f);
                float p = alone.Predict(user, context, item).Mean;
                means[t] += p / (double)model.DrawCount;
                losses[s] -= task == LearningTask.Binary ? Math.Log(labels[t] == 1 ? p : 1 - p) : -((p - labels[t]) * (p - labels[t]));
            }
        }

        Assert.Equal(Array.IndexOf(losses, losses.Min()), PosteriorScorer.BestDraw(model, data));
        float[] found = PosteriorScorer.PredictMeans(model, data, 2);
        PosteriorPrediction[] whole = PosteriorScorer.Predict(model, data, 0.9f, 2);
        for (int t = 0; t < data.Count; t++)
        {
            Assert.Equal(means[t], found[t], 1e-4);
            Assert.Equal(means[t], whole[t].Mean, 1e-4);
        }
    }

    [Fact]
    public void Fewer_draws_are_evenly_chosen_and_score_their_own_mean()
    {
        FmPosterior model = Posterior(LearningTask.Regression), two = model.Thinned(2);
        float[] four = new float[4], pair = new float[2];
        for (int t = 0; t < 20; t++)
        {
            model.ScoreDraws(User(t), Context(t), Item(t), four);
            two.ScoreDraws(User(t), Context(t), Item(t), pair);
            Assert.Equal(four[1], pair[0], 1e-4f);
            Assert.Equal(four[3], pair[1], 1e-4f);
        }

        Assert.Contains("5 draws are asked for", Assert.Throws<FactoException>(() => model.Thinned(5)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mean_draw_has_the_mean_parameters_and_the_mean_noise()
    {
        FmPosterior model = Posterior(LearningTask.Regression), mean = model.OnlyMean();
        FmModel expected = model.MeanParameters();
        for (int t = 0; t < 20; t++)
        {
            Assert.Equal(expected.Score(User(t), Context(t), Item(t)), mean.Score(User(t), Context(t), Item(t)), 1e-4f);
        }
        Assert.Equal((1 + (1 / 2.0) + (1 / 3.0) + (1 / 4.0)) / 4, 1 / mean.Precisions[0], 1e-9);
        FmPosterior ordinal = Posterior(LearningTask.Ordinal);
        Assert.Equal([-0.4, 2.1], ordinal.OnlyMean().CutPoints.Select(c => Math.Round(c, 6)));   // 0.6 + (0 … 3)
    }

    [Fact]
    public void A_prediction_allocates_nothing()
    {
        FmPosterior model = Posterior(LearningTask.Regression);
        Assert.Equal(0, Allocation.Of(Work));

        void Work()
        {
            SparseRow user = User(0), context = Context(0), item = Item(0);
            model.Predict(user, context, item);
            model.Score(user, context, item);
        }
    }

    private static SparseRow User(int t) => Data.Users![Data.Interactions.Users![t]];

    private static SparseRow Context(int t) => Data.Contexts![Data.ContextRow(t)];

    private static SparseRow Item(int t) => Data.Items![Data.Interactions.Items![t]];

    private static FmPosterior Posterior(LearningTask task, bool clip = true)
    {
        var random = new SeededRandom(17);
        var draws = new List<PosteriorDraw>();
        for (int s = 0; s < 4; s++)
        {
            int n = Data.Schema.FeatureCount;
            var draw = new PosteriorDraw(
                (float)random.NextNormal(), 1 + s,
                    task switch { LearningTask.Ordinal => [-0.4, 0.6 + s], LearningTask.Binary => [0], _ => [] },
                    new NativeBlock<float>(n), new RowMatrix(n, 3));
            for (int l = 0; l < n; l++)
            {
                draw.Linear[l] = (float)(0.3 * random.NextNormal());
                foreach (ref float v in draw.Factors.Row(l)) { v = (float)(0.5 * random.NextNormal()); }
            }

            draws.Add(draw);
        }

        float[] levels = task switch { LearningTask.Ordinal => [1, 2, 5], LearningTask.Binary => [0, 1], _ => [] };
        return FmPosterior.Of(Data.Schema, task, draws, levels, clip ? -2 : float.NegativeInfinity, clip ? 2 : float.PositiveInfinity);
    }
}
