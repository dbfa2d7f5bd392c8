namespace Facto.Data.Text;

/// <summary>Some bytes, then a stream, then some more bytes, read as one.</summary>
internal sealed class FollowedStream : Stream
{
    private readonly Stream _middle;
    private readonly ReadOnlyMemory<byte> _after;
    private ReadOnlyMemory<byte> _before;
    private int _given = -1;   // bytes of what follows that were given out; −1 while the stream has more

    public FollowedStream(Stream middle, ReadOnlyMemory<byte> after, ReadOnlyMemory<byte> before = default)
    {
        _middle = middle;
        _after = after;
        _before = before;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_before.Length > 0)
        {
            int first = Math.Min(_before.Length, buffer.Length);
            _before.Span[..first].CopyTo(buffer);
            _before = _before[first..];
            return first;
        }

        if (_given < 0)
        {
            int read = _middle.Read(buffer);
            if (read > 0 || buffer.Length == 0) { return read; }
            _given = 0;
        }

        int count = Math.Min(_after.Length - _given, buffer.Length);
        _after.Span.Slice(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _middle.Dispose(); }
        base.Dispose(disposing);
    }
}
