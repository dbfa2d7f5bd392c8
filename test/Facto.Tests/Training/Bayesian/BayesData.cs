using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Tests.Training.Bayesian;

/// <summary>Small datasets of every shape that the block solvers know, with labels from a planted model plus noise.</summary>
internal static class BayesData
{
    /// <summary>User id, gender | item id, genres (1/m) | optional day and a multi-valued tag per interaction.</summary>
    public static Dataset TwoSided(
        ulong seed, int users = 12, int items = 9, int examples = 90, bool contexts = false, bool weights = false, Func<double,
        float>? label = null)
    {
        var random = new SeededRandom(seed);
        (string Name, FieldSide Side, int Count)[] fields =
        [
            ("user", FieldSide.User, users), ("gender", FieldSide.User, 2), ("item", FieldSide.Item, items), ("genre", FieldSide.Item, 4),
            .. contexts ? new[] { ("day", FieldSide.Context, 5), ("tag", FieldSide.Context, 3) } : [],
        ];
        var schema =
            new FeatureSchema(fields.Select(f => new Field { Spec = new FieldSpec { Name = f.Name, Side = f.Side }, Count = f.Count }));
        SparseRowsBuilder userRows = new(), itemRows = new(), contextRows = new();
        for (int u = 0; u < users; u++) { Row(userRows, (u, 1), (users + random.NextInt(2), 1)); }
        for (int i = 0; i < items; i++)
        {
            int first = random.NextInt(4), second = (first + 1 + random.NextInt(3)) % 4, genre = users + 2 + items;
            if (random.NextInt(2) == 0) { Row(itemRows, (users + 2 + i, 1), (genre + first, 1)); }
            else { Row(itemRows, (users + 2 + i, 1), (genre + first, 0.5f), (genre + second, 0.5f)); }
        }

        int day = users + 2 + items + 4;
        for (int c = 0; contexts && c < 20; c++)
        {
            if (random.NextInt(3) == 0) { Row(contextRows, (day + random.NextInt(5), 1)); }
            else { Row(contextRows, (day + random.NextInt(5), 1), (day + 5, 0.7f), (day + 5 + 1 + random.NextInt(2), 1.3f)); }
        }

        var interactions = new Interactions
        {
            Users = Column(examples, ref random, users),
            Items = Column(examples, ref random, items),
            Contexts = contexts ? Column(examples, ref random, 20) : null,
            Labels = new NativeBlock<float>(examples),
            Weights = weights ? Weights(examples, ref random) : null,
        };
        var data = new Dataset(schema, interactions, userRows.Build(), itemRows.Build(), contexts ? contextRows.Build() : null);
        return Labelled(data, ref random, label ?? (static score => (float)score));
    }

    /// <summary>The same examples with all features in one context row each.</summary>
    public static Dataset Flat(Dataset data)
    {
        var rows = new SparseRowsBuilder();
        for (int t = 0; t < data.Count; t++)
        {
            foreach ((int feature, float value) in Active(data, t)) { rows.Add(feature, value); }
            rows.EndRow();
        }

        return new Dataset(
            data.Schema, new Interactions { Labels = data.Interactions.Labels, Weights = data.Interactions.Weights },
            contexts: rows.Build());
    }

    /// <summary>Only the user and the item id of each example.</summary>
    public static Dataset IdsOnly(Dataset data)
    {
        var schema = new FeatureSchema(data.Schema.Fields.Where(f => f.Spec.Name is "user" or "item"));
        int users = schema.Fields[0].Count, items = schema.Fields[1].Count;
        SparseRowsBuilder userRows = new(), itemRows = new();
        for (int u = 0; u < users; u++) { Row(userRows, (u, 1)); }
        for (int i = 0; i < items; i++) { Row(itemRows, (users + i, 1)); }
        return new Dataset(schema, data.Interactions, userRows.Build(), itemRows.Build());
    }

    /// <summary>Flat, and nobody knows the fields.</summary>
    public static Dataset Bare(Dataset data)
    {
        Dataset flat = data.IsFlat ? data : Flat(data);
        return new Dataset(FeatureSchema.Flat(data.Schema.FeatureCount), flat.Interactions, contexts: flat.Contexts);
    }

    public static List<(int Feature, float Value)> Active(Dataset data, int t)
    {
        var active = new List<(int, float)>();
        Add(data.Users, data.Interactions.Users?[t] ?? -1);
        Add(data.Contexts, data.ContextRow(t));
        Add(data.Items, data.Interactions.Items?[t] ?? -1);
        return active;

        void Add(SparseRows? table, int row)
        {
            if (table is null || row < 0) { return; }
            SparseRow r = table[row];
            for (int i = 0; i < r.Count; i++) { active.Add((r.Features[i], r.Value(i))); }
        }
    }

    private static Dataset Labelled(Dataset data, ref SeededRandom random, Func<double, float> label)
    {
        var planted = new FmModel(data.Schema, LearningTask.Regression, 2);
        for (int l = 0; l < data.Schema.FeatureCount; l++)
        {
            planted.Linear[l] = (float)(0.5 * random.NextNormal());
            foreach (ref float v in planted.Factors.Row(l)) { v = (float)(0.6 * random.NextNormal()); }
        }

        for (int t = 0; t < data.Count; t++)
        {
            data.Interactions.Labels[t] = label(Oracles.NaiveFm.Score(planted, Active(data, t)) + (0.5 * random.NextNormal()));
        }
        return data;
    }

    private static void Row(SparseRowsBuilder rows, params (int Feature, float Value)[] features)
    {
        foreach ((int feature, float value) in features) { rows.Add(feature, value); }
        rows.EndRow();
    }

    private static NativeBlock<int> Column(int count, ref SeededRandom random, int bound)
    {
        var column = new NativeBlock<int>(count);
        for (int t = 0; t < count; t++) { column[t] = random.NextInt(bound); }
        return column;
    }

    private static NativeBlock<float> Weights(int count, ref SeededRandom random)
    {
        var column = new NativeBlock<float>(count);
        for (int t = 0; t < count; t++) { column[t] = 0.25f + (2 * random.NextFloat()); }
        return column;
    }
}
