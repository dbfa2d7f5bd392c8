using CsCheck;
using Facto.Data;
using Facto.Models;
using Facto.Serving;

namespace Facto.Tests.Serving;

public sealed class StagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cascade_gives_what_ranking_each_stages_survivors_by_hand_gives() =>
        Gen.Select(Gen.ULong, Gen.Int[0, SmallWorld.Users - 1], Gen.Int[1, 12], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Bool)
            .Sample((seed, user, count, first, second, filtered) =>
        {
            (Recommender recommender, FmModel[] models, Dataset train) = Create(seed, first, Math.Min(first, second));
            RecommendationResponse response = recommender.Recommend(new RecommendationRequest
            {
                User = $"u{user}",
                Count = count,
                Where = filtered ? new Dictionary<string, IReadOnlyList<string>> { ["genre"] = ["Comedy"] } : null,
            });
            HashSet<int> seen = [.. recommender.Bundle.Seen[user].ToArray()];
            int[] alive = [.. Enumerable.Range(0, SmallWorld.Items).Where(i => !seen.Contains(i) && (!filtered || i % 4 == 1))];
            int[] keep = [Math.Max(count, first), Math.Max(count, Math.Min(first, second)), count];
            var counts = new List<StageCount>();
            for (int s = 0; s < 3; s++)
            {
                int entered = alive.Length;
                alive = [.. alive.OrderByDescending(i => models[s].Score(train.Users![user], default, train.Items![i])).Take(keep[s])];
                counts.Add(new StageCount(recommender.Bundle.Stages[s].Name, entered, alive.Length));
            }

            Assert.Equal(alive.Select(i => $"i{i}"), response.Items.Select(i => i.Id));
            Assert.Equivalent(counts, response.Stages, strict: true);
            foreach (Recommendation item in response.Items)
            {
                float score = models[2].Score(train.Users![user], default, train.Items![train.ItemIds!.IndexOf(item.Id)]);
                Assert.Equal(score, item.Score, 1e-3f * (1 + MathF.Abs(score)));
                Assert.Equal(models[2].Predict(score), item.Prediction!.Value, 1e-3f);
            }
        }, iter: 60, threads: 1);

    [Fact]
    public void Scores_explanations_and_reasons_are_the_last_stages()
    {
        (Recommender recommender, FmModel[] models, Dataset train) = Create(3, 20, 10);
        var query = new UserQuery { User = "u4" };
        float expected = models[2].Score(train.Users![4], default, train.Items![9]);
        Assert.Equal(expected, recommender.Score(query, ["i9"]).Items[0].Score, 1e-3f);
        Assert.Equal(expected, recommender.Explain(query, "i9").Sum(t => t.Value), 1e-3f);
    }

    [Fact]
    public void A_trace_follows_an_item_to_the_place_that_the_list_gives_it()
    {
        (Recommender recommender, FmModel[] models, Dataset train) = Create(5, 12, 6);
        RecommendationResponse list = recommender.Recommend(new RecommendationRequest { User = "u2", Count = 6 });
        foreach (int item in Enumerable.Range(0, SmallWorld.Items).Except(recommender.Bundle.Seen[2].ToArray()))
        {
            IReadOnlyList<StageTrace> trace = recommender.Trace(new UserQuery { User = "u2" }, $"i{item}");
            Assert.Equal(["recall", "prerank", "rank"], trace.Select(t => t.Stage));
            for (int s = 0; s < 3; s++)
            {
                Assert.Equal(models[s].Score(train.Users![2], default, train.Items![item]), trace[s].Score, 1e-3f);
            }
            int place = list.Items.ToList().FindIndex(i => i.Id == $"i{item}");
            Assert.Equal(place < 0 ? null : place + 1, trace[2].Rank);
            Assert.Equal(trace[1].Rank is not null, trace[0].Rank <= 12);
        }
    }

    [Fact]
    public void Lists_for_everybody_equal_lists_one_by_one()
    {
        (Recommender recommender, _, _) = Create(8, 15, 9);
        Facto.Retrieval.ScoredLists all = recommender.RecommendAll(5, 2);
        for (int u = 0; u < SmallWorld.Users; u++)
        {
            RecommendationResponse one = recommender.Recommend(new RecommendationRequest { User = $"u{u}", Count = 5 });
            Assert.Equal(one.Items.Select(i => i.Id), all[u].ToArray().Select(s => $"i{s.Index}"));
        }
    }

    [Fact]
    public void A_stage_that_is_damaged_or_gone_is_named()
    {
        (Recommender recommender, _, _) = Create(1, 10, 5);
        string file = Path.Combine(recommender.Bundle.Folder, "rank.items.facto");
        byte[] good = File.ReadAllBytes(file), bad = [.. good];
        bad[bad.Length / 2] ^= 0x40;
        File.WriteAllBytes(file, bad);
        Assert.IsType<InvalidDataException>(Record.Exception(() => Bundle.Open(recommender.Bundle.Folder)));
        File.WriteAllBytes(file, good);
        Assert.Equal(["recall", "prerank", "rank"], Bundle.Open(recommender.Bundle.Folder).Stages.Select(s => s.Name));
        File.Delete(file);
        Assert.Contains(
            "rank.items.facto", Assert.Throws<InvalidDataException>(() => Bundle.Open(recommender.Bundle.Folder)).Message,
            StringComparison.Ordinal);
    }

    private (Recommender Recommender, FmModel[] Models, Dataset Train) Create(ulong seed, int first, int second)
    {
        (FmModel recall, Dataset train) = SmallWorld.Create(seed, task: LearningTask.Ranking);
        FmModel prerank = SmallWorld.Create(seed + 1, factors: 3, LearningTask.Regression).Model,
            rank = SmallWorld.Create(seed + 2, factors: 7).Model;
        var plan = new StagePlan(first, [("prerank", prerank, second), ("rank", rank, 0)]);
        var manifest = new BundleManifest { Version = "v1", DataFingerprint = DatasetFingerprint.Of(train) };
        Bundle bundle = BundleFolder.Write(_folder.File($"bundles{Guid.NewGuid():N}"), manifest, recall, train, null, 1, plan);
        return (new Recommender(bundle), [recall, prerank, rank], train);
    }
}
