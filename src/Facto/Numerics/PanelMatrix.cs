using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>
/// Rows regrouped so that a scan needs no padding and no horizontal sum: 64 rows make a panel, and a panel holds its first column of
/// 64 floats, then its second, and so on. One vector register then carries the scores of neighbouring rows, every score is one chain
/// of multiply-adds in the order of the columns, and single and batched products agree to the last bit.
/// The rows that fill the last panel up are zero.
/// </summary>
internal sealed unsafe class PanelMatrix
{
    /// <summary>Rows of a panel: one word of a filter's bitmap.</summary>
    public const int PanelRows = 64;

    public PanelMatrix(int rowCount, int columnCount)
        : this(new NativeBlock<float>(StorageLength(rowCount, columnCount)), rowCount, columnCount)
    {
    }

    public PanelMatrix(NativeBlock<float> storage, int rowCount, int columnCount)
    {
        if (storage.Length != StorageLength(rowCount, columnCount))
        {
            throw new ArgumentException($"{storage.Length} floats do not make panels of {rowCount} rows of {columnCount}", nameof(storage));
        }

        Storage = storage;
        RowCount = rowCount;
        ColumnCount = columnCount;
    }

    public int RowCount { get; }

    public int ColumnCount { get; }

    public NativeBlock<float> Storage { get; }

    public int PanelCount => Panels(RowCount);

    /// <summary>Floats from one panel to the next.</summary>
    public long PanelStride => (long)ColumnCount * PanelRows;

    public static int Panels(int rowCount) => (int)(((long)rowCount + PanelRows - 1) / PanelRows);

    public static long StorageLength(int rowCount, int columnCount) => (long)Panels(rowCount) * PanelRows * columnCount;

    /// <summary>A copy of <paramref name="rows"/> in panels.</summary>
    public static PanelMatrix Pack(RowMatrix rows)
    {
        var panels = new PanelMatrix(rows.RowCount, rows.ColumnCount);
        for (int row = 0; row < rows.RowCount; row++) { panels.SetRow(row, rows.Row(row)); }
        GC.KeepAlive(rows);
        return panels;
    }

    public void SetRow(int row, ReadOnlySpan<float> values)
    {
        float* target = Panel(row / PanelRows) + (row % PanelRows);
        for (int column = 0; column < values.Length; column++) { target[(long)column * PanelRows] = values[column]; }
        GC.KeepAlive(this);
    }

    public void CopyRow(int row, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)RowCount, nameof(row));
        float* source = Panel(row / PanelRows) + (row % PanelRows);
        for (int column = 0; column < ColumnCount; column++) { values[column] = source[(long)column * PanelRows]; }
        GC.KeepAlive(this);
    }

    /// <summary>First float of a panel, unchecked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Panel(int panel) => Storage.Pointer + (panel * PanelStride);
}
