using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>The loss's derivatives by what a side's row sums up to.</summary>
/// <param name="gradient">dL/ds.</param>
/// <param name="own">dL/dg of the side's own term.</param>
/// <param name="sum">r, for the pairs within the row; null without them.</param>
internal readonly unsafe struct SideSlope(float* gradient, float own = 0, float* sum = null)
{
    public readonly float* Gradient = gradient;
    public readonly float Own = own;
    public readonly float* Sum = sum;
}

/// <summary>
/// A side's vector from its features, forwards and backwards: s = Σ v x, for the cosine ŝ = s/‖s‖; and the item's own term
/// g = Σ w x (+ ½ Σ_f (r_f² − Σ x²v_f²) for the inner product, Rendle 2010).
/// </summary>
internal static unsafe class Towers
{
    /// <summary>target += Σ v x over one row; returns Σ w x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Add<TLanes>(in SideRows rows, int row, float* linear, float* factors, int stride, float* target)
        where TLanes : struct, ILanes<TLanes>
    {
        int count = rows.Get(row, out int* features, out float* values);
        float sum = 0;
        for (int i = 0; i < count; i++)
        {
            float x = values is null ? 1f : values[i];
            float* v = factors + ((long)features[i] * stride);
            TLanes scale = TLanes.All(x);
            for (int f = 0; f < stride; f += TLanes.Count)
            {
                TLanes.Store(TLanes.MulAdd(scale, TLanes.Load(ref v[f]), TLanes.Load(ref target[f])), ref target[f]);
            }

            sum += x * linear[features[i]];
        }

        return sum;
    }

    /// <summary>½(‖r‖² − Σ x²‖v‖²): the pairs within the row whose sum is <paramref name="sum"/>.</summary>
    public static float Pairs<TLanes>(in SideRows rows, int row, float* factors, int stride, float* sum)
        where TLanes : struct, ILanes<TLanes>
    {
        int count = rows.Get(row, out int* features, out float* values);
        if (count < 2) { return 0; }   // exactly none, and no cancellation either
        float squares = 0;
        for (int i = 0; i < count; i++)
        {
            float x = values is null ? 1f : values[i];
            float* v = factors + ((long)features[i] * stride);
            squares += x * x * VectorOps.Dot<TLanes>(ref *v, ref *v, stride);
        }

        return 0.5f * (VectorOps.Dot<TLanes>(ref *sum, ref *sum, stride) - squares);
    }

    /// <summary>Gives the vector length 1 and returns 1/‖s‖; a zero vector stays and returns 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Normalize<TLanes>(float* s, int stride)
        where TLanes : struct, ILanes<TLanes>
    {
        float square = VectorOps.Dot<TLanes>(ref *s, ref *s, stride);
        if (square <= 0) { return 0; }
        float inverse = 1f / MathF.Sqrt(square);
        TLanes scale = TLanes.All(inverse);
        for (int f = 0; f < stride; f += TLanes.Count) { TLanes.Store(TLanes.Load(ref s[f]) * scale, ref s[f]); }
        return inverse;
    }

    /// <summary>dL/ds from dL/dŝ: (g − ŝ⟨ŝ, g⟩)/‖s‖, in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unnormalize<TLanes>(float* hat, float inverse, float* gradient, int stride)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes along = TLanes.All(-VectorOps.Dot<TLanes>(ref *hat, ref *gradient, stride)), scale = TLanes.All(inverse);
        for (int f = 0; f < stride; f += TLanes.Count)
        {
            TLanes.Store(TLanes.MulAdd(along, TLanes.Load(ref hat[f]), TLanes.Load(ref gradient[f])) * scale, ref gradient[f]);
        }
    }

    /// <summary>Adds dL/dv = x·dL/ds + dL/dg·(x r − x² v) and dL/dw = x·dL/dg of every feature of a row.</summary>
    /// <param name="rows">The side's table.</param>
    /// <param name="row">A row of it.</param>
    /// <param name="slope">What the loss is of the side.</param>
    /// <param name="factors">V.</param>
    /// <param name="stride">Floats per vector.</param>
    /// <param name="target">Receives the derivatives.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scatter<TLanes>(in SideRows rows, int row, SideSlope slope, float* factors, int stride, GradientRows target)
        where TLanes : struct, ILanes<TLanes>
    {
        float* sum = slope.Sum, gradient = slope.Gradient;
        float own = slope.Own;
        int count = rows.Get(row, out int* features, out float* values);
        bool pairs = sum is not null && count > 1;
        for (int i = 0; i < count; i++)
        {
            float x = values is null ? 1f : values[i];
            int slot = target.Touch(features[i]);
            target.Linear(slot) += x * own;
            float* to = target.Factors(slot);
            TLanes scale = TLanes.All(x);
            for (int f = 0; f < stride; f += TLanes.Count)
            {
                TLanes.Store(TLanes.MulAdd(scale, TLanes.Load(ref gradient[f]), TLanes.Load(ref to[f])), ref to[f]);
            }

            if (!pairs) { continue; }
            float* v = factors + ((long)features[i] * stride);
            TLanes plus = TLanes.All(own * x), minus = TLanes.All(-own * x * x);
            for (int f = 0; f < stride; f += TLanes.Count)
            {
                TLanes pair = TLanes.MulAdd(plus, TLanes.Load(ref sum[f]), minus * TLanes.Load(ref v[f]));
                TLanes.Store(TLanes.Load(ref to[f]) + pair, ref to[f]);
            }
        }
    }
}
