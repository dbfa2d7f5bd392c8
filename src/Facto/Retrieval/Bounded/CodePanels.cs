using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Retrieval.Bounded;

/// <summary>
/// Items as one float (the leading coordinate, where a factorization machine keeps an item's own quality) and an int8 code per other
/// coordinate, x ≈ scale · code, 64 items to a panel, each panel one contiguous run of bytes: pairs of codes (pair by pair, 64 × 2 bytes),
/// 64 leads, 64 scales. For D = 65 that is 72 bytes an item.
/// With every panel go the numbers that bound what its items can score.
/// </summary>
internal sealed unsafe class CodePanels
{
    public const int Rows = PanelMatrix.PanelRows;

    /// <summary>Numbers kept per panel, each in a row of its own of <see cref="BoundStride"/> floats.</summary>
    public const int BoundRows = 5;

    private const float SmallestScale = 1e-30f;

    public CodePanels(NativeBlock<byte> codes, NativeBlock<float> bounds, int count, int dimension)
    {
        Codes = codes;
        Bounds = bounds;
        Count = count;
        Dimension = dimension;
        if (codes.Length != CodeLength(count, dimension) || bounds.Length != BoundLength(count))
        {
            throw new ArgumentException(
                $"{codes.Length} bytes and {bounds.Length} bounds do not make panels of {count} items of {dimension} coordinates");
        }
    }

    public NativeBlock<byte> Codes { get; }

    public NativeBlock<float> Bounds { get; }

    public int Count { get; }

    public int Dimension { get; }

    public int PanelCount => PanelMatrix.Panels(Count);

    public int BoundStride => Padded(PanelCount);

    /// <summary>Largest leading coordinate of each panel.</summary>
    public float* HighestLead => Bounds.Pointer;

    /// <summary>Smallest leading coordinate of each panel.</summary>
    public float* LowestLead => Bounds.Pointer + BoundStride;

    /// <summary>Largest ‖x‖ over the coordinates after the first.</summary>
    public float* LargestNorm => Bounds.Pointer + (2L * BoundStride);

    /// <summary>Largest ‖x − scale·code‖ / scale.</summary>
    public float* LargestError => Bounds.Pointer + (3L * BoundStride);

    /// <summary>Largest ‖code‖.</summary>
    public float* LargestCode => Bounds.Pointer + (4L * BoundStride);

    public int PairCount => Pairs(Dimension);

    public static int Pairs(int dimension) => dimension / 2;   // of the dimension − 1 coordinates after the first, rounded up

    public static long PanelBytes(int dimension) => (Pairs(dimension) * 2L * Rows) + (2 * Rows * sizeof(float));

    public static long CodeLength(int count, int dimension) => PanelMatrix.Panels(count) * PanelBytes(dimension);

    public static long BoundLength(int count) => (long)BoundRows * Padded(PanelMatrix.Panels(count));

    /// <summary>The bytes of a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Panel(int panel) => Codes.Pointer + (panel * PanelBytes(Dimension));

    /// <summary>Encodes <paramref name="rows"/> in their order.</summary>
    /// <param name="rows">count rows of <paramref name="dimension"/> floats, one after another.</param>
    /// <param name="count">Items.</param>
    /// <param name="dimension">Coordinates, ≥ 1.</param>
    /// <param name="workers">Threads.</param>
    public static CodePanels Encode(NativeBlock<float> rows, int count, int dimension, int workers)
    {
        var panels = new CodePanels(
            new NativeBlock<byte>(CodeLength(count, dimension)), new NativeBlock<float>(BoundLength(count)), count, dimension);
        // Places beyond the last panel can reach no threshold.
        panels.Bounds.Slice(0, panels.BoundStride).Fill(float.NegativeInfinity);
        panels.Bounds.Slice(panels.BoundStride, panels.BoundStride).Fill(float.PositiveInfinity);
        Parallel.For(
            0, panels.PanelCount, new ParallelOptions { MaxDegreeOfParallelism = workers }, panel => panels.EncodePanel(rows, panel));
        return panels;
    }

    private static int Padded(int panels) => (panels + 15) / 16 * 16;

    private void EncodePanel(NativeBlock<float> rows, int panel)
    {
        int first = panel * Rows, here = Math.Min(Rows, Count - first);
        double norm = 0, error = 0, length = 0;
        float highest = float.NegativeInfinity, lowest = float.PositiveInfinity;
        for (int row = 0; row < here; row++)
        {
            ReadOnlySpan<float> x = rows.Slice((long)(first + row) * Dimension, Dimension);
            highest = Math.Max(highest, x[0]);
            lowest = Math.Min(lowest, x[0]);
            norm = Math.Max(norm, SumOfSquares(x[1..]));
            (double rowError, double rowLength) = EncodeInt8(Panel(panel), row, x);
            error = Math.Max(error, rowError);
            length = Math.Max(length, rowLength);
        }

        HighestLead[panel] = highest;
        LowestLead[panel] = lowest;
        LargestNorm[panel] = Up(Math.Sqrt(norm));
        LargestError[panel] = Up(error);
        LargestCode[panel] = length > 0 ? Up(length) : 0;
    }

    // Returns ‖x − scale·code‖ / scale and ‖code‖.
    private (double Error, double Length) EncodeInt8(byte* bytes, int row, ReadOnlySpan<float> x)
    {
        float* leads = (float*)(bytes + (PairCount * 2L * Rows)), scales = leads + Rows;
        leads[row] = x[0];
        float largest = 0;
        foreach (float value in x[1..]) { largest = Math.Max(largest, Math.Abs(value)); }
        float scale = scales[row] = Math.Max(largest / 127f, SmallestScale);
        double errors = 0, codes = 0;
        for (int d = 1; d < x.Length; d++)
        {
            int code = Math.Clamp((int)MathF.Round(x[d] / scale), -127, 127);
            ((sbyte*)bytes)[((d - 1) / 2 * 2L * Rows) + (row * 2) + ((d - 1) % 2)] = (sbyte)code;
            double rest = x[d] - ((double)scale * code);
            errors += rest * rest;
            codes += (double)code * code;
        }

        return (Math.Sqrt(errors) / scale, Math.Sqrt(codes));
    }

    private static double SumOfSquares(ReadOnlySpan<float> x)
    {
        double sum = 0;
        foreach (float value in x) { sum += (double)value * value; }
        return sum;
    }

    // The next float above a double that carries rounding errors of its own.
    private static float Up(double value) => MathF.BitIncrement((float)(value * (1 + 1e-9)));
}
