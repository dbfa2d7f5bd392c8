using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Facto.Retrieval.Bounded;

/// <summary>
/// A register of 32-bit sums, one per item, that takes two coordinates of every item at a time: int8 codes times int16 query values.
/// </summary>
internal unsafe interface ICodeLanes<TSelf>
    where TSelf : struct, ICodeLanes<TSelf>
{
    /// <summary>Items of a register.</summary>
    static abstract int Count { get; }

    static abstract bool IsSupported { get; }

    /// <summary>sum[i] + codes[2i]·q₀ + codes[2i+1]·q₁, with q₀ in the low half of <paramref name="queryPair"/>.</summary>
    static abstract TSelf AddProducts(TSelf sum, sbyte* codes, int queryPair);

    static abstract void StoreAsFloat(TSelf sum, float* target);
}

internal readonly unsafe struct Codes16(Vector512<int> v) : ICodeLanes<Codes16>
{
    private readonly Vector512<int> _v = v;

    public static int Count => 16;
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Codes16 AddProducts(Codes16 sum, sbyte* codes, int queryPair) => new(
        sum._v + Avx512BW.MultiplyAddAdjacent(
            Avx512BW.ConvertToVector512Int16(Vector256.Load(codes)), Vector512.Create(queryPair).AsInt16()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAsFloat(Codes16 sum, float* target) => Vector512.ConvertToSingle(sum._v).Store(target);
}

internal readonly unsafe struct Codes8(Vector256<int> v) : ICodeLanes<Codes8>
{
    private readonly Vector256<int> _v = v;

    public static int Count => 8;
    public static bool IsSupported => Vector256.IsHardwareAccelerated && Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Codes8 AddProducts(Codes8 sum, sbyte* codes, int queryPair) => new(
        sum._v + Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load(codes)), Vector256.Create(queryPair).AsInt16()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAsFloat(Codes8 sum, float* target) => Vector256.ConvertToSingle(sum._v).Store(target);
}

internal readonly unsafe struct Codes4(Vector128<int> v) : ICodeLanes<Codes4>
{
    private readonly Vector128<int> _v = v;

    public static int Count => 4;
    public static bool IsSupported => Vector128.IsHardwareAccelerated && (Sse2.IsSupported || AdvSimd.Arm64.IsSupported);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Codes4 AddProducts(Codes4 sum, sbyte* codes, int queryPair)
    {
        Vector128<short> x = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)codes).AsSByte()), q = Vector128.Create(queryPair)
            .AsInt16();
        return new(sum._v + (Sse2.IsSupported
            ? Sse2.MultiplyAddAdjacent(x, q)
            : AdvSimd.Arm64.AddPairwise(AdvSimd.MultiplyWideningLower(x.GetLower(), q.GetLower()), AdvSimd.MultiplyWideningUpper(x, q))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAsFloat(Codes4 sum, float* target) => Vector128.ConvertToSingle(sum._v).Store(target);
}

internal readonly unsafe struct Codes1(int v) : ICodeLanes<Codes1>
{
    private readonly int _v = v;

    public static int Count => 1;
    public static bool IsSupported => true;

    public static Codes1 AddProducts(Codes1 sum, sbyte* codes, int queryPair) =>
        new(sum._v + (codes[0] * (short)queryPair) + (codes[1] * (short)(queryPair >> 16)));

    public static void StoreAsFloat(Codes1 sum, float* target) => *target = sum._v;
}
