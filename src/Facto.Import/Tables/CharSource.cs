using System.Text;
using Facto.Data.Text;

namespace Facto.Import;

/// <summary>The characters of a text file: unpacked, decoded, without a byte order mark. What is not valid in the encoding comes as
/// <see cref="Invalid"/>.</summary>
internal sealed class CharSource : IDisposable
{
    /// <summary>Stands where bytes are no characters.</summary>
    public const char Invalid = '\uFFFF';

    private const int Room = 1 << 17;

    private readonly Stream _stream;
    private readonly Decoder _decoder;
    private readonly byte[] _bytes = new byte[Room];
    private int _start, _count;
    private bool _flushed;

    /// <param name="path">The file, compressed or not; "-" is standard input.</param>
    /// <param name="encoding">utf-8, latin-1 or utf-16. A byte order mark, or the zero bytes of UTF-16, say otherwise.</param>
    public CharSource(string path, string encoding)
    {
        Path = path;
        _stream = TextFile.Open(path);
        try
        {
            _count = _stream.ReadAtLeast(_bytes, 4096, throwOnEndOfStream: false);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }

        (Encoding found, int mark) = Detect(_bytes.AsSpan(0, _count), encoding);
        _start = mark;
        _count -= mark;
        EncodingName = found is UnicodeEncoding ? "utf-16" : found.CodePage == 28591 ? "latin-1" : "utf-8";
        _decoder = Encoding.GetEncoding(found.CodePage, EncoderFallback.ExceptionFallback,
            new DecoderReplacementFallback(Invalid.ToString())).GetDecoder();
    }

    public string Path { get; }

    /// <summary>utf-8, latin-1 or utf-16: what it is read as.</summary>
    public string EncodingName { get; }

    /// <summary>Fills <paramref name="room"/> (2 characters or more) as far as one piece of the file goes; 0 at the end.</summary>
    public int Read(Span<char> room)
    {
        while (!_flushed)
        {
            if (_count == 0)
            {
                _start = 0;
                _count = _stream.Read(_bytes);
            }

            _flushed = _count == 0;
            _decoder.Convert(_bytes.AsSpan(_start, _count), room, _flushed, out int bytes, out int chars, out _);
            _start += bytes;
            _count -= bytes;
            if (chars > 0) { return chars; }
        }

        return 0;
    }

    public void Dispose() => _stream.Dispose();

    private static (Encoding Encoding, int Mark) Detect(ReadOnlySpan<byte> head, string encoding)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf])) { return (Encoding.UTF8, 3); }
        if (head.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe])) { return (Encoding.Unicode, 2); }
        if (head.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff])) { return (Encoding.BigEndianUnicode, 2); }
        int even = 0, odd = 0;
        for (int i = 0; i < head.Length; i++)
        {
            if (head[i] == 0) { _ = (i & 1) == 0 ? even++ : odd++; }
        }

        // Of Latin text in UTF-16 every other byte is zero; other text has none.
        bool littleEndian = odd > head.Length / 8 && even < odd / 4, bigEndian = even > head.Length / 8 && odd < even / 4;
        if (bigEndian) { return (Encoding.BigEndianUnicode, 0); }
        if (littleEndian || encoding == "utf-16") { return (Encoding.Unicode, 0); }
        return (encoding == "latin-1" ? Encoding.Latin1 : Encoding.UTF8, 0);
    }
}
