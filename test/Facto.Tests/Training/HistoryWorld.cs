using Facto.Data;
using Facto.Numerics;

namespace Facto.Tests.Training;

/// <summary>
/// Users whose positives are drawn by chance, as many negatives, and a bag of the positives on each user's row, made by the encoder.
/// </summary>
internal static class HistoryWorld
{
    public static Dataset Create(ulong seed, bool tied, Pooling pooling, bool withContexts, int users = 12, int items = 25)
    {
        var random = new SeededRandom(seed);
        string[] ids = [.. Enumerable.Range(0, items).Select(i => $"i{i}")];
        int[][] chosen = [.. Enumerable.Range(0, users).Select(_ => Draw(items, random.NextInt((items / 2) + 1), ref random))];
        var vocabulary = new Vocabulary([.. ids.Reverse()]);   // another order than the item rows
        var schema = new FeatureSchema(
        [
            new Field { Spec = new FieldSpec { Name = "sex", Side = FieldSide.User }, Count = 2, Vocabulary = new Vocabulary(["f", "m"]) },
            new Field { Spec = new FieldSpec { Name = "history", Side = FieldSide.User, Kind = FieldKind.Bag, Pooling = pooling,
                Tied = tied }, Count = tied ? 0 : items, Vocabulary = tied ? null : vocabulary },
            new Field { Spec = new FieldSpec { Name = "hour", Side = FieldSide.Context }, Count = 3,
                Vocabulary = new Vocabulary(["0", "1", "2"]) },
            new Field { Spec = new FieldSpec { Name = "item", Side = FieldSide.Item }, Count = items, Vocabulary = new Vocabulary(ids) },
        ]);
        var encoder = new FeatureEncoder(schema);
        SparseRowsBuilder userRows = new(), itemRows = new(), hours = new();
        var buffer = new FeatureBuffer();
        for (int u = 0; u < users; u++)
        {
            buffer.Clear();
            encoder.Encode(0, u % 2 == 0 ? "f" : "m", buffer);
            encoder.Encode(1, [.. chosen[u].Select(i => ids[i])], buffer);
            userRows.AddRow(buffer.Row);
        }

        foreach (string id in ids)
        {
            buffer.Clear();
            encoder.Encode(3, id, buffer);
            itemRows.AddRow(buffer.Row);
        }

        for (int h = 0; h < 3; h++) { hours.AddRow(new SparseRow([schema.Find("hour")!.Offset + h], default)); }
        (int User, int Item, float Label)[] log = [
            .. chosen.SelectMany(
                (c, u) =>
                c.Select(i => (u, i, 1f)).Concat(Enumerable.Range(0, items).Except(c).Take(c.Length + 1).Select(i => (u, i, 0f))))];
        random.Shuffle(log.AsSpan());
        int[] hour = [.. log.Select(_ => random.NextInt(3))];
        var interactions = new Interactions
        {
            Users = new NativeBlock<int>(Array.ConvertAll(log, l => l.User)),
            Items = new NativeBlock<int>(Array.ConvertAll(log, l => l.Item)),
            Labels = new NativeBlock<float>(Array.ConvertAll(log, l => l.Label)),
            Contexts = withContexts ? new NativeBlock<int>(hour) : null,
        };
        return new Dataset(schema, interactions, userRows.Build(), itemRows.Build(), withContexts ? hours.Build() : null)
        {
            UserIds = new Vocabulary(Enumerable.Range(0, users).Select(u => $"u{u}")),
            ItemIds = new Vocabulary(ids),
        };
    }

    private static int[] Draw(int items, int count, ref SeededRandom random)
    {
        int[] all = [.. Enumerable.Range(0, items)];
        random.Shuffle(all.AsSpan());
        return all[..count];
    }
}
