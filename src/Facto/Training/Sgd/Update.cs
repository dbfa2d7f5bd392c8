using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>The size of one parameter's step.</summary>
/// <param name="Eta">What multiplies the (mean) gradient.</param>
/// <param name="Unbias">What the mean squared gradient is multiplied with; 1 where there is none.</param>
internal readonly record struct StepRate(float Eta, float Unbias);

/// <summary>
/// How a gradient moves a parameter, as a type argument of the kernels: the one place of each optimiser's arithmetic. Its sums lie where the caller keeps them, one
/// <c>stride</c> from the other: behind the parameter in the gradient solvers, in tables of their own in the ranking solvers.
/// </summary>
internal interface IUpdate
{
    /// <summary>Sums per parameter.</summary>
    static abstract int StateCount { get; }

    /// <summary>True when the step depends on how many steps the parameter has taken; the caller counts them, once for all parameters of a feature.</summary>
    static abstract bool CountsSteps { get; }

    /// <summary>True when there are sums and they only grow: what two workers added can be added up, and steps shrink by themselves. Not so moving averages.</summary>
    static abstract bool SumsGrow { get; }

    /// <summary>The value that the state at the given index starts with.</summary>
    static abstract float InitialState(int index, float initialAccumulator);

    /// <summary>The size of a parameter's step.</summary>
    /// <param name="eta">η.</param>
    /// <param name="steps">Its own steps, this one included; only with <see cref="CountsSteps"/>.</param>
    static abstract StepRate Rate(float eta, float steps);

    /// <summary>What η is multiplied with for this parameter by its sums as they are.</summary>
    static abstract TLanes Scale<TLanes>(ref float state, nint stride, TLanes unbias)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The parameter after the step; updates its sums.</summary>
    /// <param name="value">The parameter.</param>
    /// <param name="gradient">g.</param>
    /// <param name="eta"><see cref="StepRate.Eta"/>.</param>
    /// <param name="unbias"><see cref="StepRate.Unbias"/>.</param>
    /// <param name="state">Where its first sum lies.</param>
    /// <param name="stride">Floats from the first sum to the second.</param>
    static abstract TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, TLanes unbias, ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>θ ← θ − ηg.</summary>
internal readonly struct PlainUpdate : IUpdate
{
    public static int StateCount => 0;

    public static bool CountsSteps => false;

    public static bool SumsGrow => false;

    public static float InitialState(int index, float initialAccumulator) => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StepRate Rate(float eta, float steps) => new(eta, 1);

    public static TLanes Scale<TLanes>(ref float state, nint stride, TLanes unbias)
        where TLanes : struct, ILanes<TLanes> => TLanes.All(1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, TLanes unbias, ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes> => value - (eta * gradient);
}

/// <summary>AdaGrad (Duchi, Hazan and Singer 2011, diagonal): G ← G + g², θ ← θ − ηg/√G. G starts above 0, the paper's δ, so no ε is needed.</summary>
internal readonly struct AdaGradUpdate : IUpdate
{
    public static int StateCount => 1;

    public static bool CountsSteps => false;

    public static bool SumsGrow => true;

    public static float InitialState(int index, float initialAccumulator) => initialAccumulator;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StepRate Rate(float eta, float steps) => new(eta, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Scale<TLanes>(ref float state, nint stride, TLanes unbias)
        where TLanes : struct, ILanes<TLanes> => TLanes.ReciprocalSqrt(TLanes.Load(ref state));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, TLanes unbias, ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sum = TLanes.MulAdd(gradient, gradient, TLanes.Load(ref state));
        TLanes.Store(sum, ref state);
        return value - (eta * gradient * TLanes.ReciprocalSqrt(sum));
    }
}

/// <summary>
/// Adam (Kingma and Ba 2015, Algorithm 1) on the parameters that a step touches: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η·m̂/√(v̂ + ε²) with
/// m̂ = m/(1−β₁ⁿ) and v̂ = v/(1−β₂ⁿ). n counts the feature's own steps and not the run's, for the moments are means of so many gradients: with the run's
/// count the first step of a rare feature would be √(1−β₂)⁻¹(1−β₁) = 3.2 η long instead of η (docs/decisions).
/// </summary>
internal readonly struct AdamUpdate : IUpdate
{
    private const float Beta1 = 0.9f, Beta2 = 0.999f, EpsilonSquared = 1e-16f;

    // From so many steps on 1 − βⁿ is 1 in single precision.
    private const int Corrected = 1 << 14;

    private static readonly StepRate[] s_corrections = Corrections();

    public static int StateCount => 2;

    public static bool CountsSteps => true;

    public static bool SumsGrow => false;

    public static float InitialState(int index, float initialAccumulator) => 0;

    public static StepRate Rate(float eta, float steps)
    {
        if (!(steps < Corrected)) { return new(eta, 1); }
        StepRate correction = s_corrections[(int)steps];
        return new(eta * correction.Eta, correction.Unbias);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Scale<TLanes>(ref float state, nint stride, TLanes unbias)
        where TLanes : struct, ILanes<TLanes> => RootMeanSquare(TLanes.Load(ref Unsafe.Add(ref state, stride)), unbias);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, TLanes unbias, ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float second = ref Unsafe.Add(ref state, stride);
        TLanes m = TLanes.MulAdd(TLanes.All(1 - Beta1), gradient, TLanes.All(Beta1) * TLanes.Load(ref state));
        TLanes s = TLanes.MulAdd(TLanes.All(1 - Beta2) * gradient, gradient, TLanes.All(Beta2) * TLanes.Load(ref second));
        TLanes.Store(m, ref state);
        TLanes.Store(s, ref second);
        return value - (eta * m * RootMeanSquare(s, unbias));
    }

    // 1/√(v̂ + ε²)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes RootMeanSquare<TLanes>(TLanes square, TLanes unbias)
        where TLanes : struct, ILanes<TLanes> => TLanes.ReciprocalSqrt(TLanes.MulAdd(square, unbias, TLanes.All(EpsilonSquared)));

    private static StepRate[] Corrections()
    {
        var corrections = new StepRate[Corrected];
        corrections[0] = new(1, 1);
        double first = 1, second = 1;
        for (int n = 1; n < Corrected; n++)
        {
            first *= Beta1;
            second *= Beta2;
            corrections[n] = new((float)(1 / (1 - first)), (float)(1 / (1 - second)));
        }

        return corrections;
    }
}

/// <summary>The step of a feature's weight, or of w₀: [θ | sums | steps] lie together.</summary>
internal static unsafe class WeightStep<TUpdate>
    where TUpdate : struct, IUpdate
{
    /// <summary>The weight after the step; counts it.</summary>
    /// <param name="weight">Where it lies.</param>
    /// <param name="value">Its value.</param>
    /// <param name="gradient">g.</param>
    /// <param name="eta">η.</param>
    /// <param name="rate">The size of the step, which the feature's factors share.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Step(float* weight, float value, float gradient, float eta, out StepRate rate)
    {
        rate = TUpdate.CountsSteps ? TUpdate.Rate(eta, ++weight[1 + TUpdate.StateCount]) : new StepRate(eta, 1);
        return Lanes1.Sum(TUpdate.Apply(new Lanes1(value), new Lanes1(gradient), new Lanes1(rate.Eta), new Lanes1(rate.Unbias), ref weight[1], 1));
    }
}
