using CsCheck;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Serving;

namespace Facto.Tests.Serving;

public sealed class RecommenderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_list_is_the_brute_force_top_of_the_full_model_with_context_filters_and_unseen_items_only() =>
        Gen.Select(Gen.ULong, Gen.Int[0, SmallWorld.Users - 1], Gen.Int[1, 40], Gen.Bool, Gen.Bool)
            .Sample((seed, user, count, night, filtered) =>
        {
            Recommender recommender = Create(seed, out FmModel model, out Dataset train);
            RecommendationResponse response = recommender.Recommend(new RecommendationRequest
            {
                User = $"u{user}",
                Count = count,
                Features = new Dictionary<string, IReadOnlyList<string>> { ["hour"] = [night ? "night" : "day"] },
                Where = filtered ? new Dictionary<string, IReadOnlyList<string>> { ["genre"] = ["Comedy", "Drama"] } : null,
                Deny = ["i3", "unheard of"],
            });
            int[] context = [model.Schema.Find("hour")!.Offset + (night ? 1 : 0)];
            HashSet<int> seen = [.. recommender.Bundle.Seen[user].ToArray(), 3];
            (int Item, float Score)[] expected = [.. Enumerable.Range(0, SmallWorld.Items)
                .Where(i => !seen.Contains(i) && (!filtered || i % 4 is 1 or 2))
                .Select(i => (i, model.Score(train.Users![user], new SparseRow(context, default), train.Items![i])))
                    .OrderByDescending(s => s.Item2).Take(count)];
            Assert.True(response.UserKnown);
            Assert.Equal(expected.Select(e => $"i{e.Item}"), response.Items.Select(i => i.Id));
            foreach ((Recommendation item, (int, float Score) e) in response.Items.Zip(expected))
            {
                Assert.Equal(e.Score, item.Score, 1e-4f * (1 + MathF.Abs(e.Score)) * 10);
                Assert.Equal(1 / (1 + MathF.Exp(-e.Score)), item.Prediction!.Value, 1e-3f);
            }
        }, iter: 40, threads: 1);

    [Fact]
    public void An_unknown_user_is_served_from_features_and_history_and_the_unknown_is_named()
    {
        Recommender recommender = Create(3, out FmModel model, out Dataset train);
        RecommendationResponse response = recommender.Recommend(new RecommendationRequest
        {
            User = "stranger",
            Count = SmallWorld.Items,
            History = ["i1", "i2", "no such item"],
            Features = new Dictionary<string, IReadOnlyList<string>> { ["age"] = ["old"], ["hour"] = ["dusk"] },
        });
        Assert.False(response.UserKnown);
        Assert.Contains(new UnknownValue("user", "stranger"), response.Unknown);
        Assert.Contains(new UnknownValue("hour", "dusk"), response.Unknown);
        Assert.Contains(new UnknownValue("history", "no such item"), response.Unknown);
        int age = model.Schema.Find("age")!.Offset + 1, bag = model.Schema.Find("history")!.Offset;
        float x = 1 / MathF.Sqrt(2);
        var row = new SparseRow([age, bag + 1, bag + 2], [1, x, x]);
        float[] scores = new float[SmallWorld.Items];
        for (int i = 0; i < scores.Length; i++) { scores[i] = model.Score(row, default, train.Items![i]); }
        IEnumerable<string> expected = Enumerable.Range(0, SmallWorld.Items).Except([1, 2]).OrderByDescending(i => scores[i])
            .Select(i => $"i{i}");
        Assert.Equal(expected, response.Items.Select(i => i.Id));
    }

    [Fact]
    public void Features_in_the_request_replace_the_stored_ones_of_the_same_field()
    {
        Recommender recommender = Create(4, out FmModel model, out Dataset train);
        var old = new Dictionary<string, IReadOnlyList<string>> { ["age"] = ["old"] };
        float score = recommender.Score(new UserQuery { User = "u0", Features = old }, ["i7"]).Items[0].Score;
        int user = model.Schema.Find("user")!.Offset, age = model.Schema.Find("age")!.Offset + 1;
        Assert.Equal(model.Score(new SparseRow([user, age], default), default, train.Items![7]), score, 1e-4f);
    }

    [Fact]
    public void Explanations_add_up_to_the_score_and_speak_in_titles()
    {
        Recommender recommender = Create(5, out _, out _);
        var query = new UserQuery { User = "u4" };
        float score = recommender.Score(query, ["i9"]).Items[0].Score;
        IReadOnlyList<Reason> terms = recommender.Explain(query, "i9");
        Assert.Equal(score, terms.Sum(t => t.Value), 1e-3f);
        Assert.Contains(
            terms, t => t.Text.Contains("item=Title of i9", StringComparison.Ordinal)
            && t.Text.Contains("age=young", StringComparison.Ordinal));
        Assert.Contains(terms, t => t.Text.Contains("genre=Comedy × ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_popularity_dial_scales_the_items_own_term_in_the_order_and_not_in_the_score()
    {
        Recommender recommender = Create(6, out _, out _);
        RowMatrix items = recommender.Bundle.ItemVectors.Vectors, users = recommender.Bundle.UserVectors.Vectors;
        foreach (float dial in (float[])[0, 0.5f, 3])
        {
            RecommendationResponse response = recommender.Recommend(
                new RecommendationRequest { User = "u2", Count = SmallWorld.Items, IncludeSeen = true, PopularityDial = dial });
            IEnumerable<string> expected = Enumerable.Range(0, SmallWorld.Items)
                .OrderByDescending(i => (dial * items.Row(i)[0]) + VectorOps.Dot(users.Row(2)[1..], items.Row(i)[1..]))
                    .Select(i => $"i{i}");
            Assert.Equal(expected, response.Items.Select(i => i.Id));
            Assert.Equal(
                recommender.Score(new UserQuery { User = "u2" }, [response.Items[0].Id]).Items[0].Score, response.Items[0].Score, 1e-4f);
        }
    }

    [Fact]
    public void Similar_items_are_ordered_by_the_cosine_of_their_factors()
    {
        Recommender recommender = Create(7, out _, out _);
        RowMatrix items = recommender.Bundle.ItemVectors.Vectors;
        IReadOnlyList<SimilarItem> similar = recommender.Similar("i5", 6);
        IEnumerable<(string, double)> expected = Enumerable.Range(0, SmallWorld.Items).Where(i => i != 5)
            .Select(i =>
                ($"i{i}",
                    VectorOps.Dot(items.Row(5)[1..], items.Row(i)[1..]) / Math.Sqrt(
                        (double)VectorOps.SumOfSquares(items.Row(5)[1..]) * VectorOps.SumOfSquares(items.Row(i)[1..]))))
            .OrderByDescending(s => s.Item2).Take(6);
        Assert.Equal(expected.Select(e => e.Item1), similar.Select(s => s.Id));
        Assert.Equal(expected.First().Item2, similar[0].Similarity, 1e-4);
    }

    [Theory]
    [InlineData(LearningTask.Ranking)]
    [InlineData(LearningTask.Binary)]
    [InlineData(LearningTask.Regression)]
    public void Whatever_a_user_met_is_seen_whatever_its_label_and_split(LearningTask task)
    {
        (FmModel model, Dataset train) = SmallWorld.Create(11, task: task);
        Interactions log = train.Interactions;
        log.Labels[0] = 0;
        var manifest = new BundleManifest { Version = "v1", DataFingerprint = DatasetFingerprint.Of(train) };
        Dataset learnt = train.Select([.. Enumerable.Range(0, log.Count / 2)]),
            held = train.Select([.. Enumerable.Range(log.Count / 2, log.Count - (log.Count / 2))]);
        Interactions seen = SeenLog.Of(new Dictionary<string, Dataset> { ["train"] = learnt, ["test"] = held });
        Bundle bundle = BundleFolder.Write(_folder.File($"seen-{task}"), manifest, model, learnt, null, 1, seen: seen);
        for (int user = 0; user < SmallWorld.Users; user++)
        {
            int[] expected =
                [.. Enumerable.Range(0, log.Count).Where(i => log.Users![i] == user).Select(i => log.Items![i]).Distinct().Order()];
            Assert.Equal(expected, bundle.Seen[user].ToArray());
            RecommendationResponse response = new Recommender(bundle)
                .Recommend(new RecommendationRequest { User = $"u{user}", Count = SmallWorld.Items });
            Assert.Equal((expected.Length, SmallWorld.Items - expected.Length), (response.LeftOut, response.Items.Count));
        }
    }

    [Fact]
    public void A_score_is_the_sum_of_its_terms_however_large_a_number_is()
    {
        var users = Enumerable.Range(0, 40).Select(u => (Id: $"u{u}", Age: 20.0 + u));
        var log = from u in Enumerable.Range(0, 40)
                  from i in Enumerable.Range(0, 12)
                  where i % 3 == u % 3
                  select (User: $"u{u}", Item: $"i{i}");
        Dataset data = Dataset.From(log, l => l.User, l => l.Item).Users(users, u => u.Id, f => f.Number("age", u => u.Age)).Build();
        var recommender = Recommender.Create(FactorizationMachine.Fit(data));
        foreach (string age in new[] { "40", "1000", "1e7", "1.7e9", "1e15" })
        {
            var query = new UserQuery { User = "u1", Features = new Dictionary<string, IReadOnlyList<string>> { ["age"] = [age] } };
            IReadOnlyList<Reason> terms = recommender.Explain(query, "i1");
            double sum = terms.Sum(t => (double)t.Value), size = terms.Sum(t => Math.Abs((double)t.Value));
            Assert.Equal(sum, recommender.Score(query, ["i1"]).Items[0].Score, 1e-5 * size);
        }

        var endless = new UserQuery { User = "u1", Features = new Dictionary<string, IReadOnlyList<string>> { ["age"] = ["1e300"] } };
        Assert.Contains(
            "no score can be computed", Assert.Throws<FactoException>(() => recommender.Score(endless, ["i1"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_for_everybody_equal_lists_one_by_one()
    {
        Recommender recommender = Create(8, out _, out _);
        ScoredLists all = recommender.RecommendAll(5, 2);
        for (int u = 0; u < SmallWorld.Users; u++)
        {
            RecommendationResponse one = recommender.Recommend(new RecommendationRequest { User = $"u{u}", Count = 5 });
            Assert.Equal(one.Items.Select(i => i.Id), all[u].ToArray().Select(s => $"i{s.Index}"));
            Assert.Equal(one.Items.Select(i => i.Score), all[u].ToArray().Select(s => s.Score));
        }
    }

    [Theory]
    [InlineData(0, 1f, "count is 0")]
    [InlineData(10, float.NaN, "popularity dial")]
    public void A_wrong_number_gets_one_sentence(int count, float dial, string sentence)
    {
        Recommender recommender = Create(9, out _, out _);
        FactoException error =
            Assert.Throws<FactoException>(() => recommender.Recommend(new RecommendationRequest { Count = count, PopularityDial = dial }));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_field_is_named_with_those_that_exist()
    {
        Recommender recommender = Create(9, out _, out _);
        var wrong = new Dictionary<string, IReadOnlyList<string>> { ["mood"] = ["sad"] };
        Assert.Contains(
            "user, age, history, hour",
            Assert.Throws<FactoException>(() => recommender.Recommend(new RecommendationRequest { Features = wrong })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "item, genre", Assert.Throws<FactoException>(() => recommender.Recommend(new RecommendationRequest { Where = wrong })).Message,
            StringComparison.Ordinal);
    }

    private Recommender Create(ulong seed, out FmModel model, out Dataset train)
    {
        (model, train) = SmallWorld.Create(seed);
        string folder = _folder.File($"bundles{Guid.NewGuid():N}");
        return new Recommender(
            BundleFolder.Write(
                folder, new BundleManifest { Version = "v1", DataFingerprint = DatasetFingerprint.Of(train) }, model, train, null, 1));
    }
}
