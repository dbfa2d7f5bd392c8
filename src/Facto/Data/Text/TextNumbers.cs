using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facto.Data.Text;

// Numbers in text, at a few cycles each. Every method may read 8 bytes beyond the number: the caller's buffer has that much padding.
internal static unsafe class TextNumbers
{
    public static bool IsBlank(byte c) => c <= (byte)' ' && c != (byte)'\n';

    // Eight characters at once: find the first that is no digit, shift the digits to the end, and add them up pairwise
    // (the well-known three-multiplication reduction: 1+1 digits, 2+2 digits, 4+4 digits).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadIndex(ref byte* p, out int value)
    {
        ulong chunk = Unsafe.ReadUnaligned<ulong>(p);
        ulong digits = chunk ^ 0x3030303030303030UL;
        ulong others = (digits | ((digits & 0x7F7F7F7F7F7F7F7FUL) + 0x7676767676767676UL)) & 0x8080808080808080UL;
        if (others == 0) { return TryReadLongIndex(ref p, out value); }
        int shift = 64 - (BitOperations.TrailingZeroCount(others) & ~7);
        if (shift == 64)
        {
            value = 0;
            return false;
        }

        digits <<= shift;
        digits = (digits * 10) + (digits >> 8);
        value = (int)(
            (((digits & 0x000000FF000000FFUL) * 0x000F424000000064UL)
                + (((digits >> 16) & 0x000000FF000000FFUL) * 0x0000271000000001UL)) >> 32);
        p += (64 - shift) >> 3;
        return true;
    }

    // 8 digits and more, up to 2³²−1 (hashed features); from 2³¹ on the value is its negative twin.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryReadLongIndex(ref byte* p, out int value)
    {
        long sum = 0;
        byte* q = p;
        while ((uint)(*q - '0') <= 9 && sum <= uint.MaxValue) { sum = (sum * 10) + (*q++ - '0'); }
        value = (int)(uint)sum;
        bool fits = sum <= uint.MaxValue && (uint)(*q - '0') > 9;
        if (fits) { p = q; }
        return fits;
    }

    // A finite decimal number; the nearest double of what is written, then the nearest float. Most labels are one digit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadNumber(ref byte* p, out float value)
    {
        uint digit = (uint)(*p - '0');
        if (digit > 9 || p[1] > ' ') { return TryReadDecimal(ref p, out value); }
        value = digit;
        p++;
        return true;
    }

    // Called from the first row on: the slow code of the JIT's first tier would cost more than the whole file.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryReadDecimal(ref byte* p, out float value)
    {
        byte* q = p;
        bool negative = *q == '-';
        if (*q is (byte)'-' or (byte)'+') { q++; }
        ulong mantissa = 0;
        int digits = 0, scale = 0;
        for (; (uint)(*q - '0') <= 9; q++, digits++) { mantissa = (mantissa * 10) + (ulong)(*q - '0'); }
        if (*q == '.')
        {
            for (q++; (uint)(*q - '0') <= 9; q++, digits++, scale++) { mantissa = (mantissa * 10) + (ulong)(*q - '0'); }
        }

        // 15 digits fit into a double exactly and so does 10^15: one division, correctly rounded.
        if (digits is > 0 and <= 15 && *q <= ' ')
        {
            double magnitude = scale == 0 ? mantissa : mantissa / PowersOfTen[scale];
            value = (float)(negative ? -magnitude : magnitude);
            p = q;
            return true;
        }

        return TryReadUnusualNumber(ref p, out value);
    }

    private static ReadOnlySpan<double> PowersOfTen => [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    private static bool TryReadUnusualNumber(ref byte* p, out float value)
    {
        int length = 0;
        while (p[length] > ' ') { length++; }
        bool good = double.TryParse(
            new ReadOnlySpan<byte>(p, length), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out double number);
        value = (float)number;
        if (!good || !float.IsFinite(value)) { return false; }
        p += length;
        return true;
    }
}
