using System.Globalization;
using Facto.Numerics;

namespace Facto.Data.Text;

/// <summary>Translates the feature numbers of text rows into a schema that exists already, a trained model's.</summary>
internal static class FlatRows
{
    /// <summary>Replaces the rows whose features are renumbered or unknown; unknown features are left out and counted.</summary>
    public static FeatureSchema MapInto(
        FeatureSchema schema, SparseRows[] parts, IReadOnlyList<NativeBlock<int>> fieldColumns, out long unknown)
    {
        unknown = 0;
        bool renumbered = schema.Fields.Any(f => f.Vocabulary is not null);
        Dictionary<long, int>? numbers = renumbered ? Numbers(schema, withFields: fieldColumns.Count > 0) : null;
        for (int p = 0; p < parts.Length; p++)
        {
            if (numbers is null && !HasHuge(parts[p]) && parts[p].FeatureBound() <= schema.FeatureCount) { continue; }
            parts[p] = Map(parts[p], fieldColumns.Count > 0 ? fieldColumns[p] : null, schema.FeatureCount, numbers, ref unknown);
        }

        return schema;
    }

    // Feature numbers from 2³¹ on are negative until they are mapped.
    private static bool HasHuge(SparseRows rows)
    {
        foreach (int feature in rows.FeatureBlock.Span)
        {
            if (feature < 0) { return true; }
        }

        return false;
    }

    private static SparseRows Map(
        SparseRows rows, NativeBlock<int>? fields, int featureCount, Dictionary<long, int>? numbers, ref long unknown)
    {
        var mapped = new SparseRowsBuilder();
        for (int r = 0; r < rows.RowCount; r++)
        {
            SparseRow row = rows[r];
            long start = rows.Range(r).Start;
            for (int i = 0; i < row.Count; i++)
            {
                int feature = row.Features[i];
                int target = numbers is null ? feature : numbers.GetValueOrDefault(Key(fields?[start + i] ?? 0, feature), -1);
                if (target >= 0 && target < featureCount) { mapped.Add(target, row.Value(i)); }
                else { unknown++; }
            }

            mapped.EndRow();
        }

        return mapped.Build();
    }

    private static Dictionary<long, int> Numbers(FeatureSchema schema, bool withFields)
    {
        var numbers = new Dictionary<long, int>();
        foreach (Field field in schema.Fields)
        {
            if (field.Vocabulary is not { } vocabulary) { continue; }
            int number = 0;
            bool good = !withFields
                || (field.Spec.Name.StartsWith("field", StringComparison.Ordinal)
                    && int.TryParse(field.Spec.Name.AsSpan(5), CultureInfo.InvariantCulture, out number));
            for (int i = 0; good && i < vocabulary.Count; i++)
            {
                good = uint.TryParse(vocabulary[i], NumberStyles.None, CultureInfo.InvariantCulture, out uint feature)
                    && numbers.TryAdd(Key(number, (int)feature), field.Offset + i);
            }

            if (!good)
            {
                throw new FactoException(
                    $"the model's field '{field.Spec.Name}' has named values, so it was not trained on numbered text rows: predict from "
                        + $"its project's dataset instead");
            }
        }

        return numbers;
    }

    private static long Key(int field, int feature) => ((long)field << 32) | (uint)feature;
}
