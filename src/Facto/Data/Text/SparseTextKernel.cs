using System.Runtime.CompilerServices;

namespace Facto.Data.Text;

internal enum LineFault
{
    None,
    Label,
    Field,
    Feature,
    Colon,
    Value,
    Duplicate,
}

internal interface ISparseTextFormat
{
    static abstract bool HasFields { get; }
}

internal readonly struct LibFmText : ISparseTextFormat
{
    public static bool HasFields => false;
}

internal readonly struct LibFfmText : ISparseTextFormat
{
    public static bool HasFields => true;
}

// The parser's inner loop. It takes whole lines (the byte before `end` is '\n', 16 readable bytes follow) and stops behind the last or at a
// fault.
internal static unsafe class SparseTextKernel
{
    /// <param name="cursor">In: the first byte of a line. Out: `end`, or the first byte of the token that is wrong.</param>
    /// <param name="end">Behind the last line.</param>
    /// <param name="rows">Has room for all that the bytes can hold.</param>
    /// <param name="lineNumber">Lines begun, the one with the fault included.</param>
    // Long on purpose: everything that a line needs stays in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static LineFault Parse<TFormat>(ref byte* cursor, byte* end, SparseTextRows rows, ref long lineNumber)
        where TFormat : struct, ISparseTextFormat
    {
        byte* p = cursor;
        int* features = rows.Features.Pointer;
        int* fields = rows.Fields.Pointer;
        float* labels = rows.Labels.Pointer;
        float* values = rows.HasValues ? rows.Values.Pointer : null;
        long* offsets = rows.HasOffsets ? rows.Offsets.Pointer : null;
        long n = rows.Features.Count, r = rows.Labels.Count, lines = lineNumber, rowStart = n;
        long largest = rows.MaxFeature, largestBefore = largest;
        bool labelled = rows.HasLabels;
        LineFault fault = LineFault.None;
        while (p < end)
        {
            lines++;
            while (TextNumbers.IsBlank(*p)) { p++; }
            if (*p is (byte)'\n' or (byte)'#')
            {
                p = NextLine(p);
                continue;
            }

            rowStart = n;
            largestBefore = largest;
            byte* row = p;
            float label = 0;
            if (labelled && (!TextNumbers.TryReadNumber(ref p, out label) || *p > ' ')) { fault = LineFault.Label; break; }
            long previous = -1;
            bool ascending = true;
            while (true)
            {
                while (TextNumbers.IsBlank(*p)) { p++; }
                if (*p is (byte)'\n' or (byte)'#') { break; }
                fault = ReadFeature<TFormat>(ref p, fields + n, out int feature, out float value);
                if (fault != LineFault.None)
                {
                    // SVM-rank's groups of rows ("qid:7") say nothing about a row by itself.
                    byte* behind = SkipQuery(p);
                    if (behind == p) { break; }
                    p = behind;
                    rows.QueryCount++;
                    fault = LineFault.None;
                    continue;
                }

                if (value != 1f && values is null)
                {
                    rows.KeepValues(n, end - p);
                    values = rows.Values.Pointer;
                }

                if (values is not null) { values[n] = value; }
                features[n++] = feature;
                // Numbers up to 2³²−1: those from 2³¹ on are negative here and are renumbered when all is read.
                long number = (uint)feature;
                ascending &= number > previous;
                previous = number;
                if (number > largest) { largest = number; }
            }

            if (fault != LineFault.None) { break; }
            if (!ascending && HasDuplicate<TFormat>(features + rowStart, fields + rowStart, (int)(n - rowStart)))
            {
                p = row;
                fault = LineFault.Duplicate;
                break;
            }
            if (n - rowStart != rows.FirstWidth && offsets is null)
            {
                if (r == 0) { rows.FirstWidth = n - rowStart; }
                else
                {
                    rows.KeepOffsets(r, end - p);
                    offsets = rows.Offsets.Pointer;
                }
            }

            labels[r++] = label;
            if (offsets is not null) { offsets[r] = n; }
            p = *p == '\n' ? p + 1 : NextLine(p);
        }

        rows.Keep(fault == LineFault.None ? n : rowStart, r, fault == LineFault.None ? largest : largestBefore);
        lineNumber = lines;
        cursor = p;
        return fault;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LineFault ReadFeature<TFormat>(ref byte* p, int* field, out int feature, out float value)
        where TFormat : struct, ISparseTextFormat
    {
        value = 1f;
        feature = 0;
        if (TFormat.HasFields)
        {
            byte* start = p;
            if (!TextNumbers.TryReadIndex(ref p, out *field) || *p != ':')
            {
                p = start;
                return LineFault.Field;
            }

            p++;
        }

        if (!TextNumbers.TryReadIndex(ref p, out feature)) { return LineFault.Feature; }
        if (*p != ':') { return LineFault.Colon; }
        p++;
        if (*p == '1' && p[1] <= ' ') { p++; }
        else if (!TextNumbers.TryReadNumber(ref p, out value) || *p > ' ') { return LineFault.Value; }
        return LineFault.None;
    }

    // Behind "qid:7", or where it was. Apart, so that the loop's budget of inlining goes to what every feature needs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte* SkipQuery(byte* p)
    {
        if (p[0] != 'q' || p[1] != 'i' || p[2] != 'd' || p[3] != ':') { return p; }
        while (*p > ' ') { p++; }
        return p;
    }

    /// <summary>The byte behind the end of the line.</summary>
    public static byte* NextLine(byte* p)
    {
        while (*p != '\n') { p++; }
        return p + 1;
    }

    private static bool HasDuplicate<TFormat>(int* features, int* fields, int count)
        where TFormat : struct, ISparseTextFormat
    {
        if (count > 48)
        {
            var seen = new HashSet<(int, int)>(count);
            for (int i = 0; i < count; i++)
            {
                if (!seen.Add((features[i], TFormat.HasFields ? fields[i] : 0))) { return true; }
            }

            return false;
        }

        for (int i = 1; i < count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (features[i] == features[j] && (!TFormat.HasFields || fields[i] == fields[j])) { return true; }
            }
        }

        return false;
    }
}
