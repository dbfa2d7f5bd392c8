using Facto.Data;
using Facto.Numerics;

namespace Facto.Tests.Training.WholeCatalogue;

/// <summary>Small random data for the whole-catalogue tests.</summary>
internal static class CatalogueData
{
    /// <summary>13 users × 11 items with ids only; the last item and some users are in no positive pair.</summary>
    public static Dataset Ids(ulong seed, bool weighted = true)
    {
        var random = new SeededRandom(seed);
        FeatureSchema schema = new([Field("user", FieldSide.User, 13), Field("item", FieldSide.Item, 11)]);
        return new Dataset(schema, Pairs(ref random, 13, 10, 60, null, weighted), OneHot(13, 0), OneHot(11, 13));
    }

    /// <summary>Ids and other fields on all three sides, with values that are not 1 and labels of 0 among the rest.</summary>
    public static Dataset WithFeatures(ulong seed)
    {
        var random = new SeededRandom(seed);
        FeatureSchema schema = new(
        [
            Field("user", FieldSide.User, 9), Field("city", FieldSide.User, 3), Field("liked", FieldSide.User, 6),
                Field("age", FieldSide.User, 1),
            Field("hour", FieldSide.Context, 3), Field("load", FieldSide.Context, 1),
            Field("item", FieldSide.Item, 10), Field("genre", FieldSide.Item, 4),
        ]);
        var users = new SparseRowsBuilder();
        for (int u = 0; u < 9; u++)
        {
            users.Add(u);
            users.Add(9 + random.NextInt(3));
            int bag = random.NextInt(4), first = random.NextInt(3);
            for (int i = 0; i < bag; i++) { users.Add(12 + first + i, 1f / bag); }
            users.Add(18, (float)random.NextNormal());
            users.EndRow();
        }

        var contexts = new SparseRowsBuilder();
        for (int c = 0; c < 5; c++)
        {
            contexts.Add(19 + random.NextInt(3));
            contexts.Add(22, 0.5f + random.NextFloat());
            contexts.EndRow();
        }

        var items = new SparseRowsBuilder();
        for (int t = 0; t < 10; t++)
        {
            items.Add(23 + t);
            int genre = random.NextInt(3);
            items.Add(33 + genre, 0.7f);
            if (t % 2 == 0) { items.Add(34 + genre, 0.7f); }
            items.EndRow();
        }

        return new Dataset(schema, Pairs(ref random, 9, 9, 50, 5, weighted: true), users.Build(), items.Build(), contexts.Build());
    }

    /// <summary>User u likes item t when u and t are both even or both odd; the pairs u = t are withheld.</summary>
    public static Dataset Checkerboard(int size)
    {
        var pairs = new List<(int U, int T)>();
        for (int u = 0; u < size; u++)
        {
            for (int t = u % 2; t < size; t += 2)
            {
                if (t != u) { pairs.Add((u, t)); }
            }
        }

        FeatureSchema schema = new([Field("user", FieldSide.User, size), Field("item", FieldSide.Item, size)]);
        var interactions = new Interactions
        {
            Users = new NativeBlock<int>([.. pairs.Select(p => p.U)]),
            Items = new NativeBlock<int>([.. pairs.Select(p => p.T)]),
            Labels = new NativeBlock<float>([.. pairs.Select(_ => 1f)]),
        };
        return new Dataset(schema, interactions, OneHot(size, 0), OneHot(size, size));
    }

    public static Dataset Flat() => new(
        FeatureSchema.Flat(3), new Interactions { Labels = new NativeBlock<float>([1f]) },
            contexts: new SparseRows(1, null, new NativeBlock<int>([0]), null));

    private static Interactions Pairs(ref SeededRandom random, int users, int items, int count, int? contexts, bool weighted)
    {
        var u = new NativeBlock<int>((long)count);
        var t = new NativeBlock<int>((long)count);
        var c = new NativeBlock<int>((long)count);
        var label = new NativeBlock<float>((long)count);
        var weight = new NativeBlock<float>((long)count);
        for (int i = 0; i < count; i++)
        {
            (u[i], t[i], c[i]) = (random.NextInt(users), random.NextInt(items), random.NextInt(contexts ?? 1));
            label[i] = i % 7 == 3 ? 0 : weighted && i % 3 == 0 ? 2 : 1;
            weight[i] = 0.5f + random.NextFloat();
        }

        return new Interactions
        {
            Users = u,
            Items = t,
            Contexts = contexts is null
            ? null
            : c,
            Labels = label,
            Weights = weighted ? weight : null
        };
    }

    private static Field Field(string name, FieldSide side, int count) =>
        new() { Spec = new FieldSpec { Name = name, Side = side }, Count = count };

    private static SparseRows OneHot(int rows, int first) =>
        new(rows, null, new NativeBlock<int>([.. Enumerable.Range(first, rows)]), null);
}
