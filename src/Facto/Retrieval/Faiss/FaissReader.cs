using System.Runtime.InteropServices;
using System.Text;
using Facto.Numerics;

namespace Facto.Retrieval.Faiss;

/// <summary>
/// Reads the pieces that Faiss files consist of. Every length is compared with what is left of the file before anything is allocated.
/// </summary>
internal sealed class FaissReader(string path, FileStream stream)
{
    public const int InnerProduct = 0;

    public long Left => stream.Length - stream.Position;

    public string Tag()
    {
        Span<byte> tag = stackalloc byte[4];
        Fill(tag);
        return Encoding.Latin1.GetString(tag);
    }

    public T Value<T>()
        where T : unmanaged
    {
        T value = default;
        Fill(MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    public unsafe T[] Raw<T>(long length, string what)
        where T : unmanaged
    {
        if (length < 0 || length > Left / sizeof(T)) { throw Damaged($"{what} should have {length} elements, {Left} bytes are left"); }
        if (length > Array.MaxLength) { throw Damaged($"{what} has {length} elements, more than this reader takes"); }
        var values = new T[length];
        Fill(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    public T[] Vector<T>(string what)
        where T : unmanaged => Raw<T>(Value<long>(), what);

    public T[] Vector<T>(string what, long length)
        where T : unmanaged
    {
        long found = Value<long>();
        return found == length ? Raw<T>(length, what) : throw Damaged($"{what} has {found} elements, expected {length}");
    }

    public (int Dimension, int Count) IndexHeader()
    {
        int dimension = Value<int>();
        long count = Value<long>();
        Value<long>();
        Value<long>();
        byte trained = Value<byte>();
        int metric = Value<int>();
        if (dimension is < 1 or > 1 << 20 || count is < 0 or > int.MaxValue)
        {
            throw Damaged($"{count} vectors of {dimension} coordinates are impossible here");
        }
        if (trained != 1) { throw Damaged("the index is not trained"); }
        if (metric != InnerProduct)
        {
            throw Damaged($"its metric is {metric}, Facto ranks by inner product (0): build the Faiss index with METRIC_INNER_PRODUCT");
        }

        return (dimension, (int)count);
    }

    public RowMatrix FlatIndex(string tag)
    {
        if (tag is not ("IxFI" or "IxFl"))
        {
            throw Damaged($"it holds a '{Printable(tag)}' where vectors are expected (IxFI, a flat inner-product index)");
        }
        (int dimension, int count) = IndexHeader();
        long length = Value<long>();
        if (length != (long)dimension * count || length > Left / sizeof(float))
        {
            throw Damaged($"{count} vectors of {dimension} coordinates and {length} floats do not go together");
        }
        var vectors = new RowMatrix(count, dimension);
        for (int row = 0; row < count; row++) { Fill(MemoryMarshal.AsBytes(vectors.Row(row))); }
        return vectors;
    }

    public InvalidDataException Damaged(string what) => new($"{path}: not a usable Faiss index: {what}");

    public static string Printable(string tag) => string.Concat(tag.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '?'));

    private void Fill(Span<byte> bytes)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Damaged($"it ends after {stream.Length} bytes in the middle of something");
        }
    }
}
