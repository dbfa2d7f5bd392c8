using Facto.Data;
using Facto.Import;
using Facto.Models;
using Facto.Serving;
using Facto.Training;

namespace Facto.Tests.Serving;

/// <summary>
/// Half of the users like even items, half odd ones; some users are held out with the older part of what they did as their history.
/// </summary>
public sealed class HistoryRequestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, "softmax")]
    [InlineData(false, "softmax")]
    [InlineData(false, "icd")]
    public void A_new_user_gets_personal_items_from_the_stored_or_the_requests_history_without_retraining(bool tied, string solver)
    {
        ProjectFile project = Project(tied);
        Dictionary<string, Dataset> parts = ProjectImporter.Read(project, null, default).Parts;
        Dataset train = parts["train"], test = parts["test"], history = parts["history"];
        Assert.Empty(train.Interactions.Users!.Span.ToArray().Intersect(test.Interactions.Users!.Span.ToArray()));
        var options =
            new TrainOptions
            {
                Task = LearningTask.Ranking,
                Solver = solver,
                Factors = 8,
                Epochs = 15,
                Extra = solver == "icd"
                ? new Dictionary<string, double> { ["unobserved-weight"] = 0.02 }
                : new Dictionary<string, double>()
            };
        ISeparableModel model = Trainer.Train(new TrainingJob(train, options, parts["validation"])).Model;
        var manifest = new BundleManifest { Version = "v1", DataFingerprint = DatasetFingerprint.Of(train) };
        Interactions known = SeenLog.Of(new Dictionary<string, Dataset> { ["train"] = train, ["history"] = history });
        var recommender = new Recommender(BundleFolder.Write(_folder.File("bundles"), manifest, model, train, null, 1, seen: known));

        foreach (int user in test.Interactions.Users.Span.ToArray().Distinct())
        {
            string id = train.UserIds![user];
            int parity = int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture) % 2;
            string[] had = [
                .. Enumerable.Range(0, history.Count).Where(i => history.Interactions.Users![i] == user)
                .Select(i => train.ItemIds![history.Interactions.Items![i]])];
            RecommendationResponse stored = recommender.Recommend(new RecommendationRequest { User = id, Count = 3 });
            Assert.All(stored.Items, i => Assert.Equal(parity, Number(i) % 2));
            Assert.Empty(stored.Items.Select(i => i.Id).Intersect(had));
            // The same history in the request, by nobody known: the same list. Another one in its place: the other half's items.
            RecommendationResponse same = recommender.Recommend(new RecommendationRequest { User = "nobody", History = had, Count = 3 });
            Assert.Equal(stored.Items.Select(i => i.Id), same.Items.Select(i => i.Id));
            string[] opposite = [.. Enumerable.Range(0, 6).Select(i => $"i{(2 * i) + 1 - parity}")];
            Assert.All(
                recommender.Recommend(new RecommendationRequest { User = id, History = opposite, Count = 3 }).Items, i =>
                Assert.Equal(1 - parity, Number(i) % 2));
        }
    }

    private static int Number(Recommendation item) => int.Parse(item.Id[1..], System.Globalization.CultureInfo.InvariantCulture);

    private ProjectFile Project(bool tied)
    {
        var random = new Facto.Numerics.SeededRandom(9);
        var log = new System.Text.StringBuilder("user,item,time\n");
        for (int u = 0; u < 80; u++)
        {
            for (int i = 0; i < 10; i++)
            {
                log.Append(System.Globalization.CultureInfo.InvariantCulture, $"u{u},i{(2 * random.NextInt(20)) + (u % 2)},{i}\n");
            }
        }

        File.WriteAllText(_folder.File("log.csv"), log.ToString());
        File.WriteAllText(_folder.File("facto.json"), $$"""
            { "interactions": { "path": "log.csv", "user": "user", "item": "item", "time": "time" },
              "fields": [ { "name": "history", "side": "user", "kind": "bag", "pooling": "sqrt", "tied": {{(tied ? "true" : "false")}} }, { "name": "item", "side": "item" } ],
              "split": { "kind": "users", "test": 0.2, "validation": 0.1, "history": 0.7 } }
            """);
        return ProjectFile.Load(_folder.Path);
    }
}
