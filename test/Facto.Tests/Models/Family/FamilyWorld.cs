using CsCheck;
using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Tests.Oracles;

namespace Facto.Tests.Models.Family;

/// <summary>Random models of every member over fields that any side may have, and rows for them.</summary>
internal static class FamilyWorld
{
    public static readonly ModelFamily[] Members = [ModelFamily.Fwfm, ModelFamily.Fvfm, ModelFamily.Fmfm, ModelFamily.Ffm, ModelFamily.Fm3];

    public static readonly Gen<(FamilyShape Shape, (int Size, FieldSide Side)[] Fields, ulong Seed)> Worlds = Gen.Select(
        Gen.Select(Gen.Int[0, 4].Select(m => Members[m]), Gen.Int[0, 20], Gen.Int[0, 5], Gen.Bool),
        Gen.Select(Gen.Int[1, 9], Gen.Int[0, 2].Select(s => (FieldSide)s)).Array[1, 7],
        Gen.ULong).Select((shape, fields, seed) => (Shape(shape.Item1, shape.Item2, shape.Item3, shape.Item4), fields, seed));

    public static FamilyShape Shape(ModelFamily family, int k, int third = 3, bool shared = false) =>
        family != ModelFamily.Fm3 ? new(family, k) : shared ? new(family, k, k, true) : new(family, k, third);

    public static FeatureSchema Schema((int Size, FieldSide Side)[] fields) => new(fields.Select((f, i) => new Field
    {
        Spec = new FieldSpec { Name = $"f{i}", Side = f.Side },
        Count = f.Size,
        Vocabulary = new Vocabulary(Enumerable.Range(0, f.Size).Select(v => $"f{i}v{v}")),
    }));

    public static FamilyModel Model(FamilyShape shape, FeatureSchema schema, ref SeededRandom random,
        LearningTask task = LearningTask.Regression)
    {
        var store = new FamilyStore(schema.FeatureCount, shape.Columns(schema), shape.CouplingLength(schema))
        {
            Bias =
            (float)random.NextNormal()
        };
        for (int i = 0; i < schema.FeatureCount; i++)
        {
            store.Weight(i) = (float)random.NextNormal();
            foreach (ref float v in store.Row(i)) { v = (float)random.NextNormal(); }
        }

        var coupling = new FieldCoupling(shape, schema.Fields.Count, store.Coupling);
        int k = shape.FactorCount, stride = RowMatrix.PaddedLength(k);
        for (int f = 0; shape.CouplingWidth > 0 && f < schema.Fields.Count; f++)
        {
            for (int g = f; g < schema.Fields.Count; g++)
            {
                Span<float> numbers = coupling.Of(f, g);
                for (int p = 0; p < numbers.Length; p++)
                {
                    numbers[p] = shape.Family == ModelFamily.Fwfm || p % stride < k ? (float)random.NextNormal() : 0;
                }
            }
        }

        return FamilyModel.Create(shape, schema, task, store, 1, 5);
    }

    /// <summary>Some features of every field that the side may have, none twice; all ones, or all values.</summary>
    public static SparseRowCopy Row(FeatureSchema schema, FieldSide side, ref SeededRandom random)
    {
        var pairs = new List<(int, float)>();
        bool ones = random.NextInt(2) == 0;
        foreach (Field field in schema.Fields.Where(f => f.Spec.Side == side))
        {
            int count = Math.Min(field.Count, random.NextInt(4)), start = random.NextInt(field.Count);
            for (int i = 0; i < count; i++)
            {
                pairs.Add((field.Offset + ((start + i) % field.Count), ones ? 1f : (float)random.NextNormal()));
            }
        }

        return new SparseRowCopy([.. pairs]);
    }
}
