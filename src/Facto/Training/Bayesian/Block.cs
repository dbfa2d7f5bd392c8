using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// A part of every example that takes few distinct values: the user's features, the item's, the day's. Example t has row
/// <see cref="RowOf"/>[t] of each block, and ŷ = w₀ + Σ_b a_b + Σ_{b&lt;b'} ⟨s_b, s_b'⟩ with s = Σ v x and a = Σ w x + ½(‖s‖² − Σ‖v x‖²) of
/// the row. Blocks own disjoint features. Everything that does not change while learning is laid out here.
/// </summary>
internal sealed class Block
{
    public Block(string name, SparseRows rows, NativeBlock<int> rowOf, IReadOnlyList<BlockField> fields)
    {
        Name = name;
        Rows = rows;
        RowOf = rowOf;
        Fields = fields;
        Start = new NativeBlock<int>(rows.RowCount + 1L);
        Order = new NativeBlock<int>(rowOf.Length);
        Columns.Group(rowOf.Span, Start.Span, Order.Span);
        // One feature of value 1 in every row and each feature in one row: the row's sums are the feature's parameters.
        IsIdentity = fields.Count == 1 && rows.IsBinary && rows.FixedWidth == 1 && fields[0].IsId;
        MaxExamplesPerRow = 0;
        for (int r = 0; r < rows.RowCount; r++) { MaxExamplesPerRow = Math.Max(MaxExamplesPerRow, Start[r + 1] - Start[r]); }
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>The distinct rows, over the model's features.</summary>
    public SparseRows Rows { get; }

    /// <summary>The row of each example.</summary>
    public NativeBlock<int> RowOf { get; }

    /// <summary>The fields whose features this block owns.</summary>
    public IReadOnlyList<BlockField> Fields { get; }

    /// <summary>Row r's examples are Order[Start[r]] … Order[Start[r+1]−1].</summary>
    public NativeBlock<int> Start { get; }

    /// <summary>Examples grouped by row, ascending within one.</summary>
    public NativeBlock<int> Order { get; }

    public bool IsIdentity { get; }

    public int MaxExamplesPerRow { get; }

    public int RowCount => Rows.RowCount;
}

/// <summary>A run of features with one prior, by column: feature Offset+j is active in rows RowsOf[Start[j]] … with Values.</summary>
internal sealed class BlockField
{
    public BlockField(SparseRows rows, int offset, int count, int group)
    {
        Offset = offset;
        Count = count;
        Group = group;
        Start = new NativeBlock<int>(count + 1L);
        var owners = new List<(int Feature, int Row, float Value)>();
        bool oneHot = true;
        Span<int> sizes = Start.Span[1..];
        for (int r = 0; r < rows.RowCount; r++)
        {
            SparseRow row = rows[r];
            int found = 0;
            for (int i = 0; i < row.Count; i++)
            {
                int feature = row.Features[i] - offset;
                if ((uint)feature >= (uint)count || row.Value(i) == 0) { continue; }
                owners.Add((feature, r, row.Value(i)));
                sizes[feature]++;
                found++;
            }

            oneHot &= found <= 1;
        }

        IsOneHot = oneHot;
        IsId = oneHot && sizes.IndexOfAnyExcept(1) < 0;
        for (int j = 0; j < count; j++) { Start[j + 1] += Start[j]; }
        RowsOf = new NativeBlock<int>(owners.Count);
        Values = new NativeBlock<float>(owners.Count);
        var next = Start.Span[..^1].ToArray();
        foreach ((int feature, int row, float value) in owners)
        {
            RowsOf[next[feature]] = row;
            Values[next[feature]++] = value;
        }
    }

    /// <summary>First feature.</summary>
    public int Offset { get; }

    /// <summary>Number of features.</summary>
    public int Count { get; }

    /// <summary>The schema's field, which decides the prior.</summary>
    public int Group { get; }

    /// <summary>No row has two features of this field: they can be solved side by side.</summary>
    public bool IsOneHot { get; }

    /// <summary>Every feature is active in exactly one row.</summary>
    public bool IsId { get; }

    public NativeBlock<int> Start { get; }

    public NativeBlock<int> RowsOf { get; }

    public NativeBlock<float> Values { get; }
}

internal static class Columns
{
    /// <summary>Counting sort: groups 0 … n−1 by key, ascending within a key.</summary>
    public static void Group(ReadOnlySpan<int> keys, Span<int> start, Span<int> order)
    {
        start.Clear();
        foreach (int key in keys) { start[key + 1]++; }
        for (int r = 1; r < start.Length; r++) { start[r] += start[r - 1]; }
        int[] next = start[..^1].ToArray();
        for (int t = 0; t < keys.Length; t++) { order[next[keys[t]]++] = t; }
    }
}
