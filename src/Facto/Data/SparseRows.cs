using Facto.Numerics;

namespace Facto.Data;

/// <summary>One sparse row: features with their values. An empty <see cref="Values"/> means that every value is 1.</summary>
/// <param name="features">Dense feature numbers, in any order, none twice.</param>
/// <param name="values">As long as <paramref name="features"/>, or empty for all ones.</param>
internal readonly ref struct SparseRow(ReadOnlySpan<int> features, ReadOnlySpan<float> values)
{
    /// <summary>Dense feature numbers.</summary>
    public ReadOnlySpan<int> Features { get; } = features;

    /// <summary>Values of <see cref="Features"/>; empty when all are 1.</summary>
    public ReadOnlySpan<float> Values { get; } = values;

    /// <summary>Number of active features.</summary>
    public int Count => Features.Length;

    /// <summary>Value of the feature at <paramref name="position"/>.</summary>
    public float Value(int position) => Values.IsEmpty ? 1f : Values[position];

    /// <summary>Copies features and values to the beginning of spans that are long enough.</summary>
    public void CopyTo(Span<int> features, Span<float> values)
    {
        Features.CopyTo(features);
        if (Values.IsEmpty) { values[..Count].Fill(1); }
        else { Values.CopyTo(values); }
    }
}

/// <summary>
/// A table of sparse rows, compressed: row r has the features at offsets[r] … offsets[r+1]−1. When every row has the same number of
/// features the offsets are not kept (<see cref="FixedWidth"/>), when every value is 1 the values are not (<see cref="IsBinary"/>): both
/// together are the "exactly one active feature per field" table that the fastest kernels take.
/// </summary>
internal sealed class SparseRows
{
    /// <summary>Wraps the parts of a table.</summary>
    /// <param name="rowCount">Rows.</param>
    /// <param name="offsets">rowCount+1 ascending positions from 0, or null for rows of equal width.</param>
    /// <param name="features">All rows' features, one after another.</param>
    /// <param name="values">All rows' values, or null when all are 1.</param>
    /// <exception cref="ArgumentException">The lengths do not go together.</exception>
    internal SparseRows(int rowCount, NativeBlock<long>? offsets, NativeBlock<int> features, NativeBlock<float>? values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        bool fits = offsets is null
            ? (rowCount == 0 ? features.Length == 0 : features.Length % rowCount == 0)
            : offsets.Length == rowCount + 1L && offsets[0] == 0 && offsets[rowCount] == features.Length;
        if (!fits || (values is not null && values.Length != features.Length))
        {
            throw new ArgumentException(
                $"offsets, {features.Length} features and {values?.Length ?? features.Length} values do not make {rowCount} rows");
        }

        RowCount = rowCount;
        Offsets = offsets;
        FeatureBlock = features;
        ValueBlock = values;
        FixedWidth = offsets is null && rowCount > 0 ? (int)(features.Length / rowCount) : offsets is null ? 0 : -1;
    }

    /// <summary>Number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Features per row when all rows have as many, otherwise −1.</summary>
    internal int FixedWidth { get; }

    /// <summary>True when every value is 1.</summary>
    internal bool IsBinary => ValueBlock is null;

    /// <summary>Active features over all rows.</summary>
    internal long NonZeroCount => FeatureBlock.Length;

    /// <summary>The row at <paramref name="row"/>.</summary>
    public SparseRow this[int row]
    {
        get
        {
            (long start, int length) = Range(row);
            return new SparseRow(FeatureBlock.Slice(start, length), ValueBlock is null ? default : ValueBlock.Slice(start, length));
        }
    }

    internal NativeBlock<long>? Offsets { get; }

    internal NativeBlock<int> FeatureBlock { get; }

    internal NativeBlock<float>? ValueBlock { get; }

    /// <summary>Where a row lies in the feature and value blocks.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is outside the table.</exception>
    internal (long Start, int Length) Range(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)RowCount, nameof(row));
        if (Offsets is null) { return ((long)row * FixedWidth, FixedWidth); }
        long start = Offsets[row];
        return (start, (int)(Offsets[row + 1] - start));
    }

    /// <summary>Largest number of features in a row.</summary>
    internal int MaxWidth()
    {
        if (FixedWidth >= 0) { return FixedWidth; }
        int widest = 0;
        for (int r = 0; r < RowCount; r++) { widest = Math.Max(widest, Range(r).Length); }
        return widest;
    }

    /// <summary>One more than the largest feature number, 0 when there is none.</summary>
    internal int FeatureBound()
    {
        int bound = 0;
        for (long start = 0; start < FeatureBlock.Length; start += 1 << 24)
        {
            foreach (int feature in FeatureBlock.Slice(start, (int)Math.Min(1 << 24, FeatureBlock.Length - start)))
            {
                bound = Math.Max(bound, feature + 1);
            }
        }

        return bound;
    }
}
