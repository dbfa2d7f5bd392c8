using System.Runtime.CompilerServices;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>What a pair of fields has of its own, as a type argument of <see
/// cref="FieldMatrixKernel{TLoss,TUpdate,TLanes,TRows,TCoupling}"/>.</summary>
internal unsafe interface ICoupling
{
    /// <summary>Floats per pair.</summary>
    static abstract int Width(int padded, int k);

    /// <summary>target += M·v.</summary>
    static abstract void AddProduct<TLanes>(float* m, float* v, float* target, nint width, int k)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>target += Mᵀ·v.</summary>
    static abstract void AddTransposed<TLanes>(float* m, float* v, float* target, nint width, int k)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>A step by e·(s tᵀ − the features' own squares).</summary>
    static abstract void Step<TUpdate, TLanes>(in CouplingStep step, float* s, float* t, in OwnSquares squares)
        where TUpdate : struct, IUpdate
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>Where a pair's numbers are and how they move.</summary>
/// <param name="m">The numbers.</param>
/// <param name="stateStride">Floats from a number to its sum.</param>
/// <param name="error">e.</param>
/// <param name="eta">η.</param>
/// <param name="width">K.</param>
/// <param name="k">k.</param>
/// <param name="gradient">K floats to use.</param>
internal readonly unsafe struct CouplingStep(float* m, int stateStride, float error, float eta, nint width, int k, float* gradient)
{
    public readonly float* Gradient = gradient;
    public readonly float* M = m;
    public readonly int StateStride = stateStride;
    public readonly float Error = error;
    public readonly float Eta = eta;
    public readonly nint Width = width;
    public readonly int K = k;
}

/// <summary>Σ xᵢ²vᵢvᵢᵀ of the features of one field; of no feature when it is the default.</summary>
internal readonly unsafe struct OwnSquares(float* factors, nint stride, int* features, float* values, ushort* fieldOf, int count, int field)
{
    private readonly int _count = count;

    public bool Any => _count > 0;

    /// <summary>target −= Σ xᵢ²v_i[r]·vᵢ.</summary>
    public void SubtractRow(float* target, int r, nint width)
    {
        for (int j = 0; j < _count; j++)
        {
            if (fieldOf[features[j]] != field) { continue; }
            float* v = factors + (features[j] * stride);
            float scale = (values is null ? 1 : values[j] * values[j]) * v[r];
            for (nint i = 0; i < width; i++) { target[i] -= scale * v[i]; }
        }
    }

    /// <summary>target −= Σ xᵢ²vᵢ⊙vᵢ.</summary>
    public void SubtractDiagonal(float* target, nint width)
    {
        for (int j = 0; j < _count; j++)
        {
            if (fieldOf[features[j]] != field) { continue; }
            float* v = factors + (features[j] * stride);
            float scale = values is null ? 1 : values[j] * values[j];
            for (nint i = 0; i < width; i++) { target[i] -= scale * v[i] * v[i]; }
        }
    }
}

/// <summary>ρ·I.</summary>
internal readonly unsafe struct ScalarCoupling : ICoupling
{
    public static int Width(int padded, int k) => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct<TLanes>(float* m, float* v, float* target, nint width, int k)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes rho = TLanes.All(*m);
        for (nint i = 0; i < width; i += TLanes.Count)
        {
            TLanes.Store(TLanes.MulAdd(rho, TLanes.Load(ref v[i]), TLanes.Load(ref target[i])), ref target[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTransposed<TLanes>(float* m, float* v, float* target, nint width, int k)
        where TLanes : struct, ILanes<TLanes> => AddProduct<TLanes>(m, v, target, width, k);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step<TUpdate, TLanes>(in CouplingStep step, float* s, float* t, in OwnSquares squares)
        where TUpdate : struct, IUpdate
        where TLanes : struct, ILanes<TLanes>
    {
        float* product = DiagonalCoupling.Products<TLanes>(step, s, t, squares);
        TLanes sum = TLanes.Zero;
        for (nint i = 0; i < step.Width; i += TLanes.Count) { sum += TLanes.Load(ref product[i]); }
        *step.M = Lanes1.Sum(TUpdate.Apply(new Lanes1(*step.M), new Lanes1(step.Error * TLanes.Sum(sum)), new Lanes1(step.Eta),
            ref step.M[step.StateStride], step.StateStride));
    }
}

/// <summary>A vector's entries as a diagonal.</summary>
internal readonly unsafe struct DiagonalCoupling : ICoupling
{
    public static int Width(int padded, int k) => padded;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct<TLanes>(float* m, float* v, float* target, nint width, int k)
        where TLanes : struct, ILanes<TLanes>
    {
        for (nint i = 0; i < width; i += TLanes.Count)
        {
            TLanes.Store(TLanes.MulAdd(TLanes.Load(ref m[i]), TLanes.Load(ref v[i]), TLanes.Load(ref target[i])), ref target[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTransposed<TLanes>(float* m, float* v, float* target, nint width, int k)
        where TLanes : struct, ILanes<TLanes> => AddProduct<TLanes>(m, v, target, width, k);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step<TUpdate, TLanes>(in CouplingStep step, float* s, float* t, in OwnSquares squares)
        where TUpdate : struct, IUpdate
        where TLanes : struct, ILanes<TLanes>
    {
        float* product = Products<TLanes>(step, s, t, squares);
        TLanes error = TLanes.All(step.Error), eta = TLanes.All(step.Eta);
        for (nint i = 0; i < step.Width; i += TLanes.Count)
        {
            TLanes value = TLanes.Load(ref step.M[i]);
            ref float state = ref step.M[i + step.StateStride];
            TLanes.Store(TUpdate.Apply(value, error * TLanes.Load(ref product[i]), eta, ref state, step.StateStride), ref step.M[i]);
        }
    }

    // s ⊙ t, less the features' own squares.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Products<TLanes>(in CouplingStep step, float* s, float* t, in OwnSquares squares)
        where TLanes : struct, ILanes<TLanes>
    {
        for (nint i = 0; i < step.Width; i += TLanes.Count)
        {
            TLanes.Store(TLanes.Load(ref s[i]) * TLanes.Load(ref t[i]), ref step.Gradient[i]);
        }
        if (squares.Any) { squares.SubtractDiagonal(step.Gradient, step.Width); }
        return step.Gradient;
    }
}

/// <summary>A k × k matrix, its rows padded.</summary>
internal readonly unsafe struct MatrixCoupling : ICoupling
{
    public static int Width(int padded, int k) => k * padded;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct<TLanes>(float* m, float* v, float* target, nint width, int k)
        where TLanes : struct, ILanes<TLanes>
    {
        for (nint r = 0; r < k; r++)
        {
            TLanes sum = TLanes.Zero;
            for (nint i = 0; i < width; i += TLanes.Count)
            {
                sum = TLanes.MulAdd(TLanes.Load(ref m[(r * width) + i]), TLanes.Load(ref v[i]), sum);
            }
            target[r] += TLanes.Sum(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTransposed<TLanes>(float* m, float* v, float* target, nint width, int k)
        where TLanes : struct, ILanes<TLanes>
    {
        for (nint i = 0; i < width; i += TLanes.Count)
        {
            TLanes sum = TLanes.Load(ref target[i]);
            for (nint r = 0; r < k; r++) { sum = TLanes.MulAdd(TLanes.All(v[r]), TLanes.Load(ref m[(r * width) + i]), sum); }
            TLanes.Store(sum, ref target[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step<TUpdate, TLanes>(in CouplingStep step, float* s, float* t, in OwnSquares squares)
        where TUpdate : struct, IUpdate
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes error = TLanes.All(step.Error), eta = TLanes.All(step.Eta);
        for (int r = 0; r < step.K; r++)
        {
            float* row = step.M + (r * step.Width);
            TLanes scale = TLanes.All(s[r]);
            for (nint i = 0; i < step.Width; i += TLanes.Count) { TLanes.Store(scale * TLanes.Load(ref t[i]), ref step.Gradient[i]); }
            if (squares.Any) { squares.SubtractRow(step.Gradient, r, step.Width); }
            for (nint i = 0; i < step.Width; i += TLanes.Count)
            {
                TLanes value = TLanes.Load(ref row[i]);
                ref float state = ref row[i + step.StateStride];
                TLanes.Store(TUpdate.Apply(value, error * TLanes.Load(ref step.Gradient[i]), eta, ref state, step.StateStride), ref row[i]);
            }
        }
    }
}
