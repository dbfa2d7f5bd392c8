using System.Globalization;
using CsCheck;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Tests.Data;

public class FeatureEncoderTests
{
    private static FieldSpec Spec(string name, FieldKind kind, FieldSide side = FieldSide.User) =>
        new() { Name = name, Kind = kind, Side = side };

    private static Field Fit(FieldSpec spec, params string[] values)
    {
        var fitter = new FieldFitter(spec);
        foreach (string value in values) { fitter.Add(value); }
        return fitter.Fit();
    }

    private static (int Feature, float Value)[] Encode(FeatureSchema schema, string field, string text, out string[] unknown)
    {
        var encoder = new FeatureEncoder(schema);
        var row = new FeatureBuffer();
        encoder.Encode(encoder.FieldIndex(field), text, row);
        unknown = [.. row.Unknown.Select(u => u.Value)];
        SparseRow sparse = row.Row;
        var result = new (int, float)[sparse.Count];
        for (int i = 0; i < result.Length; i++) { result[i] = (sparse.Features[i], sparse.Value(i)); }
        return result;
    }

    [Fact]
    public void Several_values_weigh_as_the_pooling_says_and_unknown_and_repeated_ones_do_not_count()
    {
        Gen.Select(Gen.OneOf(Gen.Const(Pooling.Sum), Gen.Const(Pooling.Mean), Gen.Const(Pooling.Sqrt)), Gen.Int[0, 9].Array[0, 12])
            .Sample((pooling, picks) =>
        {
            FieldSpec spec = Spec("genre", FieldKind.MultiCategorical) with { Pooling = pooling };
            var schema = new FeatureSchema([Fit(Spec("id", FieldKind.Categorical), "a", "b"), Fit(spec, "g0|g1|g2", "g3| g4 ")]);
            (int Feature, float Value)[] row = Encode(schema, "genre", string.Join('|', picks.Select(p => $" g{p}")), out string[] unknown);
            int[] known = [.. picks.Where(p => p < 5).Distinct()];
            float expected = pooling switch { Pooling.Sum => 1f, Pooling.Mean => 1f / known.Length, _ => 1f / MathF.Sqrt(known.Length) };
            Assert.Equal(known.Select(p => 2 + schema.Fields[1].Vocabulary!.IndexOf($"g{p}")), row.Select(r => r.Feature));
            Assert.All(row, r => Assert.Equal(expected, r.Value));
            Assert.Equal(picks.Where(p => p >= 5).Select(p => $"g{p}"), unknown);
        });
    }

    [Fact]
    public void The_vocabulary_holds_values_seen_often_enough_the_most_frequent_first()
    {
        Field field =
            Fit(Spec("city", FieldKind.Categorical) with { MinCount = 2 }, "Rome", "Oslo", "Oslo", "Bern", "Bern", "Oslo", "", "  ");
        Assert.Equal(["Oslo", "Bern"], field.Vocabulary!.Values());
        Assert.Empty(Encode(new FeatureSchema([field]), "city", "Rome", out string[] unknown));
        Assert.Equal(["Rome"], unknown);
        Assert.Empty(Encode(new FeatureSchema([field]), "city", "  ", out unknown));
        Assert.Empty(unknown);
    }

    [Fact]
    public void A_number_falls_into_the_bucket_whose_edges_enclose_it_and_buckets_are_of_equal_weight()
    {
        Gen.Select(Gen.Int[2, 8], Gen.Int[-20, 20].Array[1, 200], Gen.Int[-25, 25]).Sample((buckets, numbers, probe) =>
        {
            Field field = Fit(Spec("age", FieldKind.Numeric) with { Buckets = buckets }, [.. numbers.Select(n => $"{n}")]);
            var schema = new FeatureSchema([field]);
            Assert.True(
                field.Edges!.SequenceEqual(field.Edges!.Distinct().Order()) && field.Count == field.Edges!.Length + 1
                && field.Count <= buckets);
            (int Feature, float Value) one = Assert.Single(Encode(schema, "age", $"{probe}", out _));
            Assert.Equal((field.Edges!.Count(e => e <= probe), 1f), one);
            // No bucket holds more than its share and the one value that fills it over the brim.
            foreach (IGrouping<int, int> bucket in numbers.GroupBy(n => field.Edges!.Count(e => e <= n)))
            {
                int heaviest = bucket.GroupBy(n => n).Max(g => g.Count());
                Assert.True(
                    bucket.Count() - heaviest <= numbers.Length / (double)buckets,
                    $"{bucket.Count()} of {numbers.Length} in one of {buckets}");
            }
        });
    }

    [Fact]
    public void A_standardised_number_has_mean_0_and_deviation_1_over_what_was_fitted()
    {
        Gen.Double[-100, 100].Array[2, 60].Where(v => v.Distinct().Count() > 1).Sample(numbers =>
        {
            string[] texts = [.. numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture))];
            var schema = new FeatureSchema([Fit(Spec("price", FieldKind.Numeric) with { Standardize = true }, texts)]);
            float[] values = [.. texts.Select(t => Assert.Single(Encode(schema, "price", t, out _)).Value)];
            double mean = numbers.Average(), deviation = Math.Sqrt(numbers.Average(n => (n - mean) * (n - mean)));
            if (deviation > 2e-6 * Math.Abs(mean) && deviation > 1e-20)
            {
                Assert.Equal(0, values.Average(), 1e-3);
                Assert.Equal(1, Math.Sqrt(values.Average(v => v * (double)v)), 1e-2);
            }
            else
            {
                // Too little spread to scale up: either side of the fitter's limit the value stays finite and is not blown up.
                Assert.All(values, v => Assert.True(float.IsFinite(v) && MathF.Abs(v) <= 8, $"{v}"));
            }
        }, iter: 50);
        Assert.Empty(Encode(new FeatureSchema([Fit(Spec("price", FieldKind.Numeric), "1")]), "price", "dear", out string[] unknown));
        Assert.Equal(["dear"], unknown);
    }

    [Fact]
    public void A_small_spread_beside_a_large_mean_is_standardised_without_rounding_the_mean()
    {
        string[] texts = ["1000000.0", "1000010.0", "1000020.0"];
        var schema = new FeatureSchema([Fit(Spec("price", FieldKind.Numeric) with { Standardize = true }, texts)]);
        float[] values = [.. texts.Select(t => Assert.Single(Encode(schema, "price", t, out _)).Value)];
        Assert.Equal(-Math.Sqrt(1.5), values[0], 1e-3);
        Assert.Equal(0, values[1], 1e-3);
        Assert.Equal(Math.Sqrt(1.5), values[2], 1e-3);
    }

    [Theory]
    [InlineData(nameof(TimePart.Year), "1997")]
    [InlineData(nameof(TimePart.Month), "1997-12")]
    [InlineData(nameof(TimePart.Day), "1997-12-04")]
    [InlineData(nameof(TimePart.Weekday), "Thursday")]
    [InlineData(nameof(TimePart.Hour), "15")]
    public void A_part_of_a_time_is_the_same_feature_however_the_time_is_spelt(string partName, string value)
    {
        TimePart part = Enum.Parse<TimePart>(partName);
        Field field = Fit(Spec("when", FieldKind.Categorical) with { TimePart = part }, "881250949", "0", "no time");
        Assert.Contains(value, field.Vocabulary!.Values());
        Assert.Equal(part == TimePart.Weekday ? 1 : 2, field.Count);   // 1 January 1970 was a Thursday too
        var schema = new FeatureSchema([field]);
        int feature = field.Vocabulary!.IndexOf(value);
        foreach (string text in (string[])["881250949", " 881250949.7 ", "1997-12-04 15:55:49", "1997-12-04T15:55:49Z"])
        {
            Assert.Equal([(feature, 1f)], Encode(schema, "when", text, out _));
        }
        var row = new FeatureBuffer();
        new FeatureEncoder(schema).Encode(0, ["1997-12-04 15:00"], row);
        Assert.Equal([feature], row.Row.Features.ToArray());
        foreach (string text in (string[])["soon", "-99999999999"])
        {
            Assert.Empty(Encode(schema, "when", text, out string[] unknown));
            Assert.Equal([text], unknown);
        }
    }

    [Fact]
    public void Hashed_values_land_where_the_hash_says_and_collisions_add_up()
    {
        var schema = new FeatureSchema([Fit(Spec("tag", FieldKind.Hashed) with { HashBuckets = 3, Pooling = Pooling.Sum })]);
        (int Feature, float Value)[] row = Encode(schema, "tag", "a|b|c|d|é", out _);
        var expected = new[] { "a", "b", "c", "d", "é" }.GroupBy(v => (int)(StableHash.Fnv1a(System.Text.Encoding.UTF8.GetBytes(v)) % 3))
            .Select(g => (g.Key, (float)g.Count()));
        Assert.Equal(expected.OrderBy(e => e.Key), row.OrderBy(r => r.Feature));
    }

    [Fact]
    public void A_bag_keeps_the_most_recent_known_values_and_may_use_the_other_sides_ids()
    {
        Field user = Fit(Spec("user", FieldKind.Categorical), "u"),
            item = Fit(Spec("item", FieldKind.Categorical, FieldSide.Item), "i1", "i2", "i3", "i4");
        FieldSpec own = Spec("history", FieldKind.Bag) with { Recent = 2, Pooling = Pooling.Sqrt };
        var schema = new FeatureSchema([user, item, Fit(own, "i1", "i2", "i3"), Fit(own with { Name = "tied", Tied = true, Recent = 0 })]);
        int first = schema.Fields[2].Offset;
        Assert.Equal(
            [(first + 2, 1 / MathF.Sqrt(2)), (first + 1, 1 / MathF.Sqrt(2))],
            Encode(schema, "history", "i1|i2|i3|i4|i3", out string[] unknown));
        Assert.Equal(["i4"], unknown);
        Assert.Equal([1, 4], Encode(schema, "tied", "i4|i1|i1", out _).Select(r => r.Feature).Order());

        var encoder = new FeatureEncoder(schema);
        var row = new FeatureBuffer();
        encoder.Encode(2, ["i1", "i2", "i3", "i4", "i3"], row);
        Assert.Equal([first + 2, first + 1], row.Row.Features.ToArray());
        Assert.Throws<FactoException>(() => new FeatureEncoder(new FeatureSchema([user, schema.Fields[3]])));
    }

    [Fact]
    public void Encoding_known_values_allocates_nothing()
    {
        var schema = new FeatureSchema(
        [
            Fit(Spec("user", FieldKind.Categorical), "anna", "öde"),
            Fit(Spec("genre", FieldKind.MultiCategorical), "a|b|c"),
            Fit(Spec("age", FieldKind.Numeric) with { Buckets = 3 }, "1", "2", "3"),
            Fit(Spec("tag", FieldKind.Hashed) with { HashBuckets = 9 }),
            Fit(Spec("history", FieldKind.Bag), "x", "y"),
        ]);
        var encoder = new FeatureEncoder(schema);
        var row = new FeatureBuffer();
        string[] history = ["x", "y"];
        Assert.Equal(0, Allocation.Of(Encode, runs: 100));

        void Encode()
        {
            row.Clear();
            encoder.Encode(0, "öde", row);
            encoder.Encode(1, "a|c", row);
            encoder.Encode(2, 2.5, row);
            encoder.Encode(2, "2.5", row);
            encoder.Encode(3, "some|tags|here", row);
            encoder.Encode(4, history, row);
            encoder.Encode(4, "x|y", row);
        }
    }
}
