namespace Facto.Data.Text;

/// <summary>
/// Opens files that hold text, whatever they are called: the first bytes say whether they are compressed. "-" is standard input. What is
/// wrong with a
/// compressed file is told with the file's name.
/// </summary>
internal static class TextFile
{
    /// <summary>Standard input's name.</summary>
    public const string StandardInput = "-";

    /// <summary>Decompresses Zstandard; null until an assembly that can (Facto.Import) has set it.</summary>
    public static Func<Stream, Stream>? Zstandard { get; set; }

    /// <summary>Opens standard input; null until an assembly that may use the console (Facto.Import) has set it.</summary>
    public static Func<Stream>? OpenInput { get; set; }

    /// <summary>The plain bytes of a file.</summary>
    /// <exception cref="FactoException">It cannot be opened, or is an archive. Reading throws one when compressed data is cut off or
    /// damaged.</exception>
    public static Stream Open(string path) => Open(path, out _);

    /// <param name="path">The file, or "-".</param>
    /// <param name="length">Bytes of plain text, or 0 when they are not known before.</param>
    /// <inheritdoc cref="Open(string)"/>
    public static Stream Open(string path, out long length)
    {
        Stream file = OpenRaw(path);
        byte[] head = new byte[4];
        int count;
        try
        {
            count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            throw new FactoException($"{path}: cannot be read: {e.Message}", e);
        }

        ReadOnlySpan<byte> magic = head.AsSpan(0, count);
        if (magic.StartsWith("PK\x03\x04"u8))
        {
            file.Dispose();
            throw new FactoException(
                $"{path}: it is a zip archive (or a spreadsheet): unpack it, or save it as CSV, and name the file in it");
        }

        length = 0;
        Stream whole = new FollowedStream(file, default, head.AsMemory(0, count));
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])) { return new ToldStream(new WholeGzipStream(whole), path, "gzip"); }
        if (magic.SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]))
        {
            Func<Stream, Stream> decompress = Zstandard ?? throw new FactoException(
                $"{path}: it is compressed by zstd, which this program does not read: unpack it or use a pipe (zstd -dc)");
            return new ToldStream(decompress(whole), path, "zstd");
        }

        if (file.CanSeek) { length = file.Length; }
        return new ToldStream(whole, path, null);
    }

    private static Stream OpenRaw(string path)
    {
        if (path == StandardInput && OpenInput is not null) { return OpenInput(); }
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = File.Exists(path) || Directory.Exists(path)
                ? $"cannot be read: {(Directory.Exists(path) ? "it is a folder" : e.Message)}" : "there is no such file";
            throw new FactoException($"{path}: {why}", e);
        }
    }

    // Gives out what the stream gives; its exceptions become sentences.
    private sealed class ToldStream(Stream inner, string path, string? compression) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            try
            {
                return inner.Read(buffer);
            }
            catch (Exception e) when (compression is not null && e is not (FactoException or OutOfMemoryException))
            {
                throw new FactoException(
                    $"{path}: the {compression} file is cut off, damaged, or followed by something that does not belong to it: pack or "
                        + $"fetch it again", e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new FactoException($"{path}: cannot be read to its end: {e.Message}", e);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) { inner.Dispose(); }
            base.Dispose(disposing);
        }
    }
}
