using System.Runtime.InteropServices;
using System.Text;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Retrieval.Faiss;

/// <summary>Writes the pieces that Faiss files consist of (little-endian, no padding, no checksum) durably.</summary>
internal sealed class FaissWriter : IDisposable
{
    private readonly DurableFile _file;

    public FaissWriter(string path) => _file = new DurableFile(path);

    public void Tag(string fourLetters) => Stream.Write(Encoding.ASCII.GetBytes(fourLetters));

    public void Value<T>(T value)
        where T : unmanaged => Stream.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    public void Raw<T>(ReadOnlySpan<T> values)
        where T : unmanaged => Stream.Write(MemoryMarshal.AsBytes(values));

    /// <summary>A length in 64 bits, then the elements.</summary>
    public void Vector<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Value((long)values.Length);
        Raw(values);
    }

    /// <summary>What every index begins with after its tag.</summary>
    public void IndexHeader(int dimension, long count)
    {
        Value(dimension);
        Value(count);
        Value(1L << 20);   // two fields that Faiss writes and ignores
        Value(1L << 20);
        Value((byte)1);    // trained
        Value(FaissReader.InnerProduct);
    }

    public void FlatIndex(RowMatrix vectors)
    {
        Tag("IxFI");
        IndexHeader(vectors.ColumnCount, vectors.RowCount);
        Value((long)vectors.RowCount * vectors.ColumnCount);
        for (int row = 0; row < vectors.RowCount; row++) { Raw<float>(vectors.Row(row)); }
        GC.KeepAlive(vectors);
    }

    public void Commit() => _file.Commit();

    public void Dispose() => _file.Dispose();

    private FileStream Stream => _file.Stream;
}
