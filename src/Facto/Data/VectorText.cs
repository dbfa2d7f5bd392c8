using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Facto.Data;

/// <summary>A format in which vectors leave Facto.</summary>
internal enum VectorFormat
{
    /// <summary>NumPy's .npy, float32, C order; the ids stand in a text file beside it.</summary>
    Npy,

    /// <summary>id,v0,v1 … with a header.</summary>
    Csv,

    /// <summary>Like CSV with tabs.</summary>
    Tsv,

    /// <summary>{"id": …, "vector": […]} per line.</summary>
    JsonLines,

    /// <summary>TexMex .fvecs: for each vector its length as int32, then float32 values; the ids stand in a text file beside it.</summary>
    Fvecs,
}

/// <summary>Writes a table of vectors in formats that others read, each whole or not at all.</summary>
internal static class VectorText
{
    /// <summary>
    /// Writes <paramref name="table"/> to <paramref name="path"/>; npy and fvecs put the ids into <paramref name="path"/>.ids.
    /// </summary>
    public static void Write(VectorTable table, string path, VectorFormat format)
    {
        using var file = new DurableFile(path);
        Stream stream = file.Stream;
        switch (format)
        {
            case VectorFormat.Npy: WriteNpy(table, stream); break;
            case VectorFormat.Fvecs: WriteFvecs(table, stream); break;
            case VectorFormat.JsonLines: WriteJsonLines(table, stream); break;
            case VectorFormat.Csv: WriteDelimited(table, stream, ','); break;
            case VectorFormat.Tsv: WriteDelimited(table, stream, '\t'); break;
            default: throw new ArgumentOutOfRangeException(nameof(format), format, "no such format");
        }

        // The ids first: vectors without their ids would be worth nothing.
        if (format is VectorFormat.Npy or VectorFormat.Fvecs) { WriteIds(table, path + ".ids"); }
        file.Commit();
        GC.KeepAlive(table);
    }

    // NEP 1: magic, version 1.0, header length (header ends on a multiple of 64), header, data.
    private static void WriteNpy(VectorTable table, Stream stream)
    {
        string header = string.Create(
            CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({table.Count}, {table.Dimension}), }}");
        int padded = ((10 + header.Length + 1 + 63) / 64 * 64) - 10;
        stream.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)(padded & 255), (byte)(padded >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header.PadRight(padded - 1) + "\n"));
        byte[] row = new byte[table.Dimension * sizeof(float)];
        for (int r = 0; r < table.Count; r++) { stream.Write(Bytes(table.Vectors.Row(r), row)); }
    }

    private static void WriteFvecs(VectorTable table, Stream stream)
    {
        byte[] row = new byte[table.Dimension * sizeof(float)], length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, table.Dimension);
        for (int r = 0; r < table.Count; r++)
        {
            stream.Write(length);
            stream.Write(Bytes(table.Vectors.Row(r), row));
        }
    }

    private static void WriteJsonLines(VectorTable table, Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { SkipValidation = true });
        for (int r = 0; r < table.Count; r++)
        {
            writer.WriteStartObject();
            writer.WriteString("id", table.Id(r));
            writer.WriteStartArray("vector");
            foreach (float v in table.Vectors.Row(r)) { writer.WriteNumberValue(v); }
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.Flush();
            writer.Reset();
            stream.WriteByte((byte)'\n');
        }
    }

    private static void WriteDelimited(VectorTable table, Stream stream, char delimiter)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        writer.Write("id");
        for (int c = 0; c < table.Dimension; c++) { writer.Write(string.Create(CultureInfo.InvariantCulture, $"{delimiter}v{c}")); }
        writer.Write('\n');
        for (int r = 0; r < table.Count; r++)
        {
            writer.Write(Quoted(table.Id(r), delimiter));
            foreach (float v in table.Vectors.Row(r)) { writer.Write(string.Create(CultureInfo.InvariantCulture, $"{delimiter}{v:R}")); }
            writer.Write('\n');
        }
    }

    private static void WriteIds(VectorTable table, string path) => DurableFile.WriteText(path, writer =>
    {
        for (int row = 0; row < table.Count; row++) { writer.WriteLine(table.Id(row)); }
    });

    private static string Quoted(string id, char delimiter) =>
        id.AsSpan().IndexOfAny([delimiter, '"', '\n', '\r']) < 0 ? id : $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<float> values, byte[] buffer)
    {
        for (int i = 0; i < values.Length; i++) { BinaryPrimitives.WriteSingleLittleEndian(buffer.AsSpan(i * sizeof(float)), values[i]); }
        return buffer;
    }
}
