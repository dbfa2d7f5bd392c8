using Facto.Data;
using Facto.Evaluation;
using Facto.Models;
using Facto.Numerics;
using Facto.Retrieval.Exact;
using Facto.Training;

namespace Facto.Tests.Training.Family;

/// <summary>A world in which only three features together say anything: every user, hour and item has a hidden sign, and the label is the
/// product of the three.</summary>
public class ThirdOrderWorldTests
{
    private const int Users = 40, Hours = 12, Items = 60;

    [Fact]
    public void Pairs_cannot_learn_it_triples_do_and_retrieve_by_one_inner_product()
    {
        (Dataset train, Dataset test) = (World(30_000, 1), World(8_000, 2));
        TrainOptions options = new()
        {
            Task = LearningTask.Binary,
            Factors = 8,
            Epochs = 25,
            Patience = 0,
            LearningRate = 0.1f,
            InitStandardDeviation = 0.3f,
            RegularizationFactors = 0,
            RegularizationLinear = 0
        };
        ISeparableModel pairs = Learn(options), triples = Learn(options with { Family = ModelFamily.Fm3 });
        Assert.InRange(Auc(pairs), 0.45, 0.55);
        Assert.InRange(Auc(triples), 0.95, 1);
        RequireExactRetrieval(triples, train);

        ISeparableModel Learn(TrainOptions how) => Trainer.Train(new TrainingJob(train, how),
            cancellation: TestContext.Current.CancellationToken).Model;

        double Auc(ISeparableModel model)
        {
            var scores = new float[test.Count];
            ModelScorer.Score(model, test, scores, 2);
            return PredictionMetrics.AreaUnderCurve(scores, test.Interactions.Labels.Span).Value;
        }
    }

    private static void RequireExactRetrieval(ISeparableModel model, Dataset data)
    {
        VectorTable vectors = VectorExporter.Items(model, data, VectorRecipe.Match, 1);
        var index = new ExactIndex(vectors.Vectors);
        var query = new float[model.VectorDimension];
        var found = new Scored[10];
        for (int user = 0; user < Users; user++)
        {
            int[] hour = [Users + (user % Hours)];
            float term = model.ProjectUser(data.Users![user], new SparseRow(hour, default), query);
            int count = index.Search(query, default, found);
            Assert.Equal(10, count);
            float[] scores = [.. Enumerable.Range(0, Items).Select(i => model.Score(data.Users[user], new SparseRow(hour, default),
                data.Items![i])).OrderDescending()];
            for (int i = 0; i < count; i++) { Assert.Equal(scores[i], term + found[i].Score, 1e-3 * (1 + Math.Abs(scores[i]))); }
        }
    }

    private static Dataset World(int examples, ulong seed)
    {
        var random = new SeededRandom(seed, 33);
        var schema = new FeatureSchema([Named("user", FieldSide.User, Users), Named("hour", FieldSide.Context, Hours), Named("item",
            FieldSide.Item, Items)]);
        int[] users = new int[examples], items = new int[examples], hours = new int[examples];
        var labels = new float[examples];
        for (int i = 0; i < examples; i++)
        {
            (users[i], hours[i], items[i]) = (random.NextInt(Users), random.NextInt(Hours), random.NextInt(Items));
            labels[i] = Sign(users[i], 1) * Sign(hours[i], 2) * Sign(items[i], 3) > 0 ? 1 : 0;
        }

        var log = new Interactions
        {
            Labels = new NativeBlock<float>(labels),
            Users = new NativeBlock<int>(users),
            Items = new NativeBlock<int>(items),
            Contexts = new NativeBlock<int>(hours)
        };
        return new Dataset(schema, log, Rows(0, Users), Rows(Users + Hours, Items), Rows(Users,
            Hours))
        { UserIds = schema.Find("user")!.Vocabulary, ItemIds = schema.Find("item")!.Vocabulary };
    }

    // Half of the signs are positive, so that no feature and no pair says anything by itself.
    private static int Sign(int value, int field) => (value + (value / 4) + field) % 2 == 0 ? 1 : -1;

    private static Field Named(string name, FieldSide side, int count) => new()
    {
        Spec = new FieldSpec { Name = name, Side = side },
        Count = count,
        Vocabulary = new Vocabulary(Enumerable.Range(0, count).Select(v => $"{name}{v}")),
    };

    private static SparseRows Rows(int offset, int count)
    {
        var rows = new SparseRowsBuilder();
        for (int v = 0; v < count; v++)
        {
            rows.Add(offset + v);
            rows.EndRow();
        }

        return rows.Build();
    }
}
