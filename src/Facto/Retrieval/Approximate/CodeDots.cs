using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Facto.Retrieval.Approximate;

/// <summary>
/// Inner products of one int16 vector with int8 rows that lie anywhere in memory. Rows and vector are padded with zeros to a multiple of
/// <see cref="Block"/>. Four rows at a time, so that their sums share the additions across a register.
/// </summary>
internal static unsafe class CodeDots
{
    /// <summary>Rows are a multiple of this many bytes.</summary>
    public const int Block = 32;

    /// <summary>Largest absolute query code for which no sum of <paramref name="width"/> products overflows.</summary>
    public static int LargestQueryCode(int width) => Math.Min(8191, int.MaxValue / (127 * width));

    /// <summary>dots[i] = ⟨vector, row slots[i]⟩; up to three dots behind the last are overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather(short* vector, sbyte* rows, int width, int* slots, int count, int* dots)
    {
        for (int i = 0, last = count - 1; i < count; i += 4)
        {
            int b = Math.Min(i + 1, last), c = Math.Min(i + 2, last), d = Math.Min(i + 3, last);
            Four(vector, rows + ((long)slots[i] * width), rows + ((long)slots[b] * width), rows + ((long)slots[c] * width),
                rows + ((long)slots[d] * width), width, dots + i);
        }
    }

    /// <summary>dots[i] = ⟨vector, row first + i⟩.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(short* vector, sbyte* rows, int width, int first, int count, int* dots)
    {
        int i = 0;
        sbyte* row = rows + ((long)first * width);
        for (; i <= count - 4; i += 4, row += 4L * width)
        {
            Four(vector, row, row + width, row + (2L * width), row + (3L * width), width, dots + i);
        }

        for (; i < count; i++, row += width) { dots[i] = One(vector, row, width); }
    }

    /// <summary>Int8 to int16.</summary>
    public static void Widen(sbyte* row, int width, short* vector)
    {
        for (int i = 0; i < width; i += 16)
        {
            (Vector128<short> lower, Vector128<short> upper) = Vector128.Widen(Vector128.Load(row + i));
            lower.Store(vector + i);
            upper.Store(vector + i + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(short* vector, sbyte* a, sbyte* b, sbyte* c, sbyte* d, int width, int* dots)
    {
        if (Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
        {
            Vector512<int> ab = PairSums(Sum512(vector, a, width), Sum512(vector, b, width)),
                cd = PairSums(Sum512(vector, c, width), Sum512(vector, d, width));
            Vector512<int> abcd = Avx512F.UnpackLow(ab.AsInt64(), cd.AsInt64()).AsInt32() + Avx512F.UnpackHigh(ab.AsInt64(), cd.AsInt64())
                .AsInt32();
            Vector256<int> half = abcd.GetLower() + abcd.GetUpper();
            (half.GetLower() + half.GetUpper()).Store(dots);
        }
        else if (Vector256.IsHardwareAccelerated && Avx2.IsSupported)
        {
            Vector256<int> x = Vector256<int>.Zero, y = x, z = x, w = x;
            for (int i = 0; i < width; i += 16)
            {
                Vector256<short> query = Vector256.Load(vector + i);
                x += Products256(query, a + i);
                y += Products256(query, b + i);
                z += Products256(query, c + i);
                w += Products256(query, d + i);
            }

            // Two rounds of adding neighbours leave a, b, c and d in order, once per half.
            Vector256<int> abcd = Avx2.HorizontalAdd(Avx2.HorizontalAdd(x, y), Avx2.HorizontalAdd(z, w));
            (abcd.GetLower() + abcd.GetUpper()).Store(dots);
        }
        else
        {
            dots[0] = One(vector, a, width);
            dots[1] = One(vector, b, width);
            dots[2] = One(vector, c, width);
            dots[3] = One(vector, d, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int One(short* vector, sbyte* row, int width)
    {
        if (Vector512.IsHardwareAccelerated && Avx512BW.IsSupported) { return Vector512.Sum(Sum512(vector, row, width)); }
        if (Vector256.IsHardwareAccelerated && Avx2.IsSupported)
        {
            Vector256<int> s = Vector256<int>.Zero;
            for (int i = 0; i < width; i += 16) { s += Products256(Vector256.Load(vector + i), row + i); }
            return Vector256.Sum(s);
        }

        return Portable(vector, row, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products256(Vector256<short> query, sbyte* row) =>
        Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row), query);

    private static int Portable(short* vector, sbyte* row, int width)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            int sum = 0;
            for (int i = 0; i < width; i++) { sum += vector[i] * row[i]; }
            return sum;
        }

        Vector128<int> s = Vector128<int>.Zero;
        for (int i = 0; i < width; i += 8)
        {
            Vector128<short> codes = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)(row + i)).AsSByte()),
                query = Vector128.Load(vector + i);
            s += (Vector128.WidenLower(codes) * Vector128.WidenLower(query)) + (Vector128.WidenUpper(codes) * Vector128.WidenUpper(query));
        }

        return Vector128.Sum(s);
    }

    // a₀+a₂ b₀+b₂ a₁+a₃ b₁+b₃ in every group of four lanes
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> PairSums(Vector512<int> a, Vector512<int> b) => Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Sum512(short* vector, sbyte* row, int width)
    {
        Vector512<int> s = Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row)), Vector512.Load(vector));
        for (int i = 32; i < width; i += 32)
        {
            s += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row + i)), Vector512.Load(vector + i));
        }

        return s;
    }
}
