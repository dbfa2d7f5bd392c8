using System.Globalization;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training;

/// <summary>
/// Fits a trained model to a newer schema: what both know is matched by field name and vocabulary value and keeps its parameters; new
/// users, items and features start as in a fresh run.
/// </summary>
internal static class ModelGrowth
{
    /// <summary>
    /// Standard deviation of the factors of new features when the options name none: that of a fresh run of the SGD family.
    /// </summary>
    internal const float NewDeviation = 0.01f;

    private const ulong Stream = 0x67726f77;

    /// <summary>The old model's parameters over the new schema.</summary>
    /// <param name="old">A trained model.</param>
    /// <param name="schema">The fields of the data to go on with.</param>
    /// <param name="standardDeviation">Of the factors of new features, ≥ 0.</param>
    /// <param name="seed">Start of their random sequence.</param>
    public static FmModel Fit(FmModel old, FeatureSchema schema, float standardDeviation, ulong seed)
    {
        var model = new FmModel(
            schema, old.Task, old.FactorCount)
        {
            Bias = old.Bias,
            MinLabel = old.MinLabel,
            MaxLabel = old.MaxLabel,
            Similarity = old.Similarity
        };
        int[] source = Match(old.Schema, schema);
        float range = standardDeviation * MathF.Sqrt(12);
        var random = new SeededRandom(seed, Stream);
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] >= 0)
            {
                model.Linear[i] = old.Linear[source[i]];
                old.Factors.Row(source[i]).CopyTo(model.Factors.Row(i));
                continue;
            }

            foreach (ref float v in model.Factors.Row(i)) { v = range * (random.NextFloat() - 0.5f); }
        }

        return model;
    }

    /// <summary>The old feature of each new one, −1 for what the old schema does not have.</summary>
    /// <remarks>A field without vocabulary (numeric, hashed, unnamed) is matched number by number; hashed and bucketed fields only when
    /// their shape is the same.</remarks>
    internal static int[] Match(FeatureSchema old, FeatureSchema schema)
    {
        int[] source = new int[schema.FeatureCount];
        Array.Fill(source, -1);
        foreach (Field field in schema.Fields)
        {
            if (old.Find(field.Spec.Name) is not { } before) { continue; }
            bool numbered = field.Vocabulary is not null && before.Vocabulary is null && field.Spec.Kind == FieldKind.Categorical
                && before is { Edges: null, Spec.Kind: FieldKind.Categorical };
            if (numbered) { MatchNumbers(field, before, source); }
            bool sameShape = field.Spec.Kind is FieldKind.Hashed || field.Edges is not null || before.Edges is not null
                ? field.Count == before.Count && (field.Edges ?? []).AsSpan().SequenceEqual(before.Edges ?? [])
                : (field.Vocabulary is null) == (before.Vocabulary is null);
            if (!sameShape) { continue; }
            for (int value = 0; value < field.Count; value++)
            {
                int there = field.Vocabulary is { } vocabulary && value < vocabulary.Count ? before.Vocabulary!.IndexOf(vocabulary[value])
                    : value < before.Count && field.Vocabulary is null ? value : -1;
                if (there >= 0) { source[field.Offset + value] = before.Offset + there; }
            }
        }

        return source;
    }

    // Rows of numbered features: a field that had its numbers side by side has got a vocabulary of them when it grew.
    private static void MatchNumbers(Field field, Field before, int[] source)
    {
        for (int value = 0; value < field.Count; value++)
        {
            if (!int.TryParse(field.Vocabulary![value], NumberStyles.None, CultureInfo.InvariantCulture, out int number)) { continue; }
            if (number >= before.Offset && number < before.Offset + before.Count) { source[field.Offset + value] = number; }
        }
    }
}
