using System.IO.Compression;

namespace Facto.Data.Text;

/// <summary>
/// Reads gzip to its very end and knows that it was the end. The framework's stream takes half a file for a whole one and passes over
/// what follows the
/// last member; so a small member of our own is put behind the file, and only if its text is the last thing that comes out was
/// everything in order.
/// </summary>
internal sealed class WholeGzipStream : Stream
{
    private const int Room = 1 << 16;

    private static readonly byte[] Seal = "\0facto\u0001end of file\u0002"u8.ToArray();
    private static readonly byte[] SealedMember = Compress(Seal);

    private readonly GZipStream _plain;
    private readonly byte[] _buffer = new byte[Room + Seal.Length];
    private int _start, _ready, _held;   // _ready bytes to give out from _start, then _held that may be the seal
    private bool _ended;

    public WholeGzipStream(Stream compressed) => _plain = new GZipStream(new FollowedStream(compressed, SealedMember),
        CompressionMode.Decompress);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">The file is cut off, damaged, or followed by something else.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (_ready == 0 && !_ended) { Fill(); }
        int count = Math.Min(_ready, buffer.Length);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        _ready -= count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _plain.Dispose(); }
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _held).CopyTo(_buffer);
        _start = 0;
        int read = _plain.Read(_buffer.AsSpan(_held));
        int all = _held + read;
        if (read == 0)
        {
            _ended = true;
            if (!_buffer.AsSpan(0, all).SequenceEqual(Seal))
            {
                throw new InvalidDataException("the gzip file ends before its end or goes on behind it");
            }

            return;
        }

        _held = Math.Min(all, Seal.Length);
        _ready = all - _held;
    }

    private static byte[] Compress(byte[] text)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true)) { gzip.Write(text); }
        return memory.ToArray();
    }
}
