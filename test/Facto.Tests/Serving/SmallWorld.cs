using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Tests.Serving;

/// <summary>Twelve users with an age, thirty items with genres and titles, an hour as context, a random FM over all of it.</summary>
internal static class SmallWorld
{
    public const int Users = 12, Items = 30;

    public static readonly string[] Genres = ["Action", "Comedy", "Drama", "Sci-Fi"];

    public static (FmModel Model, Dataset Train) Create(ulong seed, int factors = 5, LearningTask task = LearningTask.Binary)
    {
        var random = new SeededRandom(seed);
        string[] users = [.. Enumerable.Range(0, Users).Select(i => $"u{i}")], items = [.. Enumerable.Range(0, Items).Select(i => $"i{i}")];
        var schema = new FeatureSchema(
        [
            Named("user", FieldSide.User, users), Named("age", FieldSide.User, ["young", "old"]),
            new Field { Spec = new FieldSpec { Name = "history", Side = FieldSide.User, Kind = FieldKind.Bag, Pooling = Pooling.Sqrt },
                Count = Items, Vocabulary = new Vocabulary(items) },
            Named("hour", FieldSide.Context, ["day", "night"]), Named("item", FieldSide.Item, items),
                Named("genre", FieldSide.Item, Genres),
        ]);
        var encoder = new FeatureEncoder(schema);
        SparseRows userRows = Rows(Users, (u, row) =>
        {
            encoder.Encode(0, users[u], row);
            encoder.Encode(1, u % 2 == 0 ? "young" : "old", row);
        });
        SparseRows itemRows = Rows(Items, (i, row) =>
        {
            encoder.Encode(4, items[i], row);
            encoder.Encode(5, Genres[i % 4], row);
        });
        (int User, int Item)[] log = [.. Enumerable.Range(0, 80).Select(_ => (random.NextInt(Users), random.NextInt(Items)))];
        var train = new Dataset(schema, new Interactions
        {
            Users = new NativeBlock<int>(Array.ConvertAll(log, l => l.User)),
            Items = new NativeBlock<int>(Array.ConvertAll(log, l => l.Item)),
            Labels = new NativeBlock<float>(Array.ConvertAll(log, _ => 1f)),
        }, userRows, itemRows)
        {
            UserIds = new Vocabulary(users),
            ItemIds = new Vocabulary(items),
            ItemTitles = new TextColumn(items.Select(i => $"Title of {i}")),
        };
        var model = new FmModel(schema, task, factors) { Bias = (float)random.NextNormal(), MinLabel = 1, MaxLabel = 5 };
        for (int f = 0; f < schema.FeatureCount; f++)
        {
            model.Linear[f] = (float)random.NextNormal();
            foreach (ref float v in model.Factors.Row(f)) { v = (float)random.NextNormal(); }
        }

        return (model, train);
    }

    private static Field Named(string name, FieldSide side, string[] values) =>
        new() { Spec = new FieldSpec { Name = name, Side = side }, Count = values.Length, Vocabulary = new Vocabulary(values) };

    private static SparseRows Rows(int count, Action<int, FeatureBuffer> fill)
    {
        var builder = new SparseRowsBuilder();
        var buffer = new FeatureBuffer();
        for (int i = 0; i < count; i++)
        {
            buffer.Clear();
            fill(i, buffer);
            builder.AddRow(buffer.Row);
        }

        return builder.Build();
    }
}
