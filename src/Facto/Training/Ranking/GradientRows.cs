using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// The gradient of one step: a row of k factors and a linear weight for every feature that the step touched, packed in the order of first
/// touch, so that a step costs what it touches and not what there is. Grows to the widest step and then allocates nothing.
/// </summary>
internal sealed unsafe class GradientRows(int featureCount, int factorCount) : IDisposable
{
    private readonly NativeBlock<int> _slots = Filled(featureCount);   // feature → slot, −1 when untouched
    private NativeBlock<int> _features = new(1024);
    private NativeBlock<float> _linear = new(1024);
    private RowMatrix _rows = new(1024, factorCount);

    /// <summary>Features touched.</summary>
    public int Count { get; private set; }

    /// <summary>The feature of a slot.</summary>
    public int Feature(int slot) => _features.Pointer[slot];

    /// <summary>Gradient of the feature's factors.</summary>
    public float* Factors(int slot) => _rows.Storage.Pointer + ((long)slot * _rows.Stride);

    /// <summary>Gradient of the feature's linear weight.</summary>
    public ref float Linear(int slot) => ref _linear.Pointer[slot];

    /// <summary>The feature's slot, zeroed when this is its first touch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Touch(int feature)
    {
        int slot = _slots.Pointer[feature];
        return slot >= 0 ? slot : Add(feature);
    }

    /// <summary>Forgets the step.</summary>
    public void Clear()
    {
        for (int slot = 0; slot < Count; slot++) { _slots.Pointer[_features.Pointer[slot]] = -1; }
        Count = 0;
    }

    public void Dispose()
    {
        _slots.Dispose();
        _features.Dispose();
        _linear.Dispose();
        _rows.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Add(int feature)
    {
        if (Count == _features.Length) { Grow(); }
        int slot = Count++;
        _slots.Pointer[feature] = slot;
        _features.Pointer[slot] = feature;
        _linear.Pointer[slot] = 0;
        new Span<float>(Factors(slot), _rows.Stride).Clear();
        return slot;
    }

    private void Grow()
    {
        int capacity = 2 * Count;
        NativeBlock<int> features = new(capacity);
        NativeBlock<float> linear = new(capacity);
        _features.Span.CopyTo(features.Span);
        _linear.Span.CopyTo(linear.Span);
        RowMatrix rows = _rows.Resized(capacity);
        _features.Dispose();
        _linear.Dispose();
        _rows.Dispose();
        (_features, _linear, _rows) = (features, linear, rows);
    }

    private static NativeBlock<int> Filled(int count)
    {
        var slots = new NativeBlock<int>((long)count);
        slots.Span.Fill(-1);
        return slots;
    }
}
