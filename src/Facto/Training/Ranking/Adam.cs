using System.Runtime.CompilerServices;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>
/// Adam (Kingma and Ba 2015) for rows that few steps touch: moments move only when their feature is touched, and the bias correction counts the
/// feature's own touches, not the run's steps; a user that is seen once per pass would otherwise take steps that are several times too long.
/// Shared by all workers, which update it without locks.
/// </summary>
internal sealed unsafe class Adam(int featureCount, int factorCount) : IDisposable
{
    private const float Decay1 = 0.9f;
    private const float Decay2 = 0.999f;
    private const int Ahead = 4;         // rows between asking for a feature's vectors and moving them
    private const float Tiny = 1e-16f;   // under the root, of squared gradients

    private readonly RowMatrix _mean = new(featureCount, factorCount);
    private readonly RowMatrix _square = new(featureCount, factorCount);
    private readonly NativeBlock<float> _linearMean = new(featureCount);
    private readonly NativeBlock<float> _linearSquare = new(featureCount);
    private readonly NativeBlock<int> _touches = new(featureCount);

    /// <summary>Moves every touched feature of <paramref name="gradient"/>.</summary>
    /// <param name="gradient">dL/dV and dL/dw of one step.</param>
    /// <param name="linear">w.</param>
    /// <param name="factors">V.</param>
    /// <param name="rate">η.</param>
    /// <param name="penalties">L2 of each feature.</param>
    /// <param name="learnLinear">False leaves w alone.</param>
    public void Apply<TLanes>(GradientRows gradient, NativeBlock<float> linear, RowMatrix factors, float rate, FieldPenalties penalties, bool learnLinear)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int slot = 0; slot < gradient.Count; slot++)
        {
            if (slot + Ahead < gradient.Count) { Prefetch(gradient.Feature(slot + Ahead), factors); }
            int feature = gradient.Feature(slot), touches = ++_touches.Pointer[feature];
            float step = rate / (1 - MathF.Pow(Decay1, touches)), unbias = 1 / (1 - MathF.Pow(Decay2, touches));
            Move<TLanes>(ref factors.Ref(feature), gradient.Factors(slot), ref _mean.Ref(feature), ref _square.Ref(feature), factors.Stride, step, unbias, penalties.Factors(feature));
            if (learnLinear)
            {
                ref float w = ref linear.Pointer[feature];
                float g = gradient.Linear(slot) + (penalties.Linear(feature) * w);
                ref float m = ref _linearMean.Pointer[feature], v = ref _linearSquare.Pointer[feature];
                m += (1 - Decay1) * (g - m);
                v += (1 - Decay2) * ((g * g) - v);
                w -= step * m / MathF.Sqrt((v * unbias) + Tiny);
            }
        }
    }

    public void Save(ArtefactWriter writer)
    {
        writer.Write("adam.mean", _mean.Storage);
        writer.Write("adam.square", _square.Storage);
        writer.Write("adam.linear.mean", _linearMean);
        writer.Write("adam.linear.square", _linearSquare);
        writer.Write("adam.touches", _touches);
    }

    public void Load(ArtefactReader reader)
    {
        reader.Block<float>("adam.mean", _mean.Storage.Length).CopyTo(_mean.Storage);
        reader.Block<float>("adam.square", _square.Storage.Length).CopyTo(_square.Storage);
        reader.Block<float>("adam.linear.mean", _linearMean.Length).CopyTo(_linearMean);
        reader.Block<float>("adam.linear.square", _linearSquare.Length).CopyTo(_linearSquare);
        reader.Block<int>("adam.touches", _touches.Length).CopyTo(_touches);
    }

    public void Dispose()
    {
        _mean.Dispose();
        _square.Dispose();
        _linearMean.Dispose();
        _linearSquare.Dispose();
        _touches.Dispose();
    }

    private void Prefetch(int feature, RowMatrix factors)
    {
        RowChains.Prefetch(_mean.Storage.Pointer + ((long)feature * _mean.Stride), _mean.Stride);
        RowChains.Prefetch(_square.Storage.Pointer + ((long)feature * _square.Stride), _square.Stride);
        RowChains.Prefetch(factors.Storage.Pointer + ((long)feature * factors.Stride), factors.Stride);
    }

    private static void Move<TLanes>(ref float v, float* gradient, ref float mean, ref float square, int length, float step, float unbias, float penalty)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes keep1 = TLanes.All(Decay1), new1 = TLanes.All(1 - Decay1), keep2 = TLanes.All(Decay2), new2 = TLanes.All(1 - Decay2);
        TLanes down = TLanes.All(-step), correct = TLanes.All(unbias), tiny = TLanes.All(Tiny), lambda = TLanes.All(penalty);
        for (int f = 0; f < length; f += TLanes.Count)
        {
            ref float at = ref Unsafe.Add(ref v, f);
            ref float atMean = ref Unsafe.Add(ref mean, f);
            ref float atSquare = ref Unsafe.Add(ref square, f);
            TLanes value = TLanes.Load(ref at);
            TLanes g = TLanes.MulAdd(lambda, value, TLanes.Load(ref gradient[f]));
            TLanes m = TLanes.MulAdd(keep1, TLanes.Load(ref atMean), new1 * g);
            TLanes s = TLanes.MulAdd(keep2, TLanes.Load(ref atSquare), new2 * (g * g));
            TLanes.Store(m, ref atMean);
            TLanes.Store(s, ref atSquare);
            TLanes.Store(TLanes.MulAdd(down * m, TLanes.ReciprocalSqrt(TLanes.MulAdd(s, correct, tiny)), value), ref at);
        }
    }
}
