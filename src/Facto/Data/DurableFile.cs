using System.Text;

namespace Facto.Data;

/// <summary>
/// The one way in which a file is written: under a name of its own in a <see cref="TemporaryHome"/>, flushed to the disk, renamed into its
/// place, and the folder flushed. A reader sees the old file or the new one, whole; disposed without a commit (an error, a full disk), the
/// old one stays and nothing is left.
/// </summary>
internal sealed class DurableFile : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly string _folder;
    private readonly string _path;
    private readonly TemporaryHome _home;
    private FileStream? _stream;
    private bool _committed;

    /// <summary>Begins to write <paramref name="path"/>; its folder is made when it is not there.</summary>
    public DurableFile(string path)
    {
        _path = Path.GetFullPath(path);
        if (Directory.Exists(_path)) { throw new IOException($"{path}: there is a folder of this name; give the name of a file"); }
        _folder = Path.GetDirectoryName(_path)!;
        _home = TemporaryHome.In(_folder);
        TemporaryPath = Path.Combine(_home.Path, "content");
    }

    /// <summary>Where the content grows, for a writer that takes a name and no stream.</summary>
    public string TemporaryPath { get; }

    /// <summary>The content, at its beginning when first asked for.</summary>
    public FileStream Stream
    {
        get
        {
            if (_committed) { throw new InvalidOperationException("already committed"); }
            return _stream ??= new FileStream(TemporaryPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, BufferBytes);
        }
    }

    /// <summary>Writes a whole file.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new DurableFile(path);
        write(file.Stream);
        file.Commit();
    }

    /// <summary>Writes a whole file.</summary>
    public static void WriteBytes(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = new DurableFile(path);
        file.Stream.Write(bytes);
        file.Commit();
    }

    /// <summary>Writes a whole file in UTF-8, lines ended by a line feed.</summary>
    public static void WriteText(string path, Action<TextWriter> write) => Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        write(writer);
    });

    /// <summary>Writes a whole file in UTF-8.</summary>
    public static void WriteText(string path, string text) => WriteBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Flushes to the disk and puts the file in its place.</summary>
    public void Commit()
    {
        if (_committed) { throw new InvalidOperationException("already committed"); }
        FileStream stream = _stream ?? new FileStream(TemporaryPath, FileMode.Open, FileAccess.ReadWrite);
        _stream = stream;
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(TemporaryPath, _path, overwrite: true);
        _committed = true;
        _stream = null;
        DiskFolder.Flush(_folder);
    }

    /// <summary>Removes what was written when nothing was committed.</summary>
    public void Dispose()
    {
        try { _stream?.Dispose(); }
        catch (IOException) { }   // what is still buffered does not fit on the disk, and is not wanted
        _stream = null;
        _home.Dispose();
    }
}
