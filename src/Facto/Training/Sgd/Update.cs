using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>
/// How a gradient moves a parameter, as a type argument of the kernels. A parameter at p keeps its optimiser sums at p + stride,
/// p + 2·stride …, so that a feature's whole state lies together.
/// </summary>
internal interface IUpdate
{
    /// <summary>Sums per parameter.</summary>
    static abstract int StateCount { get; }

    /// <summary>The value that the state at the given index starts with.</summary>
    static abstract float InitialState(int index, float initialAccumulator);

    /// <summary>What the step size is multiplied with at the given step of the run (1-based).</summary>
    static abstract float StepScale(double step);

    /// <summary>What η is multiplied with for this parameter by its sums as they are.</summary>
    static abstract TLanes Scale<TLanes>(ref float parameter, int stride)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>True when there are sums and they only grow: what two workers added can be added up, and steps shrink by themselves. Not so moving averages.</summary>
    static abstract bool SumsGrow { get; }

    /// <summary>The parameter after the step; updates its sums.</summary>
    /// <param name="value">The parameter.</param>
    /// <param name="gradient">g.</param>
    /// <param name="eta">η.</param>
    /// <param name="parameter">Where the parameter lies.</param>
    /// <param name="stride">Floats from the parameter to its first sum.</param>
    static abstract TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, ref float parameter, int stride)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>θ ← θ − ηg.</summary>
internal readonly struct PlainUpdate : IUpdate
{
    public static int StateCount => 0;

    public static float InitialState(int index, float initialAccumulator) => 0;

    public static float StepScale(double step) => 1;

    public static TLanes Scale<TLanes>(ref float parameter, int stride)
        where TLanes : struct, ILanes<TLanes> => TLanes.All(1);

    public static bool SumsGrow => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, ref float parameter, int stride)
        where TLanes : struct, ILanes<TLanes> => value - (eta * gradient);
}

/// <summary>AdaGrad (Duchi, Hazan and Singer 2011, diagonal): G ← G + g², θ ← θ − ηg/√G. G starts above 0, so no ε is needed.</summary>
internal readonly struct AdaGradUpdate : IUpdate
{
    public static int StateCount => 1;

    public static float InitialState(int index, float initialAccumulator) => initialAccumulator;

    public static float StepScale(double step) => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Scale<TLanes>(ref float parameter, int stride)
        where TLanes : struct, ILanes<TLanes> => TLanes.ReciprocalSqrt(TLanes.Load(ref Unsafe.Add(ref parameter, stride)));

    public static bool SumsGrow => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, ref float parameter, int stride)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float state = ref Unsafe.Add(ref parameter, stride);
        TLanes sum = TLanes.MulAdd(gradient, gradient, TLanes.Load(ref state));
        TLanes.Store(sum, ref state);
        return value - (eta * gradient * TLanes.ReciprocalSqrt(sum));
    }
}

/// <summary>
/// Adam (Kingma and Ba 2015) on the parameters of active features only, example by example, with the bias correction of the whole run's step.
/// </summary>
internal readonly struct AdamUpdate : IUpdate
{
    private const float Beta1 = 0.9f, Beta2 = 0.999f, EpsilonSquared = 1e-16f;

    public static int StateCount => 2;

    public static float InitialState(int index, float initialAccumulator) => 0;

    public static float StepScale(double step) => (float)(Math.Sqrt(1 - Math.Pow(Beta2, step)) / (1 - Math.Pow(Beta1, step)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Scale<TLanes>(ref float parameter, int stride)
        where TLanes : struct, ILanes<TLanes> => TLanes.ReciprocalSqrt(TLanes.Load(ref Unsafe.Add(ref parameter, 2 * stride)) + TLanes.All(EpsilonSquared));

    public static bool SumsGrow => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(TLanes value, TLanes gradient, TLanes eta, ref float parameter, int stride)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float first = ref Unsafe.Add(ref parameter, stride);
        ref float second = ref Unsafe.Add(ref parameter, 2 * stride);
        TLanes m = TLanes.MulAdd(TLanes.All(1 - Beta1), gradient, TLanes.All(Beta1) * TLanes.Load(ref first));
        TLanes s = TLanes.MulAdd(TLanes.All(1 - Beta2) * gradient, gradient, TLanes.All(Beta2) * TLanes.Load(ref second));
        TLanes.Store(m, ref first);
        TLanes.Store(s, ref second);
        return value - (eta * m * TLanes.ReciprocalSqrt(s + TLanes.All(EpsilonSquared)));
    }
}
