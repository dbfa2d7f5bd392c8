using System.Runtime.InteropServices;
using System.Text;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>A column of strings, stored as UTF-8 bytes with offsets so that it can be mapped.</summary>
internal sealed class TextColumn
{
    private readonly NativeBlock<byte> _bytes;
    private readonly NativeBlock<long> _offsets;   // Count+1 ascending positions in _bytes

    /// <summary>Copies <paramref name="values"/>; null becomes the empty string.</summary>
    public TextColumn(IEnumerable<string?> values)
    {
        var bytes = new List<byte>();
        var offsets = new List<long> { 0 };
        foreach (string? value in values)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(value ?? string.Empty));
            offsets.Add(bytes.Count);
        }

        _bytes = new NativeBlock<byte>(CollectionsMarshal.AsSpan(bytes));
        _offsets = new NativeBlock<long>(CollectionsMarshal.AsSpan(offsets));
    }

    private TextColumn(NativeBlock<byte> bytes, NativeBlock<long> offsets)
    {
        _bytes = bytes;
        _offsets = offsets;
    }

    /// <summary>Number of strings.</summary>
    public int Count => (int)_offsets.Length - 1;

    /// <summary>The string at <paramref name="index"/>.</summary>
    public string this[int index] => Encoding.UTF8.GetString(Utf8(index));

    /// <summary>The UTF-8 bytes of the string at <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> Utf8(int index) => _bytes.Slice(_offsets[index], (int)(_offsets[index + 1] - _offsets[index]));

    internal void Write(ArtefactWriter writer, string name)
    {
        writer.Write(name + ".bytes", _bytes);
        writer.Write(name + ".offsets", _offsets);
    }

    internal static TextColumn Read(ArtefactReader reader, string name)
    {
        NativeBlock<byte> bytes = reader.Block<byte>(name + ".bytes");
        NativeBlock<long> offsets = reader.Block<long>(name + ".offsets");
        bool ascending = offsets.Length > 0 && offsets[0] == 0 && offsets[offsets.Length - 1] == bytes.Length;
        for (long i = 1; ascending && i < offsets.Length; i++) { ascending = offsets[i] >= offsets[i - 1]; }
        return ascending ? new TextColumn(bytes, offsets) : throw reader.Damaged($"the offsets of '{name}' are not ascending");
    }
}
