using System.Runtime.CompilerServices;
using Facto.Data;

namespace Facto.Training.Ranking;

/// <summary>A <see cref="SparseRows"/> as raw memory for kernels that have checked their rows. The table must outlive it.</summary>
internal readonly unsafe struct SideRows
{
    private readonly long* _offsets;
    private readonly int* _features;
    private readonly float* _values;
    private readonly int _width;

    public SideRows(SparseRows? rows)
    {
        if (rows is null) { return; }
        _offsets = rows.Offsets is null ? null : rows.Offsets.Pointer;
        _features = rows.FeatureBlock.Pointer;
        _values = rows.ValueBlock is null ? null : rows.ValueBlock.Pointer;
        _width = rows.FixedWidth;
    }

    /// <summary>The features of a row, their number, and their values or null when all are 1. Row −1 is empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Get(int row, out int* features, out float* values)
    {
        if (row < 0 || _features is null)
        {
            features = null;
            values = null;
            return 0;
        }

        long start = _offsets is null ? (long)row * _width : _offsets[row];
        features = _features + start;
        values = _values is null ? null : _values + start;
        return _offsets is null ? _width : (int)(_offsets[row + 1] - start);
    }
}
