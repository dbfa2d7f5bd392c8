using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Facto.Numerics;

/// <summary>
/// Inner products of single rows that agree to the last bit with <see cref="PanelKernels"/>: the same chain of multiply-adds in the order
/// of the columns. Eight rows go at once, because one chain alone would wait for every multiply-add.
/// </summary>
internal static unsafe class RowChains
{
    /// <summary>Rows of one call.</summary>
    public const int Rows = 8;

    // Whether ILanes.MulAdd of the width that this machine uses rounds once or twice.
    private static bool IsFused => LaneWidth.Best == 16 || (LaneWidth.Best > 1 && (Fma.IsSupported || AdvSimd.IsSupported));

    /// <summary>Scores eight rows; unused places may repeat a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Score(float** rows, float* query, int dimension, float* scores)
    {
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5], r6 = rows[6], r7 = rows[7];
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        for (int d = 0; d < dimension; d++)
        {
            float q = query[d];
            s0 = MulAdd(q, r0[d], s0);
            s1 = MulAdd(q, r1[d], s1);
            s2 = MulAdd(q, r2[d], s2);
            s3 = MulAdd(q, r3[d], s3);
            s4 = MulAdd(q, r4[d], s4);
            s5 = MulAdd(q, r5[d], s5);
            s6 = MulAdd(q, r6[d], s6);
            s7 = MulAdd(q, r7[d], s7);
        }

        scores[0] = s0;
        scores[1] = s1;
        scores[2] = s2;
        scores[3] = s3;
        scores[4] = s4;
        scores[5] = s5;
        scores[6] = s6;
        scores[7] = s7;
    }

    /// <summary>Asks for a row's cache lines before they are needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* row, int dimension)
    {
        if (!Sse.IsSupported) { return; }
        for (int d = 0; d < dimension; d += 16) { Sse.Prefetch0(row + d); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float MulAdd(float a, float b, float c) => IsFused ? MathF.FusedMultiplyAdd(a, b, c) : (a * b) + c;
}
