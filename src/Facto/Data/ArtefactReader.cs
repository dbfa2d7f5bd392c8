using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Maps one Facto file. Header and section table are checked against the file's length and their checksums before anything else;
/// the sections' own checksums are verified on opening, unless the caller asks to map first and <see cref="Verify"/> later.
/// Blocks taken from it stay valid until the reader is disposed.
/// </summary>
public sealed unsafe class ArtefactReader : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly Dictionary<string, ArtefactSection> _sections = [];
    private readonly byte[] _meta;
    private bool _disposed;

    /// <summary>Maps <paramref name="path"/>.</summary>
    /// <param name="path">A file written by <see cref="ArtefactWriter"/>.</param>
    /// <param name="kind">What it must hold.</param>
    /// <param name="newestVersion">The newest layout that the caller reads.</param>
    /// <param name="verify">Whether to check every section's checksum now (one pass over the file).</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is foreign, damaged, of another kind or newer; the message says which.</exception>
    internal ArtefactReader(string path, ArtefactKind kind, int newestVersion, bool verify = true)
        : this(path, verify)
    {
        if (Kind != kind)
        {
            Dispose();
            throw Damaged($"it holds a {ArtefactLayout.KindName((uint)Kind)}, not a {ArtefactLayout.KindName((uint)kind)}");
        }

        if (Version < 1 || Version > newestVersion)
        {
            Dispose();
            throw Damaged(
                $"its {ArtefactLayout.KindName((uint)kind)} layout has version {Version}, this program reads 1 to {newestVersion}; use "
                    + $"a newer Facto");
        }
    }

    /// <summary>Maps a Facto file of any kind, for inspection.</summary>
    /// <exception cref="InvalidDataException">The file is foreign or damaged.</exception>
    internal ArtefactReader(string path, bool verify)
    {
        FilePath = path;
        if (!File.Exists(path)) { throw new FileNotFoundException($"{path}: there is no such file", path); }
        FileLength = new FileInfo(path).Length;
        if (FileLength < ArtefactLayout.Alignment) { throw Damaged($"{FileLength} bytes are too few for a Facto file"); }
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        try
        {
            ArtefactHeader header = ReadHeader();
            Kind = (ArtefactKind)header.Kind;
            Version = (int)Math.Min(header.Version, int.MaxValue);
            _meta = ReadTable(header);
            if (verify) { Verify(); }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file that is mapped.</summary>
    internal string FilePath { get; }

    /// <summary>What it holds.</summary>
    internal ArtefactKind Kind { get; }

    /// <summary>Version of the kind's layout.</summary>
    internal int Version { get; }

    /// <summary>Size of the file in bytes.</summary>
    internal long FileLength { get; }

    /// <summary>The JSON description, UTF-8.</summary>
    internal ReadOnlySpan<byte> Meta => _meta;

    /// <summary>Names, bytes and element sizes of the sections, in the order of the file.</summary>
    internal IEnumerable<(string Name, long Bytes, int ElementSize)> Sections =>
        _sections.OrderBy(s => s.Value.Offset).Select(s => (s.Key, s.Value.Length, s.Value.ElementSize));

    /// <summary>True when the file has such a section.</summary>
    internal bool Has(string name) => _sections.ContainsKey(name);

    /// <summary>The elements of a section, where they are mapped. They must not be written.</summary>
    /// <exception cref="InvalidDataException">There is no such section, or its elements are of another size.</exception>
    internal NativeBlock<T> Block<T>(string name)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_sections.TryGetValue(name, out ArtefactSection section)) { throw Damaged($"section '{name}' is missing"); }
        if (section.ElementSize != sizeof(T) || section.Length % sizeof(T) != 0)
        {
            throw Damaged($"section '{name}' has elements of {section.ElementSize} bytes, expected {sizeof(T)}");
        }

        return new NativeBlock<T>((T*)(_start + section.Offset), section.Length / sizeof(T), this);
    }

    /// <summary>The elements of a section that must be <paramref name="length"/> long.</summary>
    /// <exception cref="InvalidDataException">The section is missing or of another size.</exception>
    internal NativeBlock<T> Block<T>(string name, long length)
        where T : unmanaged
    {
        NativeBlock<T> block = Block<T>(name);
        return block.Length == length ? block : throw Damaged($"section '{name}' has {block.Length} elements, expected {length}");
    }

    /// <summary>A copy of a section's elements.</summary>
    /// <param name="name">As it was written.</param>
    /// <param name="length">How many elements there must be.</param>
    /// <exception cref="InvalidDataException">The section is missing or of another size.</exception>
    public T[] Read<T>(string name, int length)
        where T : unmanaged
    {
        T[] values = Block<T>(name, length).Span.ToArray();
        GC.KeepAlive(this);
        return values;
    }

    /// <summary>A section of floats as a padded matrix.</summary>
    /// <exception cref="InvalidDataException">The section is missing or of another size.</exception>
    internal RowMatrix Matrix(string name, int rowCount, int columnCount)
    {
        if (rowCount < 0 || columnCount is < 0 or > 1 << 24) { throw Damaged($"a matrix of {rowCount} × {columnCount} is impossible"); }
        return new RowMatrix(Block<float>(name, (long)rowCount * RowMatrix.PaddedLength(columnCount)), rowCount, columnCount);
    }

    /// <summary>Checks every section's checksum.</summary>
    /// <exception cref="InvalidDataException">A section is damaged.</exception>
    internal void Verify()
    {
        foreach ((string name, ArtefactSection section) in _sections)
        {
            uint crc = 0;
            long padded = ArtefactLayout.Align(section.Length);
            for (long start = 0; start < padded; start += 1 << 26)
            {
                crc = StableHash.Crc32C(
                    new ReadOnlySpan<byte>(_start + section.Offset + start, (int)Math.Min(1 << 26, padded - start)), crc);
            }

            if (crc != section.Crc) { throw Damaged($"section '{name}' does not match its checksum"); }
        }
    }

    /// <summary>The exception that says what is wrong with this file.</summary>
    public InvalidDataException Damaged(string what) => new($"{FilePath}: not a usable Facto file: {what}");

    /// <summary>
    /// Lets go of the file when neither the reader nor a block taken from it is in use any more (a bundle that was swapped out).
    /// </summary>
    ~ArtefactReader() => ReleasePointer();

    /// <summary>Lets go of the file; blocks taken from it are dead.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }

    // The handle counts this reference: without giving it back, the mapping would stay for the life of the process.
    private void ReleasePointer()
    {
        if (_disposed) { return; }
        _disposed = true;
        if (_start is not null) { _view.SafeMemoryMappedViewHandle.ReleasePointer(); }
    }

    private ArtefactHeader ReadHeader()
    {
        var header = MemoryMarshal.Read<ArtefactHeader>(new ReadOnlySpan<byte>(_start, ArtefactLayout.Alignment));
        if (header.Magic != MemoryMarshal.Read<ulong>(ArtefactLayout.Magic)) { throw Damaged("the first bytes are not Facto's"); }
        ArtefactHeader unsigned = header;
        unsigned.HeaderCrc = 0;
        if (StableHash.Crc32C(MemoryMarshal.AsBytes(new ReadOnlySpan<ArtefactHeader>(in unsigned))) != header.HeaderCrc)
        {
            throw Damaged("the header does not match its checksum");
        }

        if (header.FileLength != FileLength)
        {
            throw Damaged($"it has {FileLength} bytes, its header says {header.FileLength}: it was cut or appended to");
        }
        if (header.SectionCount is < 0 or > ArtefactLayout.MaxSections || header.MetaLength is < 0 or > ArtefactLayout.MaxMetaBytes
            || header.TableOffset < ArtefactLayout.Alignment
            || header.TableOffset + ((long)header.SectionCount * ArtefactLayout.Alignment) + header.MetaLength != FileLength)
        {
            throw Damaged("its section table does not fit its length");
        }

        return header;
    }

    private byte[] ReadTable(ArtefactHeader header)
    {
        int tableLength = header.SectionCount * ArtefactLayout.Alignment;
        var table = new ReadOnlySpan<byte>(_start + header.TableOffset, tableLength);
        var meta = new ReadOnlySpan<byte>(_start + header.TableOffset + tableLength, header.MetaLength);
        if (StableHash.Crc32C(meta, StableHash.Crc32C(table)) != header.TableCrc)
        {
            throw Damaged("its section table does not match its checksum");
        }
        foreach (ArtefactSection entry in MemoryMarshal.Cast<byte, ArtefactSection>(table))
        {
            ArtefactSection section = entry;
            string name = Encoding.ASCII.GetString(new ReadOnlySpan<byte>(section.Name, ArtefactSection.NameLength)).TrimEnd('\0');
            bool fits = section.Offset >= ArtefactLayout.Alignment && section.Offset % ArtefactLayout.Alignment == 0
                && section.Length >= 0 && section.Length <= header.TableOffset
                && section.Offset + ArtefactLayout.Align(section.Length) <= header.TableOffset && section.ElementSize > 0;
            if (!fits || !_sections.TryAdd(name, section)) { throw Damaged($"section '{name}' does not fit into the file"); }
        }

        return meta.ToArray();
    }
}
