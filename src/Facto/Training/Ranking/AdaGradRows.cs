using System.Runtime.CompilerServices;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Ranking;

/// <summary><see cref="AdaGradUpdate"/> for the features of one row. Shared by all workers, updated without locks.</summary>
internal sealed unsafe class AdaGradRows : IDisposable
{
    private readonly FmModel _model;
    private readonly FieldPenalties _penalties;
    private readonly RowMatrix _squares;
    private readonly NativeBlock<float> _linearSquares;
    private readonly int _stride;

    public AdaGradRows(FmModel model, FieldPenalties penalties, float initialAccumulator)
    {
        (_model, _penalties, _stride) = (model, penalties, model.Factors.Stride);
        _squares = new RowMatrix(model.Schema.FeatureCount, model.FactorCount);
        _linearSquares = new NativeBlock<float>(model.Schema.FeatureCount);
        _squares.Storage.Span.Fill(initialAccumulator);   // the padding's gradient is 0, and 0/√(what is here) stays 0
        _linearSquares.Span.Fill(initialAccumulator);
    }

    /// <summary>Moves every feature of a row.</summary>
    /// <param name="rows">The side's table.</param>
    /// <param name="row">A row of it.</param>
    /// <param name="gradient">dL/ds of the side's sum.</param>
    /// <param name="sum">The side's sum for the pairs within the row; null without them.</param>
    /// <param name="own">dL/dg of the side's own term.</param>
    /// <param name="rate">η.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Descend<TLanes>(in SideRows rows, int row, float* gradient, float* sum, float own, float rate)
        where TLanes : struct, ILanes<TLanes>
    {
        int count = rows.Get(row, out int* features, out float* values);
        bool pairs = sum is not null && count > 1;
        TLanes eta = TLanes.All(rate);
        for (int i = 0; i < count; i++)
        {
            int feature = features[i];
            float x = values is null ? 1f : values[i], lambda = _penalties.Factors(feature);
            float* v = _model.Factors.Storage.Pointer + ((long)feature * _stride),
                squares = _squares.Storage.Pointer + ((long)feature * _stride);
            TLanes scale = TLanes.All(x), keep = TLanes.All(pairs ? lambda - (own * x * x) : lambda), other = TLanes.All(own * x);
            for (int f = 0; f < _stride; f += TLanes.Count)
            {
                TLanes value = TLanes.Load(ref v[f]);
                TLanes g = TLanes.MulAdd(keep, value, scale * TLanes.Load(ref gradient[f]));
                if (pairs) { g = TLanes.MulAdd(other, TLanes.Load(ref sum[f]), g); }
                TLanes.Store(AdaGradUpdate.Apply(value, g, eta, ref squares[f], 0), ref v[f]);
            }

            if (own == 0) { continue; }
            MoveLinear(feature, x * own, rate);
        }
    }

    /// <summary>Where the sums of squares of a feature's factors lie.</summary>
    public float* Squares(int feature) => _squares.Storage.Pointer + ((long)feature * _stride);

    /// <summary>
    /// The same for the commonest step, three features of value 1: L's slope by y₋ − y₊ is <paramref name="slope"/>, so dL/ds = slope·(r₋ −
    /// r₊), dL/dr₊ = −slope·s and dL/dr₋ = slope·s; one traversal, nothing stored between. The user's linear weight has no part in an order
    /// and is left alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Descend<TLanes>(int user, int item, int negative, float slope, float rate)
        where TLanes : struct, ILanes<TLanes>
    {
        float* factors = _model.Factors.Storage.Pointer, s = factors + ((long)user * _stride), r = factors + ((long)item * _stride),
            n = factors + ((long)negative * _stride);
        float* sSquares = Squares(user), rSquares = Squares(item), nSquares = Squares(negative);
        TLanes eta = TLanes.All(rate), scale = TLanes.All(slope);
        TLanes sPenalty = TLanes.All(_penalties.Factors(user)), rPenalty = TLanes.All(_penalties.Factors(item)),
            nPenalty = TLanes.All(_penalties.Factors(negative));
        for (int f = 0; f < _stride; f += TLanes.Count)
        {
            TLanes sv = TLanes.Load(ref s[f]), rv = TLanes.Load(ref r[f]), nv = TLanes.Load(ref n[f]), pull = scale * sv;
            TLanes.Store(AdaGradUpdate.Apply(sv, TLanes.MulAdd(sPenalty, sv, scale * (nv - rv)), eta, ref sSquares[f], 0), ref s[f]);
            TLanes.Store(AdaGradUpdate.Apply(rv, (rPenalty * rv) - pull, eta, ref rSquares[f], 0), ref r[f]);
            TLanes.Store(AdaGradUpdate.Apply(nv, TLanes.MulAdd(nPenalty, nv, pull), eta, ref nSquares[f], 0), ref n[f]);
        }

        MoveLinear(item, -slope, rate);
        MoveLinear(negative, slope, rate);
    }

    public void Save(ArtefactWriter writer)
    {
        writer.Write("adagrad.squares", _squares.Storage);
        writer.Write("adagrad.linear", _linearSquares);
    }

    public void Load(ArtefactReader reader)
    {
        reader.Block<float>("adagrad.squares", _squares.Storage.Length).CopyTo(_squares.Storage);
        reader.Block<float>("adagrad.linear", _linearSquares.Length).CopyTo(_linearSquares);
    }

    public void Dispose()
    {
        _squares.Dispose();
        _linearSquares.Dispose();
    }

    private void MoveLinear(int feature, float gradient, float rate)
    {
        ref float w = ref _model.Linear.Pointer[feature];
        var g = new Lanes1(gradient + (_penalties.Linear(feature) * w));
        Lanes1 eta = new(rate);
        w = Lanes1.Sum(AdaGradUpdate.Apply(new Lanes1(w), g, eta, ref _linearSquares.Pointer[feature], 0));
    }
}
