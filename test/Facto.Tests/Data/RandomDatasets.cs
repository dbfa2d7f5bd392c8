using CsCheck;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Tests.Data;

/// <summary>
/// Small datasets of every shape: one or two sides, contexts shared or per row, with and without values, weights, times, ids.
/// </summary>
internal static class RandomDatasets
{
    public static readonly Gen<Dataset> Any =
        Gen.Select(Gen.ULong, Gen.Int[0, 1023], Gen.Int[0, 40]).Select((seed, shape, rows) => Make(seed, shape, rows));

    public static Dataset Make(ulong seed, int shape, int rowCount)
    {
        var random = new SeededRandom(seed);
        bool Has(int bit) => (shape & (1 << bit)) != 0;
        var words = new Vocabulary(Enumerable.Range(0, 7).Select(i => $"wört {i}"));
        var schema = new FeatureSchema(
        [
            new Field { Spec = new FieldSpec { Name = "user", Side = FieldSide.User }, Count = 7, Vocabulary = words },
            new Field { Spec = new FieldSpec { Name = "price", Side = FieldSide.Item, Kind = FieldKind.Numeric, Buckets = 3 }, Count = 3,
                Edges = [0.5f, float.MaxValue] },
            new Field { Spec = new FieldSpec { Name = "hour", Side = FieldSide.Context }, Count = 5 },
        ]);
        bool sides = Has(0);
        SparseRows? users = sides
            ? Rows(ref random, 6, schema.FeatureCount, Has(1), Has(2))
            : null, items = sides ? Rows(ref random, 4, schema.FeatureCount, Has(3), Has(1)) : null;
        SparseRows? contexts = !sides || Has(4) ? Rows(ref random, Has(5) ? 3 : rowCount, schema.FeatureCount, Has(6), Has(2)) : null;
        var interactions = new Interactions
        {
            Users = sides ? Column(ref random, rowCount, (ref r) => r.NextInt(6)) : null,
            Items = sides ? Column(ref random, rowCount, (ref r) => r.NextInt(4)) : null,
            Contexts = contexts is not null && Has(5) ? Column(ref random, rowCount, (ref r) => r.NextInt(3)) : null,
            Labels = Column(ref random, rowCount, (ref r) => r.NextFloat()),
            Weights = Has(7) ? Column(ref random, rowCount, (ref r) => r.NextFloat() + 0.1f) : null,
            Times = Has(8) ? Column(ref random, rowCount, (ref r) => (long)r.NextInt(1 << 30)) : null,
        };
        return new Dataset(schema, interactions, users, items, contexts)
        {
            UserIds = sides && Has(9) ? new Vocabulary(Enumerable.Range(0, 6).Select(i => $"u{i}")) : null,
            ItemIds = sides ? new Vocabulary(Enumerable.Range(0, 4).Select(i => $"i{i}")) : null,
            ItemTitles = sides && Has(9) ? new TextColumn(["one", null, "three", "four"]) : null,
        };
    }

    private delegate T Draw<T>(ref SeededRandom random);

    private static NativeBlock<T> Column<T>(ref SeededRandom random, int count, Draw<T> draw)
        where T : unmanaged
    {
        var column = new NativeBlock<T>((long)count);
        for (int i = 0; i < count; i++) { column[i] = draw(ref random); }
        return column;
    }

    private static SparseRows Rows(ref SeededRandom random, int count, int featureCount, bool binary, bool equalWidth)
    {
        var rows = new SparseRowsBuilder();
        for (int r = 0; r < count; r++)
        {
            int width = equalWidth ? 3 : random.NextInt(5), start = random.NextInt(featureCount);
            for (int i = 0; i < width; i++) { rows.Add((start + i) % featureCount, binary ? 1f : random.NextFloat()); }
            rows.EndRow();
        }

        return rows.Build();
    }

    public static void AssertSame(Dataset expected, Dataset actual)
    {
        Assert.Equal(
            expected.Schema.Fields.Select(f => (f.Spec, f.Offset, f.Count)), actual.Schema.Fields.Select(f => (f.Spec, f.Offset, f.Count)));
        Assert.Equal(expected.Schema.Fields.Select(f => f.Edges), actual.Schema.Fields.Select(f => f.Edges));
        Assert.Equal(expected.Schema.Fields.Select(f => f.Vocabulary?.Values()), actual.Schema.Fields.Select(f => f.Vocabulary?.Values()));
        AssertSame(expected.Users, actual.Users);
        AssertSame(expected.Items, actual.Items);
        AssertSame(expected.Contexts, actual.Contexts);
        Assert.Equal(expected.UserIds?.Values(), actual.UserIds?.Values());
        Assert.Equal(expected.ItemIds?.Values(), actual.ItemIds?.Values());
        Assert.Equal(
            expected.ItemTitles is { } t ? Enumerable.Range(0, t.Count).Select(i => t[i]) : null,
            actual.ItemTitles is { } s ? Enumerable.Range(0, s.Count).Select(i => s[i]) : null);
        Interactions e = expected.Interactions, a = actual.Interactions;
        Assert.Equal(e.Users?.Span.ToArray(), a.Users?.Span.ToArray());
        Assert.Equal(e.Items?.Span.ToArray(), a.Items?.Span.ToArray());
        Assert.Equal(e.Contexts?.Span.ToArray(), a.Contexts?.Span.ToArray());
        Assert.Equal(e.Labels.Span.ToArray(), a.Labels.Span.ToArray());
        Assert.Equal(e.Weights?.Span.ToArray(), a.Weights?.Span.ToArray());
        Assert.Equal(e.Times?.Span.ToArray(), a.Times?.Span.ToArray());
    }

    public static void AssertSame(SparseRows? expected, SparseRows? actual)
    {
        Assert.Equal(
            (expected?.RowCount, expected?.FixedWidth, expected?.IsBinary), (actual?.RowCount, actual?.FixedWidth, actual?.IsBinary));
        for (int r = 0; r < expected?.RowCount; r++)
        {
            Assert.Equal(expected[r].Features.ToArray(), actual![r].Features.ToArray());
            Assert.Equal(expected[r].Values.ToArray(), actual[r].Values.ToArray());
        }
    }
}
