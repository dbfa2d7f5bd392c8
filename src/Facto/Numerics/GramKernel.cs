using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facto.Numerics;

/// <summary>
/// Symmetric rank updates A ← A + scale·PᵀP, the work horse of every least-squares step. P is a panel of rows (m × n) that fits the cache,
/// A is n × n, row-major, its upper triangle only: below the diagonal block of a row there is rubbish until <see cref="Mirror"/>.
/// n is padded to whole vectors (<see cref="RowMatrix.PaddedLength"/>), with zeros in the panel.
/// </summary>
internal static class GramKernel
{
    /// <summary>Rows of P that are worth gathering at once: about half a first-level cache.</summary>
    public static int PanelRows(int stride) => Math.Clamp(24 * 1024 / (4 * Math.Max(stride, 1)), 16, 256);

    /// <summary>A ← A + scale·PᵀP on the upper triangle; picks the machine's width.</summary>
    /// <param name="panel">rowCount × stride.</param>
    /// <param name="rowCount">m.</param>
    /// <param name="stride">Padded n: stride of both P and A.</param>
    /// <param name="gram">A, stride × stride.</param>
    /// <param name="scale">Factor.</param>
    public static void AddOuterProducts(ReadOnlySpan<float> panel, int rowCount, int stride, Span<float> gram, float scale = 1)
    {
        if (stride % RowMatrix.Padding != 0 || panel.Length < rowCount * stride || gram.Length < stride * stride)
        {
            throw new ArgumentException(
                $"a panel of {panel.Length} floats and a matrix of {gram.Length} do not make {rowCount} rows of stride {stride}");
        }

        ref float p = ref MemoryMarshal.GetReference(panel);
        ref float a = ref MemoryMarshal.GetReference(gram);
        LaneDispatch.Run(new OuterProducts(ref p, rowCount, stride, ref a, scale));
    }

    /// <summary>
    /// A[i,j] ← A[i,j] + scale·Σ_p P[p,i]P[p,j] for from ≤ i ≤ j &lt; to; <paramref name="from"/> and <paramref name="to"/> are multiples
    /// of 16.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddOuterProducts<TLanes>(
        ref float panel, int rowCount, int panelStride, ref float gram, int gramStride, int from, int to, float scale)
        where TLanes : struct, ILanes<TLanes>
    {
        // Tiles of 8 rows by two vectors of columns keep 16 sums in registers; narrow machines have fewer registers and take one vector.
        bool two = TLanes.Count is 16 or 4;
        for (int i = from; i < to; i += 8)
        {
            ref float rows = ref Unsafe.Add(ref gram, (nint)i * gramStride);
            int j = i / TLanes.Count * TLanes.Count;
            if (two)
            {
                for (; j + (2 * TLanes.Count) <= to; j += 2 * TLanes.Count)
                {
                    Tile8x2<TLanes>(ref panel, rowCount, panelStride, ref rows, gramStride, i, j, scale);
                }
            }

            for (; j < to; j += TLanes.Count) { Tile8x1<TLanes>(ref panel, rowCount, panelStride, ref rows, gramStride, i, j, scale); }
        }
    }

    /// <summary>Copies the upper triangle below the diagonal.</summary>
    public static void Mirror(Span<float> gram, int stride)
    {
        for (int i = 1; i < stride; i++)
        {
            for (int j = 0; j < i; j++) { gram[(i * stride) + j] = gram[(j * stride) + i]; }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x1<TLanes>(
        ref float panel, int rowCount, int panelStride, ref float rows, int gramStride, int i, int j, float scale)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero;
        TLanes s4 = TLanes.Zero, s5 = TLanes.Zero, s6 = TLanes.Zero, s7 = TLanes.Zero;
        ref float left = ref Unsafe.Add(ref panel, i);
        ref float right = ref Unsafe.Add(ref panel, j);
        for (int p = 0; p < rowCount; p++)
        {
            TLanes b = TLanes.Load(ref right);
            s0 = TLanes.MulAdd(TLanes.All(left), b, s0);
            s1 = TLanes.MulAdd(TLanes.All(Unsafe.Add(ref left, 1)), b, s1);
            s2 = TLanes.MulAdd(TLanes.All(Unsafe.Add(ref left, 2)), b, s2);
            s3 = TLanes.MulAdd(TLanes.All(Unsafe.Add(ref left, 3)), b, s3);
            s4 = TLanes.MulAdd(TLanes.All(Unsafe.Add(ref left, 4)), b, s4);
            s5 = TLanes.MulAdd(TLanes.All(Unsafe.Add(ref left, 5)), b, s5);
            s6 = TLanes.MulAdd(TLanes.All(Unsafe.Add(ref left, 6)), b, s6);
            s7 = TLanes.MulAdd(TLanes.All(Unsafe.Add(ref left, 7)), b, s7);
            left = ref Unsafe.Add(ref left, panelStride);
            right = ref Unsafe.Add(ref right, panelStride);
        }

        TLanes c = TLanes.All(scale);
        ref float target = ref Unsafe.Add(ref rows, j);
        Add(ref target, s0, c);
        Add(ref Unsafe.Add(ref target, gramStride), s1, c);
        Add(ref Unsafe.Add(ref target, 2 * gramStride), s2, c);
        Add(ref Unsafe.Add(ref target, 3 * gramStride), s3, c);
        Add(ref Unsafe.Add(ref target, 4 * gramStride), s4, c);
        Add(ref Unsafe.Add(ref target, 5 * gramStride), s5, c);
        Add(ref Unsafe.Add(ref target, 6 * gramStride), s6, c);
        Add(ref Unsafe.Add(ref target, 7 * gramStride), s7, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x2<TLanes>(
        ref float panel, int rowCount, int panelStride, ref float rows, int gramStride, int i, int j, float scale)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero;
        TLanes s4 = TLanes.Zero, s5 = TLanes.Zero, s6 = TLanes.Zero, s7 = TLanes.Zero;
        TLanes t0 = TLanes.Zero, t1 = TLanes.Zero, t2 = TLanes.Zero, t3 = TLanes.Zero;
        TLanes t4 = TLanes.Zero, t5 = TLanes.Zero, t6 = TLanes.Zero, t7 = TLanes.Zero;
        ref float left = ref Unsafe.Add(ref panel, i);
        ref float right = ref Unsafe.Add(ref panel, j);
        for (int p = 0; p < rowCount; p++)
        {
            TLanes b = TLanes.Load(ref right), d = TLanes.Load(ref Unsafe.Add(ref right, TLanes.Count));
            TLanes a = TLanes.All(left);
            (s0, t0) = (TLanes.MulAdd(a, b, s0), TLanes.MulAdd(a, d, t0));
            a = TLanes.All(Unsafe.Add(ref left, 1));
            (s1, t1) = (TLanes.MulAdd(a, b, s1), TLanes.MulAdd(a, d, t1));
            a = TLanes.All(Unsafe.Add(ref left, 2));
            (s2, t2) = (TLanes.MulAdd(a, b, s2), TLanes.MulAdd(a, d, t2));
            a = TLanes.All(Unsafe.Add(ref left, 3));
            (s3, t3) = (TLanes.MulAdd(a, b, s3), TLanes.MulAdd(a, d, t3));
            a = TLanes.All(Unsafe.Add(ref left, 4));
            (s4, t4) = (TLanes.MulAdd(a, b, s4), TLanes.MulAdd(a, d, t4));
            a = TLanes.All(Unsafe.Add(ref left, 5));
            (s5, t5) = (TLanes.MulAdd(a, b, s5), TLanes.MulAdd(a, d, t5));
            a = TLanes.All(Unsafe.Add(ref left, 6));
            (s6, t6) = (TLanes.MulAdd(a, b, s6), TLanes.MulAdd(a, d, t6));
            a = TLanes.All(Unsafe.Add(ref left, 7));
            (s7, t7) = (TLanes.MulAdd(a, b, s7), TLanes.MulAdd(a, d, t7));
            left = ref Unsafe.Add(ref left, panelStride);
            right = ref Unsafe.Add(ref right, panelStride);
        }

        TLanes c = TLanes.All(scale);
        ref float target = ref Unsafe.Add(ref rows, j);
        Add(ref target, s0, t0, c);
        Add(ref Unsafe.Add(ref target, gramStride), s1, t1, c);
        Add(ref Unsafe.Add(ref target, 2 * gramStride), s2, t2, c);
        Add(ref Unsafe.Add(ref target, 3 * gramStride), s3, t3, c);
        Add(ref Unsafe.Add(ref target, 4 * gramStride), s4, t4, c);
        Add(ref Unsafe.Add(ref target, 5 * gramStride), s5, t5, c);
        Add(ref Unsafe.Add(ref target, 6 * gramStride), s6, t6, c);
        Add(ref Unsafe.Add(ref target, 7 * gramStride), s7, t7, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TLanes>(ref float target, TLanes sum, TLanes scale)
        where TLanes : struct, ILanes<TLanes> => TLanes.Store(TLanes.MulAdd(sum, scale, TLanes.Load(ref target)), ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TLanes>(ref float target, TLanes first, TLanes second, TLanes scale)
        where TLanes : struct, ILanes<TLanes>
    {
        Add(ref target, first, scale);
        Add(ref Unsafe.Add(ref target, TLanes.Count), second, scale);
    }

    private readonly ref struct OuterProducts(ref float panel, int rowCount, int stride, ref float gram, float scale) : ILaneKernel<Nothing>
    {
        private readonly ref float _panel = ref panel;
        private readonly ref float _gram = ref gram;

        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            AddOuterProducts<TLanes>(ref _panel, rowCount, stride, ref _gram, stride, 0, stride, scale);
            return default;
        }
    }
}
