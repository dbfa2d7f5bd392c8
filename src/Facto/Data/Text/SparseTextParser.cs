using System.Runtime.InteropServices;
using System.Text;

namespace Facto.Data.Text;

/// <summary>
/// Feeds files to <see cref="SparseTextKernel"/> in pieces that stay in the processor's cache, and turns faults into sentences.
/// </summary>
internal sealed unsafe class SparseTextParser(SparseTextOptions options, CancellationToken cancellation) : IDisposable
{
    private const int Padding = 64;      // the kernel looks at up to 16 bytes beyond the last line
    private const int FirstBuffer = 1 << 19;
    private const int LongestLine = 1 << 30;
    private const int ShownBadLines = 5;

    private readonly List<string> _firstBadLines = [];
    private byte* _buffer = (byte*)NativeMemory.Alloc(FirstBuffer + Padding);
    private int _capacity = FirstBuffer;

    public SparseTextFormat? Format { get; private set; } = options.Format;

    public long Bytes { get; private set; }

    public long BadLineCount { get; private set; }

    public IReadOnlyList<string> FirstBadLines => _firstBadLines;

    /// <summary>The rows of several files, one after another.</summary>
    public SparseTextRows Read(IReadOnlyList<string> paths)
    {
        SparseTextRows? rows = Format is { } known ? new SparseTextRows(known == SparseTextFormat.LibFfm) : null;
        try
        {
            foreach (string path in paths) { ReadFile(path, ref rows); }
            return rows ?? new SparseTextRows(withFields: false);
        }
        catch
        {
            rows?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_buffer);
        _buffer = null;
    }

    private void ReadFile(string path, ref SparseTextRows? rows)
    {
        using Stream stream = TextFile.Open(path, out long length);
        long lineNumber = 0, readOfFile = 0;
        int kept = 0;   // bytes of an unfinished line at the start of the buffer
        for (bool atEnd = false; !atEnd;)
        {
            cancellation.ThrowIfCancellationRequested();
            if (kept == _capacity) { Grow(path, lineNumber); }
            int read = stream.Read(new Span<byte>(_buffer + kept, _capacity - kept));
            readOfFile += read;
            Bytes += read;
            int filled = kept + read;
            atEnd = read == 0;
            if (atEnd && kept > 0) { _buffer[filled++] = (byte)'\n'; }
            int whole = new ReadOnlySpan<byte>(_buffer, filled).LastIndexOf((byte)'\n') + 1;
            if (whole > 0)
            {
                int start = lineNumber == 0 && new ReadOnlySpan<byte>(_buffer, whole).StartsWith("\uFEFF"u8) ? 3 : 0;
                ReadOnlySpan<byte> text = new ReadOnlySpan<byte>(_buffer, whole)[start..];
                rows ??= new SparseTextRows(DetectFormat(text) == SparseTextFormat.LibFfm);
                bool first = rows.Labels.Count == 0;
                if (first && options.LabelsOptional) { rows.HasLabels = BeginsWithLabel(text); }
                ParseLines(path, _buffer + start, _buffer + whole, rows, ref lineNumber);
                if (first && length > readOfFile) { rows.ReserveForRest((double)(length - readOfFile) / readOfFile); }
            }

            kept = filled - whole;
            new ReadOnlySpan<byte>(_buffer + whole, kept).CopyTo(new Span<byte>(_buffer, kept));
        }
    }

    private void ParseLines(string path, byte* start, byte* end, SparseTextRows rows, ref long lineNumber)
    {
        rows.Reserve(end - start);
        byte* cursor = start;
        while (cursor < end)
        {
            LineFault fault = rows.HasFields
                ? SparseTextKernel.Parse<LibFfmText>(ref cursor, end, rows, ref lineNumber)
                : SparseTextKernel.Parse<LibFmText>(ref cursor, end, rows, ref lineNumber);
            if (fault == LineFault.None) { return; }
            Report($"{path}:{lineNumber}: {Sentence(fault, cursor, rows.HasFields)}");
            cursor = SparseTextKernel.NextLine(cursor);
        }
    }

    private void Report(string sentence)
    {
        BadLineCount++;
        if (_firstBadLines.Count < ShownBadLines) { _firstBadLines.Add(sentence); }
        if (BadLineCount <= options.MaxBadLines) { return; }
        throw new FactoException(options.MaxBadLines == 0
            ? sentence
            : $"more than {options.MaxBadLines} bad lines, the limit that was set; the first are:\n  "
                + string.Join("\n  ", _firstBadLines));
    }

    private static string Sentence(LineFault fault, byte* at, bool withFields)
    {
        string found = Token(at);
        string form = withFields ? "field:feature:value" : "feature:value";
        return fault switch
        {
            LineFault.Label when found.Contains(':', StringComparison.Ordinal) =>
                $"the row must begin with its label, a finite number; found '{found}': rows without labels can be predicted but not "
                    + $"learnt from",
            LineFault.Label => $"the row must begin with its label, a finite number; found '{found}'",
            LineFault.Field => $"expected field:feature:value with whole numbers from 0 to {uint.MaxValue}; found '{found}'",
            LineFault.Feature => $"expected {form} with a feature number from 0 to {uint.MaxValue}; found '{found}'",
            LineFault.Colon => $"expected ':' and a value behind the feature number ({form}); found '{found}'",
            LineFault.Value => $"expected a finite number as the feature's value ({form}); found '{found}'",
            LineFault.Duplicate => "one feature stands twice in this row; add its values up into one",
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
    }

    // What stands at the fault, up to the next blank, cut so that a message stays one line.
    private static string Token(byte* at)
    {
        int length = 0;
        while (at[length] > ' ' && length < 40) { length++; }
        if (length == 0) { return *at == '\n' ? "the end of the line" : " "; }
        return Encoding.UTF8.GetString(at, length) + (at[length] > ' ' ? "…" : string.Empty);
    }

    // libFFM when the first feature of the first row that has one carries two colons.
    private SparseTextFormat DetectFormat(ReadOnlySpan<byte> text)
    {
        SparseTextFormat found = SparseTextFormat.LibFm;
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range];
            int comment = line.IndexOf((byte)'#');
            if (comment >= 0) { line = line[..comment]; }
            int colon = line.IndexOf((byte)':');
            if (colon < 0) { continue; }
            ReadOnlySpan<byte> rest = line[(colon + 1)..];
            int end = rest.IndexOfAny(" \t\r"u8);
            if ((end < 0 ? rest : rest[..end]).Contains((byte)':')) { found = SparseTextFormat.LibFfm; }
            break;
        }

        Format = found;
        return found;
    }

    // Whether the first row begins with a label and not with a feature.
    private static bool BeginsWithLabel(ReadOnlySpan<byte> text)
    {
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range].Trim(" \t\r"u8);
            if (line.IsEmpty || line[0] == '#') { continue; }
            int end = line.IndexOfAny(" \t\r"u8);
            ReadOnlySpan<byte> token = end < 0 ? line : line[..end];
            return !token.Contains((byte)':') || token.StartsWith("qid:"u8);
        }

        return true;
    }

    private void Grow(string path, long lineNumber)
    {
        if (_capacity >= LongestLine)
        {
            throw new FactoException(
                $"{path}:{lineNumber + 1}: a line of more than {LongestLine >> 20} MiB is no sparse row; is this a text file?");
        }
        _capacity *= 2;
        _buffer = (byte*)NativeMemory.Realloc(_buffer, (nuint)_capacity + Padding);
    }
}
