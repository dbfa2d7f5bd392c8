using Facto.Data;
using Facto.Numerics;

namespace Facto.Tests.Training;

/// <summary>Small worlds with planted structure for training tests.</summary>
internal static class TrainingData
{
    /// <summary>Flat, one active feature per field, value 1; labels from planted factors plus noise (0/1 when binary).</summary>
    public static Dataset OneHot(int examples, bool binary = false, bool weighted = false, ulong seed = 1, int[]? fieldSizes = null)
    {
        fieldSizes ??= [12, 9, 4];
        var random = new SeededRandom(seed);
        var rows = new SparseRowsBuilder();
        var labels = new float[examples];
        for (int i = 0; i < examples; i++)
        {
            int offset = 0;
            double score = 0;
            foreach (int size in fieldSizes)
            {
                int value = random.NextInt(size);
                rows.Add(offset + value);
                score += Math.Sin(1.7 * (offset + value));
                offset += size;
            }

            labels[i] = Label(score, binary, ref random);
            rows.EndRow();
        }

        return new Dataset(
            Schema(fieldSizes, null),
            new Interactions { Labels = new NativeBlock<float>(labels), Weights = Weights(examples, weighted, ref random) },
            contexts: rows.Build());
    }

    /// <summary>Users, items and contexts with bags of fractional values; fields differ in their L2.</summary>
    public static Dataset TwoSided(int examples, bool binary = false, bool weighted = false, ulong seed = 1)
    {
        var random = new SeededRandom(seed, 7);
        int[] sizes = [10, 6, 8, 3];   // user id, user bag, item id, context number
        FeatureSchema schema = Schema(sizes, [0.01f, 0.03f, 0.002f, 0f]);
        var users = new SparseRowsBuilder();
        for (int u = 0; u < 10; u++)
        {
            users.Add(u);
            int bag = random.NextInt(4);
            for (int b = 0; b < bag; b++) { users.Add(10 + ((u + b) % 6), 1f / bag); }
            users.EndRow();
        }

        var items = new SparseRowsBuilder();
        for (int i = 0; i < 8; i++)
        {
            items.Add(16 + i);
            items.EndRow();
        }

        var contexts = new SparseRowsBuilder();
        int[] userOf = new int[examples], itemOf = new int[examples];
        var labels = new float[examples];
        for (int i = 0; i < examples; i++)
        {
            (userOf[i], itemOf[i]) = (random.NextInt(10), random.NextInt(8));
            contexts.Add(24 + random.NextInt(3), random.NextFloat() - 0.3f);
            contexts.EndRow();
            labels[i] = Label(Math.Sin(userOf[i] * 1.3) + Math.Cos(itemOf[i] * 2.1), binary, ref random);
        }

        var interactions = new Interactions
        {
            Users = new NativeBlock<int>(userOf),
            Items = new NativeBlock<int>(itemOf),
            Labels = new NativeBlock<float>(labels),
            Weights = Weights(examples, weighted, ref random),
        };
        return new Dataset(schema, interactions, users.Build(), items.Build(), contexts.Build());
    }

    public static FeatureSchema Schema(int[] fieldSizes, float[]? regularization) =>
        new(fieldSizes.Select((size, f) => new Field
        {
            Count = size,
            Spec = new FieldSpec
            {
                Name = $"f{f}",
                Side = FieldSide.Context,
                RegularizationLinear = regularization?[f],
                RegularizationFactors = regularization?[f] * 2
            },
        }));

    /// <summary>All features of an example with their values.</summary>
    public static List<(int Feature, float Value)> Features(Dataset data, int example)
    {
        var all = new List<(int, float)>();
        if (data.Users is not null) { Append(data.Users[data.Interactions.Users![example]]); }
        if (data.Items is not null) { Append(data.Items[data.Interactions.Items![example]]); }
        if (data.Contexts is not null) { Append(data.Contexts[data.ContextRow(example)]); }
        return all;

        void Append(SparseRow row)
        {
            for (int i = 0; i < row.Count; i++) { all.Add((row.Features[i], row.Value(i))); }
        }
    }

    private static float Label(double score, bool binary, ref SeededRandom random) =>
        binary ? (score + random.NextNormal() > 0.2 ? 1f : 0f) : (float)(3 + score + (0.3 * random.NextNormal()));

    private static NativeBlock<float>? Weights(int examples, bool weighted, ref SeededRandom random)
    {
        if (!weighted) { return null; }
        var weights = new NativeBlock<float>(examples);
        for (int i = 0; i < examples; i++) { weights[i] = 0.5f + random.NextFloat(); }
        return weights;
    }
}
