using System.Runtime.InteropServices;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>Collects sparse rows one feature at a time; <see cref="Build"/> drops offsets and values that carry nothing.</summary>
internal sealed class SparseRowsBuilder
{
    private readonly List<long> _offsets = [0];
    private readonly List<int> _features = [];
    private readonly List<float> _values = [];
    private bool _allOnes = true;
    private bool _sameWidth = true;

    /// <summary>Rows ended so far.</summary>
    public int RowCount => _offsets.Count - 1;

    /// <summary>Features of the row under way.</summary>
    public ReadOnlySpan<int> CurrentFeatures => CollectionsMarshal.AsSpan(_features)[(int)_offsets[^1]..];

    /// <summary>Adds a feature to the row under way.</summary>
    public void Add(int feature, float value = 1f)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(feature);
        _features.Add(feature);
        _values.Add(value);
        _allOnes &= value == 1f;
    }

    /// <summary>Ends the row under way.</summary>
    public void EndRow()
    {
        long width = _features.Count - _offsets[^1];
        _sameWidth &= _offsets.Count == 1 || width == _offsets[1];
        _offsets.Add(_features.Count);
    }

    /// <summary>Adds a whole row.</summary>
    public void AddRow(SparseRow row)
    {
        for (int i = 0; i < row.Count; i++) { Add(row.Features[i], row.Value(i)); }
        EndRow();
    }

    /// <summary>The table.</summary>
    public SparseRows Build() => new(
        RowCount,
        _sameWidth ? null : new NativeBlock<long>(CollectionsMarshal.AsSpan(_offsets)),
        new NativeBlock<int>(CollectionsMarshal.AsSpan(_features)),
        _allOnes ? null : new NativeBlock<float>(CollectionsMarshal.AsSpan(_values)));
}
