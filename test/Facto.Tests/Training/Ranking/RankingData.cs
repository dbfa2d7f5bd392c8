using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training;

namespace Facto.Tests.Training.Ranking;

/// <summary>Small two-sided data whose right ranking is known.</summary>
internal static class RankingData
{
    /// <summary>
    /// Users like the items of their own colour: of each colour's items a user has most in training and the rest in test.
    /// </summary>
    public static (Dataset Train, Dataset Test) Checkerboard(int users = 60, int items = 40, ulong seed = 1)
    {
        var random = new SeededRandom(seed);
        List<(int, int)> train = [], test = [];
        for (int u = 0; u < users; u++)
        {
            for (int i = 0; i < items; i++)
            {
                if (u % 2 == i % 2) { (random.NextInt(4) == 0 ? test : train).Add((u, i)); }
            }
        }

        return (Ids(users, items, train), Ids(users, items, test));
    }

    /// <summary>One-hot users and items.</summary>
    public static Dataset Ids(int users, int items, IReadOnlyList<(int User, int Item)> pairs)
    {
        FeatureSchema schema = new([Field("user", FieldSide.User, users), Field("item", FieldSide.Item, items)]);
        return new Dataset(schema, Pairs(pairs), OneHot(users, 0), OneHot(items, users));
    }

    /// <summary>
    /// Everything at once: users with an id and a bag of items that uses the items' own features (values 1/√n), a context per interaction,
    /// items with an id and genres with values; weights on the interactions; repeated queries and queries with several positives.
    /// </summary>
    public static Dataset Rich(ulong seed = 3, int users = 5, int items = 9)
    {
        const int Hours = 3, Genres = 4;
        var random = new SeededRandom(seed);
        FeatureSchema schema = new(
            [Field("user", FieldSide.User, users), Field("hour", FieldSide.Context, Hours), Field("item", FieldSide.Item, items),
                Field("genre", FieldSide.Item, Genres)]);
        int hourAt = users, itemAt = users + Hours, genreAt = itemAt + items;
        var userRows = new SparseRowsBuilder();
        for (int u = 0; u < users; u++)
        {
            userRows.Add(u);
            int length = random.NextInt(4);
            for (int b = 0; b < length; b++) { userRows.Add(itemAt + ((u + (2 * b)) % items), 1 / MathF.Sqrt(length)); }
            userRows.EndRow();
        }

        var itemRows = new SparseRowsBuilder();
        for (int i = 0; i < items; i++)
        {
            itemRows.Add(itemAt + i);
            if (i % 3 > 0) { itemRows.Add(genreAt + (i % Genres), 0.5f); }
            if (i % 3 > 1) { itemRows.Add(genreAt + ((i + 1) % Genres), 2f); }
            itemRows.EndRow();
        }

        var contexts = new SparseRowsBuilder();
        for (int h = 0; h < Hours; h++)
        {
            contexts.Add(hourAt + h);
            contexts.EndRow();
        }

        int count = 3 * users;
        var interactions = new Interactions
        {
            Users = new NativeBlock<int>((long)count),
            Items = new NativeBlock<int>((long)count),
            Contexts = new NativeBlock<int>((long)count),
            Labels = new NativeBlock<float>((long)count),
            Weights = new NativeBlock<float>((long)count),
        };
        for (int e = 0; e < count; e++)
        {
            (interactions.Users[e], interactions.Items[e], interactions.Contexts[e]) = (e % users, (5 * e) % items, e % 2);
            (interactions.Labels[e], interactions.Weights[e]) = (e % 7 == 6 ? 0 : 1, 0.5f + (e % 3));
        }

        return new Dataset(schema, interactions, userRows.Build(), itemRows.Build(), contexts.Build());
    }

    /// <summary>A model of normal parameters over the data's schema.</summary>
    public static FmModel RandomModel(Dataset data, Similarity similarity, int factors, ulong seed = 11)
    {
        var random = new SeededRandom(seed);
        var model = new FmModel(data.Schema, LearningTask.Ranking, factors) { Similarity = similarity };
        for (int i = 0; i < data.Schema.FeatureCount; i++)
        {
            model.Linear[i] = 0.3f * (float)random.NextNormal();
            foreach (ref float v in model.Factors.Row(i)) { v = 0.5f * (float)random.NextNormal(); }
        }

        return model;
    }

    public static TrainOptions Options(string solver, params (string Name, double Value)[] extra) => new()
    {
        Task = LearningTask.Ranking,
        Solver = solver,
        Factors = 8,
        Epochs = 20,
        Patience = 0,
        Extra = extra.ToDictionary(e => e.Name, e => e.Value),
    };

    private static Field Field(string name, FieldSide side, int count) =>
        new() { Spec = new FieldSpec { Name = name, Side = side }, Count = count };

    private static SparseRows OneHot(int count, int first)
    {
        var rows = new SparseRowsBuilder();
        for (int r = 0; r < count; r++)
        {
            rows.Add(first + r);
            rows.EndRow();
        }

        return rows.Build();
    }

    private static Interactions Pairs(IReadOnlyList<(int User, int Item)> pairs)
    {
        var labels = new NativeBlock<float>((long)pairs.Count);
        labels.Span.Fill(1);
        return new Interactions
        {
            Users = new NativeBlock<int>(pairs.Select(p => p.User).ToArray()),
            Items = new NativeBlock<int>(pairs.Select(p => p.Item).ToArray()),
            Labels = labels,
        };
    }
}
