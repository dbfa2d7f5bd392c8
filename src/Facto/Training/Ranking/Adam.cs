using Facto.Data;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Ranking;

/// <summary>
/// <see cref="AdamUpdate"/> for the features that a batch touches; the bias correction counts the feature's own steps (docs/decisions).
/// Shared by all workers, which update it without locks.
/// </summary>
internal sealed unsafe class Adam(int featureCount, int factorCount) : IDisposable
{
    private const int Ahead = 4;         // rows between asking for a feature's vectors and moving them

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
    public void Apply<TLanes>(
        GradientRows gradient, NativeBlock<float> linear, RowMatrix factors, float rate, FieldPenalties penalties, bool learnLinear)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int slot = 0; slot < gradient.Count; slot++)
        {
            if (slot + Ahead < gradient.Count) { Prefetch(gradient.Feature(slot + Ahead), factors); }
            int feature = gradient.Feature(slot);
            float eta = rate * AdamUpdate.StepScale(++_touches.Pointer[feature]);
            Move<TLanes>(factors, feature, gradient.Factors(slot), eta, penalties.Factors(feature));
            if (!learnLinear) { continue; }
            ref float w = ref linear.Pointer[feature];
            ref float mean = ref _linearMean.Pointer[feature];
            nint toSquare = (nint)(_linearSquare.Pointer - _linearMean.Pointer);
            var g = new Lanes1(gradient.Linear(slot) + (penalties.Linear(feature) * w));
            w = Lanes1.Sum(AdamUpdate.Apply(new Lanes1(w), g, new Lanes1(eta), ref mean, toSquare));
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

    // The two tables of moments have one shape, so a number's square lies as far from its mean everywhere.
    private void Move<TLanes>(RowMatrix factors, int feature, float* gradient, float rate, float penalty)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes eta = TLanes.All(rate), lambda = TLanes.All(penalty);
        nint toSquare = (nint)(_square.Storage.Pointer - _mean.Storage.Pointer);
        int length = factors.Stride;
        float* v = factors.Storage.Pointer + ((long)feature * length), mean = _mean.Storage.Pointer + ((long)feature * length);
        for (int f = 0; f < length; f += TLanes.Count)
        {
            TLanes value = TLanes.Load(ref v[f]);
            TLanes g = TLanes.MulAdd(lambda, value, TLanes.Load(ref gradient[f]));
            TLanes.Store(AdamUpdate.Apply(value, g, eta, ref mean[f], toSquare), ref v[f]);
        }
    }
}
