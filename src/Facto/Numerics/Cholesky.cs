using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facto.Numerics;

/// <summary>
/// A = UᵀU for a symmetric positive definite matrix, in place on its upper triangle (n × stride, row-major, stride = n padded to 16), and
/// the triangular solves. Blocks of 16 rows: factor the block row, then take its outer products off the rest with <see cref="GramKernel"/>.
/// The padding's diagonal is set to 1, so that every loop runs over whole vectors.
/// </summary>
internal static class Cholesky
{
    private const int Block = 16;

    /// <summary>Factors A in place.</summary>
    /// <param name="a">Upper triangle of A; becomes U. What lies below the diagonal is neither used nor meaningful.</param>
    /// <param name="n">Order.</param>
    /// <param name="inverseDiagonal">stride floats: becomes 1/U_pp.</param>
    /// <returns>False when a pivot is not positive: A is not positive definite in this precision.</returns>
    public static bool Factor(Span<float> a, int n, Span<float> inverseDiagonal)
    {
        Require(a.Length, n, inverseDiagonal.Length);
        ref float ra = ref MemoryMarshal.GetReference(a);
        ref float rd = ref MemoryMarshal.GetReference(inverseDiagonal);
        return LaneDispatch.Run<FactorKernel, bool>(new FactorKernel(ref ra, n, ref rd));
    }

    /// <summary>x ← A⁻¹x, given <see cref="Factor(Span{float}, int, Span{float})"/>'s result; x has stride floats, zero beyond n.</summary>
    public static void Solve(ReadOnlySpan<float> u, int n, ReadOnlySpan<float> inverseDiagonal, Span<float> x)
    {
        SolveTransposed(u, n, inverseDiagonal, x);
        SolveUpper(u, n, inverseDiagonal, x);
    }

    /// <summary>x ← U⁻ᵀx.</summary>
    public static void SolveTransposed(ReadOnlySpan<float> u, int n, ReadOnlySpan<float> inverseDiagonal, Span<float> x)
    {
        Require(u.Length, n, Math.Min(inverseDiagonal.Length, x.Length));
        ref float ru = ref MemoryMarshal.GetReference(u);
        ref float rd = ref MemoryMarshal.GetReference(inverseDiagonal);
        ref float rx = ref MemoryMarshal.GetReference(x);
        LaneDispatch.Run(new SolveKernel(ref ru, n, ref rd, ref rx, true));
    }

    /// <summary>x ← U⁻¹x; with x standard normal the result has covariance A⁻¹.</summary>
    public static void SolveUpper(ReadOnlySpan<float> u, int n, ReadOnlySpan<float> inverseDiagonal, Span<float> x)
    {
        Require(u.Length, n, Math.Min(inverseDiagonal.Length, x.Length));
        ref float ru = ref MemoryMarshal.GetReference(u);
        ref float rd = ref MemoryMarshal.GetReference(inverseDiagonal);
        ref float rx = ref MemoryMarshal.GetReference(x);
        LaneDispatch.Run(new SolveKernel(ref ru, n, ref rd, ref rx, false));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Factor<TLanes>(ref float a, int n, ref float inverseDiagonal)
        where TLanes : struct, ILanes<TLanes>
    {
        int stride = RowMatrix.PaddedLength(n);
        for (int p = n; p < stride; p++) { Unsafe.Add(ref a, ((nint)p * stride) + p) = 1; }
        for (int start = 0; start < stride; start += Block)
        {
            ref float block = ref Unsafe.Add(ref a, (nint)start * stride);
            if (!FactorBlockRow<TLanes>(ref block, start, stride, ref Unsafe.Add(ref inverseDiagonal, start))) { return false; }
            GramKernel.AddOuterProducts<TLanes>(ref block, Block, stride, ref a, stride, start + Block, stride, -1);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SolveTransposed<TLanes>(ref float u, int n, ref float inverseDiagonal, ref float x)
        where TLanes : struct, ILanes<TLanes>
    {
        int stride = RowMatrix.PaddedLength(n);
        for (int p = 0; p < n; p++)
        {
            // x[p] is done; the rest of the row takes its share off the later elements, by whole vectors from p's own one on.
            ref float row = ref Unsafe.Add(ref u, (nint)p * stride);
            float z = Unsafe.Add(ref x, p) * Unsafe.Add(ref inverseDiagonal, p);
            TLanes minus = TLanes.All(-z);
            for (int j = p / TLanes.Count * TLanes.Count; j < stride; j += TLanes.Count)
            {
                ref float target = ref Unsafe.Add(ref x, j);
                TLanes.Store(TLanes.MulAdd(minus, TLanes.Load(ref Unsafe.Add(ref row, j)), TLanes.Load(ref target)), ref target);
            }

            // The vector that holds p was spoilt at p and, with what lies below the diagonal, before it: FactorBlockRow zeroes that part.
            Unsafe.Add(ref x, p) = z;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SolveUpper<TLanes>(ref float u, int n, ref float inverseDiagonal, ref float x)
        where TLanes : struct, ILanes<TLanes>
    {
        int stride = RowMatrix.PaddedLength(n);
        for (int p = n - 1; p >= 0; p--)
        {
            ref float row = ref Unsafe.Add(ref u, (nint)p * stride);
            float own = Unsafe.Add(ref x, p);
            Unsafe.Add(ref x, p) = 0;
            TLanes s0 = TLanes.Zero, s1 = TLanes.Zero;
            int j = p / TLanes.Count * TLanes.Count;
            for (; j + TLanes.Count < stride; j += 2 * TLanes.Count)
            {
                s0 = TLanes.MulAdd(TLanes.Load(ref Unsafe.Add(ref row, j)), TLanes.Load(ref Unsafe.Add(ref x, j)), s0);
                s1 = TLanes.MulAdd(
                    TLanes.Load(ref Unsafe.Add(ref row, j + TLanes.Count)), TLanes.Load(ref Unsafe.Add(ref x, j + TLanes.Count)), s1);
            }

            if (j < stride) { s0 = TLanes.MulAdd(TLanes.Load(ref Unsafe.Add(ref row, j)), TLanes.Load(ref Unsafe.Add(ref x, j)), s0); }
            Unsafe.Add(ref x, p) = (own - TLanes.Sum(s0 + s1)) * Unsafe.Add(ref inverseDiagonal, p);
        }
    }

    // Rows start … start+15 of U, each from its diagonal vector to the end: row p = (A[p,:] − Σ_{q<p} U[q,p]·U[q,:]) / U[p,p].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool FactorBlockRow<TLanes>(ref float block, int start, int stride, ref float inverseDiagonal)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int p = 0; p < Block; p++)
        {
            ref float row = ref Unsafe.Add(ref block, (nint)p * stride);
            int column = start + p, first = column / TLanes.Count * TLanes.Count;
            float pivot = Unsafe.Add(ref row, column);
            for (int q = 0; q < p; q++)
            {
                float above = Unsafe.Add(ref block, ((nint)q * stride) + column);
                pivot -= above * above;
            }

            if (!(pivot > 0) || !float.IsFinite(pivot)) { return false; }
            float inverse = 1f / MathF.Sqrt(pivot);
            Unsafe.Add(ref inverseDiagonal, p) = inverse;
            TLanes scale = TLanes.All(inverse);
            for (int j = first; j < stride; j += TLanes.Count)
            {
                TLanes sum = TLanes.Load(ref Unsafe.Add(ref row, j));
                ref float above = ref Unsafe.Add(ref block, column);
                ref float other = ref Unsafe.Add(ref block, j);
                for (int q = 0; q < p; q++)
                {
                    sum -= TLanes.All(above) * TLanes.Load(ref other);
                    above = ref Unsafe.Add(ref above, stride);
                    other = ref Unsafe.Add(ref other, stride);
                }

                TLanes.Store(sum * scale, ref Unsafe.Add(ref row, j));
            }

            for (int j = first; j < column; j++) { Unsafe.Add(ref row, j) = 0; }
        }

        return true;
    }

    private static void Require(int matrix, int n, int vector)
    {
        int stride = RowMatrix.PaddedLength(n);
        if (matrix < stride * stride || vector < stride)
        {
            throw new ArgumentException(
                $"a matrix of {matrix} and a vector of {vector} floats are too short for order {n} padded to {stride}");
        }
    }

    private readonly ref struct FactorKernel(ref float a, int n, ref float inverseDiagonal) : ILaneKernel<bool>
    {
        private readonly ref float _a = ref a;
        private readonly ref float _inverseDiagonal = ref inverseDiagonal;

        public bool Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Factor<TLanes>(ref _a, n, ref _inverseDiagonal);
    }

    private readonly ref struct SolveKernel(ref float u, int n, ref float inverseDiagonal, ref float x, bool transposed)
        : ILaneKernel<Nothing>
    {
        private readonly ref float _u = ref u;
        private readonly ref float _inverseDiagonal = ref inverseDiagonal;
        private readonly ref float _x = ref x;

        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            if (transposed) { SolveTransposed<TLanes>(ref _u, n, ref _inverseDiagonal, ref _x); }
            else { SolveUpper<TLanes>(ref _u, n, ref _inverseDiagonal, ref _x); }
            return default;
        }
    }
}
