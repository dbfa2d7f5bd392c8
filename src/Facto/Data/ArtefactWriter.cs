using System.Runtime.InteropServices;
using System.Text;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Writes one Facto file: sections of unmanaged values, then a JSON description, whole or not at all (<see cref="DurableFile"/>): a reader
/// sees the new file or the one that was there before. Disposed without a commit, nothing remains.
/// </summary>
public sealed class ArtefactWriter : IDisposable
{
    private readonly DurableFile _file;
    private readonly ArtefactKind _kind;
    private readonly int _version;
    private readonly List<ArtefactSection> _sections = [];
    private readonly HashSet<string> _names = [];
    private FileStream? _stream;
    private byte[] _meta = "{}"u8.ToArray();

    /// <summary>Opens a temporary file beside <paramref name="path"/>.</summary>
    /// <param name="path">Where the finished file will stand.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="version">Version of the kind's layout, ≥ 1.</param>
    internal ArtefactWriter(string path, ArtefactKind kind, int version)
    {
        _kind = kind;
        _version = version;
        _file = new DurableFile(path);
        _stream = _file.Stream;
        _stream.Write(new byte[ArtefactLayout.Alignment]);
    }

    /// <summary>Sets the JSON description (UTF-8, an object).</summary>
    internal void SetMeta(ReadOnlySpan<byte> json) => _meta = json.ToArray();

    /// <summary>Appends a section.</summary>
    /// <param name="name">At most 32 ASCII characters, unique in the file.</param>
    /// <param name="values">Its elements, written in this machine's (little-endian) order.</param>
    public void Write<T>(string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        using SectionStream section = BeginSection(name, Marshal.SizeOf<T>());
        section.Write(MemoryMarshal.AsBytes(values));
    }

    /// <summary>Appends a section from a block, which may be longer than a span.</summary>
    internal void Write<T>(string name, NativeBlock<T> block)
        where T : unmanaged
    {
        using SectionStream section = BeginSection(name, Marshal.SizeOf<T>());
        const int chunk = 1 << 24;
        for (long start = 0; start < block.Length; start += chunk)
        {
            section.Write(MemoryMarshal.AsBytes(block.Slice(start, (int)Math.Min(chunk, block.Length - start))));
        }
    }

    /// <summary>Flushes to the disk and puts the file in its place.</summary>
    internal void Commit()
    {
        FileStream stream = _stream ?? throw new InvalidOperationException("already committed");
        long tableOffset = stream.Position;
        ReadOnlySpan<byte> table = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_sections));
        stream.Write(table);
        stream.Write(_meta);
        var header = new ArtefactHeader
        {
            Magic = MemoryMarshal.Read<ulong>(ArtefactLayout.Magic),
            Kind = (uint)_kind,
            Version = (uint)_version,
            FileLength = stream.Position,
            TableOffset = tableOffset,
            SectionCount = _sections.Count,
            MetaLength = _meta.Length,
            TableCrc = StableHash.Crc32C(_meta, StableHash.Crc32C(table)),
        };
        header.HeaderCrc = StableHash.Crc32C(MemoryMarshal.AsBytes(new ReadOnlySpan<ArtefactHeader>(in header)));
        stream.Position = 0;
        stream.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ArtefactHeader>(in header)));
        _stream = null;
        _file.Commit();
    }

    /// <summary>Removes the temporary file when nothing was committed.</summary>
    public void Dispose()
    {
        _stream = null;
        _file.Dispose();
    }

    private unsafe SectionStream BeginSection(string name, int elementSize)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        if (name.Length is 0 or > ArtefactSection.NameLength || !Ascii.IsValid(name) || !_names.Add(name))
        {
            throw new ArgumentException($"'{name}' is not a new ASCII name of 1 to {ArtefactSection.NameLength} characters", nameof(name));
        }

        var section = new ArtefactSection { Offset = _stream.Position, ElementSize = elementSize };
        Encoding.ASCII.GetBytes(name, new Span<byte>(section.Name, ArtefactSection.NameLength));
        return new SectionStream(this, section);
    }

    // Counts and checks what passes through, and pads to the next boundary at the end.
    private struct SectionStream(ArtefactWriter writer, ArtefactSection section) : IDisposable
    {
        private ArtefactSection _section = section;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            writer._stream!.Write(bytes);
            _section.Crc = StableHash.Crc32C(bytes, _section.Crc);
            _section.Length += bytes.Length;
        }

        public void Dispose()
        {
            Span<byte> padding = stackalloc byte[ArtefactLayout.Alignment];
            padding = padding[..(int)(ArtefactLayout.Align(_section.Length) - _section.Length)];
            padding.Clear();
            writer._stream!.Write(padding);
            _section.Crc = StableHash.Crc32C(padding, _section.Crc);
            writer._sections.Add(_section);
        }
    }
}
