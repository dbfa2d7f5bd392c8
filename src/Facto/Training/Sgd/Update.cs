using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>
/// How a gradient moves a parameter, as a type argument of the kernels: the one place of each optimiser's arithmetic. Its sums lie where
/// the caller keeps them, one
/// <c>stride</c> from the other: behind the parameter in the gradient solvers, in tables of their own in the ranking solvers.
/// </summary>
internal interface IUpdate
{
    /// <summary>Sums per parameter.</summary>
    static abstract int StateCount { get; }

    /// <summary>
    /// True when there are sums and they only grow: what two workers added can be added up, and steps shrink by themselves. Not so moving
    /// averages.
    /// </summary>
    static abstract bool SumsGrow { get; }

    /// <summary>The value that the state at the given index starts with.</summary>
    static abstract float InitialState(int index, float initialAccumulator);

    /// <summary>What η is multiplied with at the given step of the run (1-based).</summary>
    static abstract float StepScale(double step);

    /// <summary>What η is multiplied with for this parameter by its sums as they are.</summary>
    static abstract TLanes Scale<TLanes>(ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The parameter after the step; updates its sums.</summary>
    /// <param name="value">The parameter.</param>
    /// <param name="gradient">g.</param>
    /// <param name="eta">η, <see cref="StepScale"/> included.</param>
    /// <param name="state">Where its first sum lies.</param>
    /// <param name="stride">Floats from the first sum to the second.</param>
    static abstract TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>θ ← θ − ηg.</summary>
internal readonly struct PlainUpdate : IUpdate
{
    public static int StateCount => 0;

    public static bool SumsGrow => false;

    public static float InitialState(int index, float initialAccumulator) => 0;

    public static float StepScale(double step) => 1;

    public static TLanes Scale<TLanes>(ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes> => TLanes.All(1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes> => value - (eta * gradient);
}

/// <summary>
/// AdaGrad (Duchi, Hazan and Singer 2011, diagonal): G ← G + g², θ ← θ − ηg/√G. G starts above 0, the paper's δ, so no ε is needed.
/// </summary>
internal readonly struct AdaGradUpdate : IUpdate
{
    public static int StateCount => 1;

    public static bool SumsGrow => true;

    public static float InitialState(int index, float initialAccumulator) => initialAccumulator;

    public static float StepScale(double step) => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Scale<TLanes>(ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes> => TLanes.ReciprocalSqrt(TLanes.Load(ref state));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sum = TLanes.MulAdd(gradient, gradient, TLanes.Load(ref state));
        TLanes.Store(sum, ref state);
        return value - (eta * gradient * TLanes.ReciprocalSqrt(sum));
    }
}

/// <summary>
/// Adam (Kingma and Ba 2015, Algorithm 1 in the order of its section 2): m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η_t·m/√(v + ε²)
/// with η_t = η·√(1−β₂ᵗ)/(1−β₁ᵗ). Only the parameters that a step touches move; t is the caller's count of steps (docs/decisions).
/// </summary>
internal readonly struct AdamUpdate : IUpdate
{
    private const float Beta1 = 0.9f, Beta2 = 0.999f, EpsilonSquared = 1e-16f;

    public static int StateCount => 2;

    public static bool SumsGrow => false;

    public static float InitialState(int index, float initialAccumulator) => 0;

    public static float StepScale(double step) => (float)(Math.Sqrt(1 - Math.Pow(Beta2, step)) / (1 - Math.Pow(Beta1, step)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Scale<TLanes>(ref float state, nint stride)
        where TLanes
            : struct, ILanes<TLanes> => TLanes.ReciprocalSqrt(TLanes.Load(ref Unsafe.Add(ref state, stride)) + TLanes.All(EpsilonSquared));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, ref float state, nint stride)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float second = ref Unsafe.Add(ref state, stride);
        TLanes m = TLanes.MulAdd(TLanes.All(1 - Beta1), gradient, TLanes.All(Beta1) * TLanes.Load(ref state));
        TLanes s = TLanes.MulAdd(TLanes.All(1 - Beta2) * gradient, gradient, TLanes.All(Beta2) * TLanes.Load(ref second));
        TLanes.Store(m, ref state);
        TLanes.Store(s, ref second);
        return value - (eta * m * TLanes.ReciprocalSqrt(s + TLanes.All(EpsilonSquared)));
    }
}

/// <summary>The step of one weight whose sums lie behind it.</summary>
internal static unsafe class WeightStep<TUpdate>
    where TUpdate : struct, IUpdate
{
    /// <summary>The weight after the step.</summary>
    /// <param name="weight">Where it lies.</param>
    /// <param name="value">Its value.</param>
    /// <param name="gradient">g.</param>
    /// <param name="eta">η.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Step(float* weight, float value, float gradient, float eta) =>
        Lanes1.Sum(TUpdate.Apply(new Lanes1(value), new Lanes1(gradient), new Lanes1(eta), ref weight[1], 1));
}
