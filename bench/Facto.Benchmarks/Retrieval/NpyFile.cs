using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Facto.Numerics;

namespace Facto.Benchmarks.Retrieval;

/// <summary>Two-dimensional NumPy arrays, the form in which vectors are handed to rivals.</summary>
internal static class NpyFile
{
    public static RowMatrix ReadFloats(string path)
    {
        using FileStream stream = File.OpenRead(path);
        (int rows, int columns) = ReadHeader(stream, "<f4", path);
        var matrix = new RowMatrix(rows, columns);
        for (int row = 0; row < rows; row++) { stream.ReadExactly(MemoryMarshal.AsBytes(matrix.Row(row))); }
        return matrix;
    }

    public static void Write(string path, RowMatrix matrix)
    {
        using FileStream stream = Create(path, "<f4", matrix.RowCount, matrix.ColumnCount);
        for (int row = 0; row < matrix.RowCount; row++) { stream.Write(MemoryMarshal.AsBytes(matrix.Row(row))); }
    }

    public static void Write(string path, ReadOnlySpan<int> values, int rows, int columns)
    {
        using FileStream stream = Create(path, "<i4", rows, columns);
        stream.Write(MemoryMarshal.AsBytes(values));
    }

    private static FileStream Create(string path, string type, int rows, int columns)
    {
        string header =
            string.Create(CultureInfo.InvariantCulture, $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
        header = header.PadRight(((header.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        FileStream stream = File.Create(path, 1 << 20);
        stream.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        return stream;
    }

    private static (int Rows, int Columns) ReadHeader(FileStream stream, string type, string path)
    {
        Span<byte> start = stackalloc byte[10];
        stream.ReadExactly(start);
        var bytes = new byte[start[8] | (start[9] << 8)];
        stream.ReadExactly(bytes);
        string header = Encoding.ASCII.GetString(bytes);
        int open = header.IndexOf('(', StringComparison.Ordinal), close = header.IndexOf(')', StringComparison.Ordinal);
        if (start[0] != 0x93 || !header.Contains(type, StringComparison.Ordinal) || open < 0 || close < open)
        {
            throw new InvalidDataException($"{path}: expected a two-dimensional {type} array");
        }
        int[] shape = [
            .. header[(open + 1)..close].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
        return (shape[0], shape[1]);
    }
}
