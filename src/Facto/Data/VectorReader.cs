using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Reads vectors that Facto or others have written: Facto's own vector files, NumPy's .npy and TexMex .fvecs. Sizes are checked before
/// anything is allocated.
/// </summary>
internal static partial class VectorReader
{
    private const int LargestDimension = 1 << 16;

    /// <summary>Reads a table; a file <paramref name="path"/>.ids beside it, one id a line, names the rows.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or of no known format; the message says which.</exception>
    public static VectorTable Read(string path)
    {
        if (!File.Exists(path)) { throw new FileNotFoundException($"{path}: there is no such file", path); }
        Span<byte> start = stackalloc byte[8];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (start[..read].StartsWith("FACTO"u8)) { return VectorTableFile.Open(path); }
        stream.Position = 0;
        bool numpy = read == 8 && start.StartsWith((ReadOnlySpan<byte>)[0x93, .. "NUMPY"u8]);
        if (!numpy && !path.EndsWith(".fvecs", StringComparison.OrdinalIgnoreCase))
        {
            throw Damaged(path, "it is no file of vectors that Facto reads: a Facto vector file, NumPy's .npy or .fvecs");
        }

        RowMatrix vectors = numpy ? ReadNpy(stream, path) : ReadFvecs(stream, path);
        return new VectorTable(vectors, ReadIds(path + ".ids", vectors.RowCount));
    }

    private static RowMatrix ReadNpy(FileStream stream, string path)
    {
        Span<byte> start = stackalloc byte[12];
        int version = Fill(stream, start[..8], path)[6];
        if (version is not (1 or 2 or 3)) { throw Damaged(path, $"its format has version {version}, this program reads 1 to 3"); }
        int size = version == 1 ? 2 : 4;
        Fill(stream, start[8..(8 + size)], path);
        long length = version == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > 1 << 16 || length > stream.Length - stream.Position)
        {
            throw Damaged(path, $"its header of {length} bytes is longer than the file or than any header");
        }
        var header = new byte[length];
        Fill(stream, header, path);
        string text = Encoding.Latin1.GetString(header);
        Match shape = Shape().Match(text);
        if (!text.Contains("'<f4'", StringComparison.Ordinal) || !text.Contains("'fortran_order': False", StringComparison.Ordinal)
            || !shape.Success
            || !long.TryParse(shape.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long rows)
                || !long.TryParse(shape.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long columns))
        {
            throw Damaged(
                path,
                "expected a two-dimensional array of float32 ('<f4') in C order; save it with numpy.save(path, vectors.astype('float32'))");
        }

        long left = stream.Length - stream.Position;
        if (columns is < 1 or > LargestDimension || rows > int.MaxValue || rows * columns * sizeof(float) != left)
        {
            throw Damaged(path, $"its header says {rows} × {columns} floats, {left} bytes follow");
        }
        var vectors = new RowMatrix((int)rows, (int)columns);
        for (int row = 0; row < vectors.RowCount; row++) { Fill(stream, MemoryMarshal.AsBytes(vectors.Row(row)), path); }
        return vectors;
    }

    private static RowMatrix ReadFvecs(FileStream stream, string path)
    {
        Span<byte> length = stackalloc byte[4];
        if (stream.Length == 0) { throw Damaged(path, "it is empty"); }
        int columns = BinaryPrimitives.ReadInt32LittleEndian(Fill(stream, length, path));
        if (columns is < 1 or > LargestDimension)
        {
            throw Damaged(path, $"its first vector has {columns} coordinates; 1 to {LargestDimension} are possible");
        }
        long each = sizeof(int) + (columns * (long)sizeof(float)), rows = stream.Length / each;
        if (rows * each != stream.Length || rows > int.MaxValue)
        {
            throw Damaged(path, $"{stream.Length} bytes are no whole number of vectors of {columns} coordinates");
        }
        var vectors = new RowMatrix((int)rows, columns);
        for (int row = 0; row < vectors.RowCount; row++)
        {
            if (row > 0 && BinaryPrimitives.ReadInt32LittleEndian(Fill(stream, length, path)) is var other && other != columns)
            {
                throw Damaged(path, $"vector {row} has {other} coordinates, the first has {columns}");
            }
            Fill(stream, MemoryMarshal.AsBytes(vectors.Row(row)), path);
        }

        return vectors;
    }

    private static Vocabulary? ReadIds(string path, int count)
    {
        if (!File.Exists(path)) { return null; }
        string[] ids = File.ReadAllLines(path);
        if (ids.Length != count) { throw Damaged(path, $"it names {ids.Length} rows, the vectors have {count}"); }
        var known = new HashSet<string>();
        for (int row = 0; row < count; row++)
        {
            if (!known.Add(ids[row])) { throw Damaged(path, $"line {row + 1} repeats the id '{ids[row]}'"); }
        }

        return new Vocabulary(ids);
    }

    private static Span<byte> Fill(FileStream stream, Span<byte> bytes, string path) =>
        stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length
            ? bytes
            : throw Damaged(path, $"it ends after {stream.Length} bytes in the middle of something");

    private static InvalidDataException Damaged(string path, string what) => new($"{path}: {what}");

    [GeneratedRegex(@"'shape': \((\d+), (\d+),? ?\)")]
    private static partial Regex Shape();
}
