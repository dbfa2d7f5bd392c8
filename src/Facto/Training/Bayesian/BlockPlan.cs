using System.Runtime.InteropServices;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Finds the blocks of a dataset. The user and the item table are a block each. Contexts, and flat files, are taken apart by field into
/// distinct sub-rows; a field whose value follows from another field's (a user's age in a flat file) joins that field's block,
/// so a flat file of a two-sided log gets the two-sided cost back.
/// </summary>
internal static class BlockPlan
{
    /// <summary>A field joins another's block only when that block's rows serve this many examples on average.</summary>
    private const int LeastSharing = 4;

    public static Block[] Build(Dataset data)
    {
        FeatureRange[] ranges = Ranges(data);
        int[] rangeOf = new int[data.Schema.FeatureCount];
        for (int p = 0; p < ranges.Length; p++) { Array.Fill(rangeOf, p, ranges[p].Offset, ranges[p].Count); }
        var parts = new List<(string Name, SparseRows Rows, int[] RowOf)>();
        if (data.Users is { } users) { parts.Add(("users", users, data.Interactions.Users!.Span.ToArray())); }
        if (data.Items is { } items) { parts.Add(("items", items, data.Interactions.Items!.Span.ToArray())); }
        if (data.Contexts is not null) { parts.AddRange(Merge(Split(data, ranges, rangeOf), data.Count)); }
        var owner = new string?[ranges.Length];
        return [.. parts.Select(
            p => new Block(p.Name, p.Rows, new NativeBlock<int>(p.RowOf), Fields(p.Name, p.Rows, ranges, rangeOf, owner)))];
    }

    // The ranges that occur in these rows; each may occur in one block only.
    private static List<BlockField> Fields(string block, SparseRows rows, FeatureRange[] ranges, int[] rangeOf, string?[] owner)
    {
        var present = new bool[ranges.Length];
        for (int r = 0; r < rows.RowCount; r++)
        {
            foreach (int feature in rows[r].Features) { present[rangeOf[feature]] = true; }
        }

        var fields = new List<BlockField>();
        for (int p = 0; p < ranges.Length; p++)
        {
            if (!present[p]) { continue; }
            if (owner[p] is { } other)
            {
                throw new FactoException($"field '{ranges[p].Name}' has features on the side of the {other} and of the {block}: "
                    + "als and gibbs need fields that belong to one side; untie the bag field or use another solver");
            }

            owner[p] = block;
            fields.Add(new BlockField(rows, ranges[p].Offset, ranges[p].Count, ranges[p].Group));
        }

        return fields;
    }

    private static List<(string Name, SparseRows Rows, int[] RowOf)> Split(Dataset data, FeatureRange[] ranges, int[] rangeOf)
    {
        var parts = new List<(string, SparseRows, int[])>();
        for (int p = 0; p < ranges.Length; p++)
        {
            (SparseRows distinct, int[] subRow) = Distinct(data.Contexts!, rangeOf, p);
            if (distinct.NonZeroCount == 0) { continue; }
            int[] rowOf = new int[data.Count];
            for (int t = 0; t < rowOf.Length; t++) { rowOf[t] = subRow[data.ContextRow(t)]; }
            parts.Add((ranges[p].Name, distinct, rowOf));
        }

        return parts;
    }

    // One range per field; for a bare libFM file (one field, rows of equal width whose columns use disjoint ranges of features) one range
    // per column, with the field's one prior.
    private static FeatureRange[] Ranges(Dataset data)
    {
        FeatureSchema schema = data.Schema;
        if (data.IsFlat && schema.Fields.Count == 1 && data.Contexts is { FixedWidth: > 1 } rows && DisjointColumns(rows) is { } starts)
        {
            return [.. starts.Select(
                (low, c) =>
                new FeatureRange(low, (c + 1 < starts.Length ? starts[c + 1] : schema.FeatureCount) - low, 0, $"column {c + 1}"))];
        }

        return [.. schema.Fields.Index().Where(f => f.Item.Count > 0)
            .Select(f => new FeatureRange(f.Item.Offset, f.Item.Count, f.Index, f.Item.Spec.Name))];
    }

    // Where each column's features begin, or null when columns share features.
    private static int[]? DisjointColumns(SparseRows rows)
    {
        var columns = new (int Low, int High)[rows.FixedWidth];
        Array.Fill(columns, (int.MaxValue, -1));
        for (int r = 0; r < rows.RowCount; r++)
        {
            ReadOnlySpan<int> features = rows[r].Features;
            for (int c = 0; c < columns.Length; c++)
            {
                columns[c] = (Math.Min(columns[c].Low, features[c]), Math.Max(columns[c].High, features[c]));
            }
        }

        Array.Sort(columns);
        for (int c = 1; c < columns.Length; c++)
        {
            if (columns[c - 1].High >= columns[c].Low) { return null; }
        }

        columns[0].Low = 0;
        return [.. columns.Select(c => c.Low)];
    }

    // The distinct sub-rows of one range and, for each row, which it has.
    private static (SparseRows Rows, int[] SubRow) Distinct(SparseRows rows, int[] rangeOf, int range)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var builder = new SparseRowsBuilder();
        int[] subRow = new int[rows.RowCount];
        var key = new List<(int Feature, float Value)>();
        int[] single = new int[rangeOf.Length];   // fast path: the sub-row of one feature of value 1, plus one
        for (int r = 0; r < subRow.Length; r++)
        {
            SparseRow row = rows[r];
            key.Clear();
            for (int i = 0; i < row.Count; i++)
            {
                if (rangeOf[row.Features[i]] == range && row.Value(i) != 0) { key.Add((row.Features[i], row.Value(i))); }
            }

            bool isSingle = key.Count == 1 && key[0].Value == 1;
            if (isSingle && single[key[0].Feature] > 0)
            {
                subRow[r] = single[key[0].Feature] - 1;
                continue;
            }

            key.Sort();
            string text = new(MemoryMarshal.Cast<(int, float), char>(CollectionsMarshal.AsSpan(key)));
            if (!known.TryGetValue(text, out int index))
            {
                known.Add(text, index = builder.RowCount);
                foreach ((int feature, float value) in key) { builder.Add(feature, value); }
                builder.EndRow();
                if (isSingle) { single[key[0].Feature] = index + 1; }
            }

            subRow[r] = index;
        }

        return (builder.Build(), subRow);
    }

    // From the part with most rows down: each takes in the later ones that it determines.
    private static List<(string Name, SparseRows Rows, int[] RowOf)> Merge(
        List<(string Name, SparseRows Rows, int[] RowOf)> parts, int examples)
    {
        var open = parts.OrderByDescending(p => p.Rows.RowCount).ToList();
        var merged = new List<(string, SparseRows, int[])>();
        while (open.Count > 0)
        {
            var head = open[0];
            open.RemoveAt(0);
            if ((long)head.Rows.RowCount * LeastSharing <= examples)
            {
                var joined = new List<(SparseRows Rows, int[] Of)>();
                for (int i = 0; i < open.Count;)
                {
                    if (Determined(head.RowOf, head.Rows.RowCount, open[i].RowOf) is { } map)
                    {
                        joined.Add((open[i].Rows, map));
                        open.RemoveAt(i);
                    }
                    else { i++; }
                }

                if (joined.Count > 0) { head = (head.Name, Join(head.Rows, joined), head.RowOf); }
            }

            merged.Add(head);
        }

        return merged;
    }

    private static int[]? Determined(int[] by, int rowCount, int[] other)
    {
        int[] map = new int[rowCount];
        Array.Fill(map, -1);
        for (int t = 0; t < by.Length; t++)
        {
            ref int value = ref map[by[t]];
            if (value < 0) { value = other[t]; }
            else if (value != other[t]) { return null; }
        }

        return map;
    }

    private static SparseRows Join(SparseRows head, List<(SparseRows Rows, int[] Of)> joined)
    {
        var builder = new SparseRowsBuilder();
        for (int r = 0; r < head.RowCount; r++)
        {
            Copy(head[r], builder);
            foreach ((SparseRows rows, int[] of) in joined)
            {
                if (of[r] >= 0) { Copy(rows[of[r]], builder); }
            }

            builder.EndRow();
        }

        return builder.Build();
    }

    private static void Copy(SparseRow row, SparseRowsBuilder builder)
    {
        for (int i = 0; i < row.Count; i++) { builder.Add(row.Features[i], row.Value(i)); }
    }
}

/// <summary>Features that follow one another and share a prior.</summary>
internal readonly record struct FeatureRange(int Offset, int Count, int Group, string Name);
