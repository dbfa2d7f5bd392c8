using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>
/// A row-major matrix of floats whose rows start on a cache line: the stride is the column count rounded up to
/// <see cref="Padding"/>, and the padding is zero, so kernels run over whole vectors without a remainder.
/// </summary>
public sealed unsafe class RowMatrix : IDisposable
{
    /// <summary>Rows are padded to a multiple of this many floats (64 bytes).</summary>
    public const int Padding = 16;

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
    public int Stride { get; }

    internal NativeBlock<float> Storage { get; }

    /// <summary>The smallest multiple of <see cref="Padding"/> that is at least <paramref name="columnCount"/>.</summary>
    public static int PaddedLength(int columnCount) => (columnCount + Padding - 1) / Padding * Padding;

    /// <summary>The <see cref="ColumnCount"/> values of a row.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is outside the matrix.</exception>
    public Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)RowCount, nameof(row));
        return new Span<float>(Storage.Pointer + (long)row * Stride, ColumnCount);
    }

    /// <summary>The row with its zero padding, <see cref="Stride"/> floats.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is outside the matrix.</exception>
    public Span<float> PaddedRow(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)RowCount, nameof(row));
        return new Span<float>(Storage.Pointer + (long)row * Stride, Stride);
    }

    /// <summary>A copy with <paramref name="rowCount"/> rows; rows beyond the present ones are zero.</summary>
    public RowMatrix Resized(int rowCount)
    {
        var copy = new RowMatrix(rowCount, ColumnCount);
        long floats = (long)Math.Min(rowCount, RowCount) * Stride;
        Buffer.MemoryCopy(Storage.Pointer, copy.Storage.Pointer, copy.Storage.Length * sizeof(float), floats * sizeof(float));
        return copy;
    }

    /// <summary>Frees the memory now.</summary>
    public void Dispose() => Storage.Dispose();

    /// <summary>First float of a row, unchecked: for kernels that have checked the row before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref float Ref(int row) => ref Unsafe.AsRef<float>(Storage.Pointer + (long)row * Stride);
}
