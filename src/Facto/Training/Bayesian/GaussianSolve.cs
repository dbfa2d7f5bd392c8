using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// The conditional of one feature's parameters u = [v; w] ∈ R^{k+1} given everything else is N(Q⁻¹b, Q⁻¹) with the precision Q and b held
/// here in parts. <see cref="Solve{T}"/> turns them into the mean plus U⁻¹ε (Q = UᵀU): the mean itself when ε = 0 (ALS), a draw when ε is
/// normal.
/// </summary>
internal sealed unsafe class GaussianSolve
{
    private readonly NativeBlock<float> _memory;
    private readonly int _k;
    private readonly int _stride;
    private readonly float* _inverse;   // 1/U_jj
    private readonly float* _scalars;   // in the worker's own memory: fields of two workers' objects may share a cache line

    public GaussianSolve(int k)
    {
        _k = k;
        _stride = RowMatrix.PaddedLength(k);
        int gram = _stride * _stride;
        _memory = new NativeBlock<float>(gram + (5L * _stride) + RowMatrix.Padding);
        Q = _memory.Pointer;
        Cross = Q + gram;
        Right = Cross + _stride;
        Noise = Right + _stride;
        V = Noise + _stride;
        _inverse = V + _stride;
        _scalars = _inverse + _stride;
    }

    /// <summary>Q_vv: k rows of the padded length; only the upper triangle is read, and it is destroyed.</summary>
    public float* Q { get; }

    /// <summary>Q_vw: k floats.</summary>
    public float* Cross { get; }

    /// <summary>b_v: k floats, destroyed.</summary>
    public float* Right { get; }

    /// <summary>ε_v: k floats.</summary>
    public float* Noise { get; }

    /// <summary>The solution's v: k floats and zero padding.</summary>
    public float* V { get; }

    /// <summary>Q_ww.</summary>
    public float QLinear { get => _scalars[0]; set => _scalars[0] = value; }

    /// <summary>b_w.</summary>
    public float RightLinear { get => _scalars[1]; set => _scalars[1] = value; }

    /// <summary>ε_w.</summary>
    public float NoiseLinear { get => _scalars[2]; set => _scalars[2] = value; }

    /// <summary>The solution's w.</summary>
    public float W { get => _scalars[3]; private set => _scalars[3] = value; }

    /// <summary>
    /// Starts from the prior's part: Q = <paramref name="strength"/> · diag(<paramref name="precision"/>), b as the caller sets it, Q_vw =
    /// 0.
    /// </summary>
    public void Start(float* precision, float strength, float linearPrecision)
    {
        new Span<float>(Q, _stride * _stride).Clear();
        new Span<float>(Cross, 2 * _stride).Clear();
        for (int f = 0; f < _k; f++) { Q[(f * _stride) + f] = strength * precision[f]; }
        QLinear = linearPrecision;
        RightLinear = 0;
    }

    /// <summary>Draws ε, or clears it.</summary>
    public void SetNoise(ref SeededRandom random, bool draw)
    {
        for (int f = 0; f < _k; f++) { Noise[f] = draw ? (float)Ziggurat.Next(ref random) : 0; }
        NoiseLinear = draw ? (float)Ziggurat.Next(ref random) : 0;
    }

    /// <summary>Solves for u. w is eliminated first, so that the k × k part keeps whole vectors: S = Q_vv − Q_vw Q_wv / Q_ww.</summary>
    /// <exception cref="FactoException">Q is not positive definite in single precision.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Solve<T>()
        where T : struct, ILanes<T>
    {
        int k = _k, stride = _stride;
        float inverse = 1 / QLinear, share = RightLinear * inverse;
        for (int i = 0; i < k; i++) { AddScaled<T>(Q + (i * stride), -Cross[i] * inverse, Cross, i / T.Count * T.Count); }
        AddScaled<T>(Right, -share, Cross, 0);
        if (!(QLinear > 0) || (k > 0 && !Cholesky.Factor<T>(ref *Q, k, ref *_inverse)))
        {
            throw new FactoException(
                "a feature's least-squares system is singular in single precision; raise reg-linear and reg-factors, or scale numeric "
                    + "fields down");
        }

        if (k > 0)
        {
            Cholesky.SolveTransposed<T>(ref *Q, k, ref *_inverse, ref *Right);
            for (int f = 0; f < k; f++) { V[f] = Right[f] + Noise[f]; }
            Cholesky.SolveUpper<T>(ref *Q, k, ref *_inverse, ref *V);
        }

        float dot = 0;
        for (int f = 0; f < k; f++) { dot += Cross[f] * V[f]; }
        W = ((RightLinear - dot) * inverse) + (NoiseLinear * MathF.Sqrt(inverse));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddScaled<T>(float* y, float alpha, float* x, int start)
        where T : struct, ILanes<T>
    {
        T a = T.All(alpha);
        for (int c = start; c < _stride; c += T.Count) { T.Store(T.MulAdd(a, T.Load(ref x[c]), T.Load(ref y[c])), ref y[c]); }
    }
}
