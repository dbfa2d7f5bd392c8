using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;

namespace Facto.Training.Family;

/// <summary>
/// Fits a trained family model to a newer schema, as <see cref="ModelGrowth"/> does for the FM: what both know is matched by field name and
/// value and keeps its numbers, bit for bit, so old examples keep their scores; new features start as in a fresh run, and what meets a new
/// field starts as in an FM.
/// </summary>
internal static class FamilyGrowth
{
    private const ulong Stream = 0x67726f78;

    /// <summary>The old model's numbers over the new schema.</summary>
    public static FamilyModel Fit(FamilyModel old, FeatureSchema schema, float standardDeviation, ulong seed)
    {
        FamilyShape shape = old.Shape;
        var store = new FamilyStore(schema.FeatureCount, shape.Columns(schema), shape.CouplingLength(schema)) { Bias = old.Numbers.Bias };
        int[] source = ModelGrowth.Match(old.Schema, schema);
        int[] fieldSource = [.. schema.Fields.Select(f => Position(old.Schema, f.Spec.Name))];
        var random = new SeededRandom(seed, Stream);
        float range = standardDeviation * MathF.Sqrt(12), shift = shape.Family == ModelFamily.Ffm ? 0 : 0.5f;
        for (int i = 0; i < source.Length; i++)
        {
            Span<float> row = store.Row(i);
            if (source[i] < 0 || shape.Family == ModelFamily.Ffm)
            {
                foreach (ref float v in row) { v = range * (random.NextFloat() - shift); }
            }

            if (source[i] < 0) { continue; }
            store.Weight(i) = old.Numbers.Weight(source[i]);
            CopyRow(shape, old.Numbers.Row(source[i]), row, fieldSource);
        }

        CopyCouplings(old, store, fieldSource);
        return FamilyModel.Create(shape, schema, old.Task, store, old.MinLabel, old.MaxLabel);
    }

    private static void CopyRow(FamilyShape shape, ReadOnlySpan<float> old, Span<float> row, int[] fieldSource)
    {
        if (shape.Family != ModelFamily.Ffm)
        {
            old.CopyTo(row);
            return;
        }

        int k = shape.FactorCount;
        for (int f = 0; f < fieldSource.Length; f++)
        {
            if (fieldSource[f] >= 0) { old.Slice(fieldSource[f] * k, k).CopyTo(row.Slice(f * k, k)); }
        }
    }

    private static void CopyCouplings(FamilyModel old, FamilyStore store, int[] fieldSource)
    {
        FamilyShape shape = old.Shape;
        if (shape.CouplingWidth == 0) { return; }
        var before = new FieldCoupling(shape, old.Schema.Fields.Count, old.Numbers.Coupling);
        var now = new FieldCoupling(shape, fieldSource.Length, store.Coupling);
        for (int f = 0; f < fieldSource.Length; f++)
        {
            for (int g = f; g < fieldSource.Length; g++)
            {
                (int a, int b) = (fieldSource[f], fieldSource[g]);
                Span<float> target = now.Of(f, g);
                if (a < 0 || b < 0) { now.SetIdentity(target); }
                else if (a <= b) { before.Of(a, b).CopyTo(target); }
                else { now.SetTransposed(before.Of(b, a), target); }
            }
        }
    }

    private static int Position(FeatureSchema schema, string name)
    {
        for (int f = 0; f < schema.Fields.Count; f++)
        {
            if (schema.Fields[f].Spec.Name == name) { return f; }
        }

        return -1;
    }
}
