using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Serving;
using Facto.Tests.Models.Family;

namespace Facto.Tests.Serving;

/// <summary>Every member of the family through all that takes a separable model: bundle, every kind of index, recommender, reasons,
/// evaluator.</summary>
public sealed class FamilyServingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelFamily.Fwfm)]
    [InlineData(ModelFamily.Fvfm)]
    [InlineData(ModelFamily.Fmfm)]
    [InlineData(ModelFamily.Ffm)]
    [InlineData(ModelFamily.Fm3)]
    public void A_bundle_serves_the_brute_force_top_of_the_model_by_every_index(ModelFamily family)
    {
        (_, Dataset train) = SmallWorld.Create(21);
        var random = new SeededRandom(22);
        FamilyModel model = FamilyWorld.Model(FamilyWorld.Shape(family, 4), train.Schema, ref random, LearningTask.Binary);
        foreach (IndexKind kind in (IndexKind[])[IndexKind.Exact, IndexKind.Bounded, IndexKind.Graph, IndexKind.Ivf])
        {
            string folder = _folder.File($"{family}-{kind}");
            BundleFolder.Write(folder, new BundleManifest { Version = "v1", DataFingerprint = DatasetFingerprint.Of(train) }, model, train,
                null, 1, index: new IndexOptions { Kind = kind });
            var recommender = new Recommender(BundleFolder.Open(folder));
            Assert.Equal(model.VectorDimension, recommender.Bundle.ItemVectors.Dimension);
            RecommendationResponse response = recommender.Recommend(new RecommendationRequest
            {
                User = "u3",
                Count = 5,
                Reasons = 2,
                Features = new Dictionary<string, IReadOnlyList<string>> { ["hour"] = ["night"] },
            });
            int[] context = [model.Schema.Find("hour")!.Offset + 1];
            HashSet<int> seen = [.. recommender.Bundle.Seen[3].ToArray()];
            float[] expected = [.. Enumerable.Range(0, SmallWorld.Items).Where(i => !seen.Contains(i))
                .Select(i => model.Score(train.Users![3], new SparseRow(context, default), train.Items![i])).OrderDescending().Take(5)];
            Assert.Equal(5, response.Items.Count);
            for (int i = 0; i < 5; i++) { Assert.Equal(expected[i], response.Items[i].Score, 1e-3f * (1 + MathF.Abs(expected[i]))); }
            Assert.All(response.Items, item => Assert.Equal(2, item.Reasons!.Count));
        }
    }

    [Fact]
    public void Explanations_add_up_to_the_score_and_name_all_three_of_a_triple()
    {
        (_, Dataset train) = SmallWorld.Create(23);
        var random = new SeededRandom(24);
        FamilyModel model = FamilyWorld.Model(FamilyWorld.Shape(ModelFamily.Fm3, 4), train.Schema, ref random, LearningTask.Binary);
        var recommender = new Recommender(BundleFolder.Write(_folder.File("explained"), new BundleManifest
        {
            Version = "v1",
            DataFingerprint = DatasetFingerprint.Of(train)
        }, model, train, null, 1));
        var query = new UserQuery { User = "u2", Features = new Dictionary<string, IReadOnlyList<string>> { ["hour"] = ["day"] } };
        IReadOnlyList<Reason> terms = recommender.Explain(query, "i7");
        float score = recommender.Score(query, ["i7"]).Items[0].Score;
        Assert.Equal(score, terms.Sum(t => t.Value), 1e-3 * (1 + Math.Abs(score)));
        Assert.Contains(terms, t => t.Text.Split(" × ").Length == 3);
    }

    [Fact]
    public void The_evaluator_ranks_by_the_models_scores()
    {
        (_, Dataset all) = SmallWorld.Create(25);
        Dataset train = all.Select([.. Enumerable.Range(0, 40)]), test = all.Select([.. Enumerable.Range(40, 40)]);
        var random = new SeededRandom(26);
        foreach (ModelFamily family in FamilyWorld.Members)
        {
            FamilyModel model = FamilyWorld.Model(FamilyWorld.Shape(family, 3), train.Schema, ref random, LearningTask.Binary);
            RankingTask task = RankingTask.PerUser(train, test);
            InnerProductScorer scorer = VectorScorers.Create(model, VectorRecipe.Match, task, test, 1);
            RankingReport report = RankingEvaluator.Evaluate(scorer, task, [5], threads: 1);
            Assert.True(report.QueryCount > 0);
        }
    }
}
