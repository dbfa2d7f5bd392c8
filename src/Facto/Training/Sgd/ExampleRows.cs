using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Facto.Data;

namespace Facto.Training.Sgd;

/// <summary>Where a kernel reads its examples from, as a type argument: <see cref="Load"/> an example, then read its features.</summary>
internal unsafe interface IExampleRows
{
    /// <summary>False when every value is 1: the kernel is compiled without them.</summary>
    static abstract bool HasValues { get; }

    /// <summary>Moves to the example at a position of the visiting order.</summary>
    void Load(int position);

    int Count { get; }

    int* Features { get; }

    /// <summary>Values, only when <see cref="HasValues"/>.</summary>
    float* Values { get; }

    /// <summary>λ of each feature's linear weight.</summary>
    float* LambdaLinear { get; }

    /// <summary>λ of each feature's factors.</summary>
    float* LambdaFactors { get; }

    /// <summary>Asks for the parameters of a later example.</summary>
    void Prefetch(int position, float* factors, nint factorStride, float* linear, nint linearStride);
}

/// <summary>
/// Exactly one active feature per field, value 1: a table of ints of fixed width, laid out in the visiting order; column j has its own λ.
/// </summary>
internal unsafe struct OneHotRows(int* table, int width, float* lambdaLinear, float* lambdaFactors) : IExampleRows
{
    private readonly int* _table = table;
    private readonly nint _width = width;
    private int* _row = table;

    public static bool HasValues => false;

    public readonly int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)_width;
    }

    public readonly int* Features
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _row;
    }

    public readonly float* Values => null;

    public float* LambdaLinear { get; } = lambdaLinear;

    public float* LambdaFactors { get; } = lambdaFactors;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(int position) => _row = _table + (position * _width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch(int position, float* factors, nint factorStride, float* linear, nint linearStride)
    {
        if (!Sse.IsSupported) { return; }
        int* row = _table + (position * _width);
        for (nint j = 0; j < _width; j++)
        {
            float* v = factors + (row[j] * factorStride);
            for (nint line = 0; line < factorStride; line += 16) { Sse.Prefetch0(v + line); }
            Sse.Prefetch0(linear + (row[j] * linearStride));
        }
    }
}

/// <summary>
/// Any number of features with values: gathered from the dataset's tables into the worker's memory, one example at a time; a null order
/// means that they lie in it.
/// </summary>
internal unsafe struct SparseExampleRows(ExampleReader reader, int* order, SparseScratch scratch) : IExampleRows
{
    private readonly ExampleReader _reader = reader;
    private readonly int* _order = order;
    private readonly SparseScratch _scratch = scratch;

    public static bool HasValues => true;

    public int Count { get; private set; }

    public int* Features { get; } = scratch.Features;

    public float* Values { get; } = scratch.Values;

    public float* LambdaLinear { get; } = scratch.LambdaLinear;

    public float* LambdaFactors { get; } = scratch.LambdaFactors;

    public void Load(int position)
    {
        Count = _reader.Gather(_order is null ? position : _order[position], _scratch.Features, _scratch.Values);
        for (int j = 0; _scratch.FieldOf is not null && j < Count; j++)
        {
            int field = _scratch.FieldOf[_scratch.Features[j]];
            _scratch.LambdaLinear[j] = _scratch.FieldLambdaLinear[field];
            _scratch.LambdaFactors[j] = _scratch.FieldLambdaFactors[field];
        }

        for (int j = 0; _scratch.RowOf is not null && j < Count; j++)
        {
            int row = _scratch.RowOf[_scratch.Features[j]];
            _scratch.Features[j] = row < _scratch.FeatureCount ? row : row + _scratch.OwnRows;
        }
    }

    public readonly void Prefetch(int position, float* factors, nint factorStride, float* linear, nint linearStride)
    {
    }
}

/// <summary>A worker's memory for one gathered example. Without <see cref="FieldOf"/> every field has the same λ, filled in once.</summary>
internal unsafe struct SparseScratch
{
    public int* Features;
    public float* Values;
    public float* LambdaLinear;
    public float* LambdaFactors;
    public ushort* FieldOf;
    public float* FieldLambdaLinear;
    public float* FieldLambdaFactors;

    /// <summary>The parameter row of each feature, the hot ones from <see cref="FeatureCount"/> on; null when that is its number.</summary>
    public int* RowOf;
    public int FeatureCount;

    /// <summary>From the rows of the first worker's copies to those of this one's.</summary>
    public int OwnRows;
}
