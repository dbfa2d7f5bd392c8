using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>
/// A row-major matrix of floats whose rows start on a cache line: the stride is the column count rounded up to
/// a multiple of 16, and the padding is zero, so kernels run over whole vectors without a remainder.
/// </summary>
public sealed unsafe class RowMatrix : IDisposable
{
    /// <summary>Rows are padded to a multiple of this many floats (64 bytes).</summary>
    internal const int Padding = 16;

    /// <summary>Allocates a zeroed matrix.</summary>
    /// <param name="rowCount">Rows, ≥ 0.</param>
    /// <param name="columnCount">Columns, ≥ 0.</param>
    public RowMatrix(int rowCount, int columnCount)
        : this(new NativeBlock<float>((long)rowCount * PaddedLength(columnCount)), rowCount, columnCount)
    {
    }

    internal RowMatrix(NativeBlock<float> storage, int rowCount, int columnCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        ArgumentOutOfRangeException.ThrowIfNegative(columnCount);
        Storage = storage;
        RowCount = rowCount;
        ColumnCount = columnCount;
        Stride = PaddedLength(columnCount);
        if (storage.Length != (long)rowCount * Stride)
        {
            throw new ArgumentException($"{storage.Length} floats do not make {rowCount} rows of stride {Stride}", nameof(storage));
        }
    }

    /// <summary>Number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Number of meaningful columns.</summary>
    public int ColumnCount { get; }

    /// <summary>Floats from one row to the next: <see cref="ColumnCount"/> rounded up to <see cref="Padding"/>.</summary>
    internal int Stride { get; }

    internal NativeBlock<float> Storage { get; }

    /// <summary>The smallest multiple of <see cref="Padding"/> that is at least <paramref name="columnCount"/>.</summary>
    internal static int PaddedLength(int columnCount) => (columnCount + Padding - 1) / Padding * Padding;

    /// <summary>One value.</summary>
    /// <param name="row">0 … <see cref="RowCount"/> − 1.</param>
    /// <param name="column">0 … <see cref="ColumnCount"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The place is outside the matrix.</exception>
    public float this[int row, int column]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)ColumnCount, nameof(column));
            float value = Row(row)[column];
            GC.KeepAlive(this);
            return value;
        }
    }

    /// <summary>Copies a row.</summary>
    /// <param name="row">0 … <see cref="RowCount"/> − 1.</param>
    /// <param name="values">At least <see cref="ColumnCount"/> floats.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is outside the matrix.</exception>
    public void CopyRow(int row, Span<float> values)
    {
        Row(row).CopyTo(values);
        GC.KeepAlive(this);
    }

    /// <summary>Replaces a row.</summary>
    /// <param name="row">0 … <see cref="RowCount"/> − 1.</param>
    /// <param name="values"><see cref="ColumnCount"/> floats.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is outside the matrix.</exception>
    /// <exception cref="ArgumentException">There are more or fewer values than columns.</exception>
    /// <exception cref="InvalidOperationException">The matrix lies in a file that is mapped for reading.</exception>
    public void SetRow(int row, ReadOnlySpan<float> values)
    {
        if (values.Length != ColumnCount)
        {
            throw new ArgumentException($"{values.Length} values do not make a row of {ColumnCount} columns", nameof(values));
        }
        if (Storage.IsMapped)
        {
            throw new InvalidOperationException("the matrix lies in a file that is mapped for reading; copy it first");
        }
        values.CopyTo(Row(row));
    }

    /// <summary>
    /// The <see cref="ColumnCount"/> values of a row. Of a mapped matrix the span is only good while the matrix is reachable, so none
    /// leaves the library.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is outside the matrix.</exception>
    internal Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)RowCount, nameof(row));
        return new Span<float>(Storage.Pointer + (long)row * Stride, ColumnCount);
    }

    /// <summary>The row with its zero padding, <see cref="Stride"/> floats.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is outside the matrix.</exception>
    internal Span<float> PaddedRow(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)RowCount, nameof(row));
        return new Span<float>(Storage.Pointer + (long)row * Stride, Stride);
    }

    /// <summary>A copy with <paramref name="rowCount"/> rows; rows beyond the present ones are zero.</summary>
    internal RowMatrix Resized(int rowCount)
    {
        var copy = new RowMatrix(rowCount, ColumnCount);
        long floats = (long)Math.Min(rowCount, RowCount) * Stride;
        Buffer.MemoryCopy(Storage.Pointer, copy.Storage.Pointer, copy.Storage.Length * sizeof(float), floats * sizeof(float));
        GC.KeepAlive(this);
        return copy;
    }

    /// <summary>Lets go of the memory.</summary>
    public void Dispose() => Storage.Dispose();

    /// <summary>First float of a row, unchecked: for kernels that have checked the row before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref float Ref(int row) => ref Unsafe.AsRef<float>(Storage.Pointer + (long)row * Stride);
}
