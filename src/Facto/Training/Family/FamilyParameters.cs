using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>The parameters of a run: rows like an FM's with as many columns as the member has, and couplings with their sums behind
/// them.</summary>
internal sealed unsafe class FamilyParameters
{
    private readonly FamilyShape _shape;
    private readonly FeatureSchema _schema;
    private readonly NativeBlock<float> _coupling;
    private readonly int _couplings, _states;
    private readonly FamilyStore _live;

    public FamilyParameters(FamilyShape shape, FeatureSchema schema, int stateCount)
    {
        (_shape, _schema, _states) = (shape, schema, stateCount);
        int columns = shape.Columns(schema);
        Rows = new FmParameters(schema.FeatureCount, columns, stateCount);
        _couplings = checked((int)shape.CouplingLength(schema));
        CouplingStride = RowMatrix.PaddedLength(_couplings);
        _coupling = new NativeBlock<float>((long)CouplingStride * (1 + stateCount));
        var linear = new NativeBlock<float>(Rows.Linear, (long)schema.FeatureCount * Rows.LinearStride, Rows.Owner);
        var factors = new NativeBlock<float>(Rows.Factors, (long)schema.FeatureCount * Rows.FactorStride, Rows.Owner);
        var coupling = new NativeBlock<float>(_coupling.Pointer, _couplings, _coupling);
        _live = new FamilyStore(schema.FeatureCount, columns, linear, Rows.LinearStride, factors, Rows.FactorStride, coupling);
    }

    public FmParameters Rows { get; }

    public float* Coupling => _couplings == 0 ? null : _coupling.Pointer;

    /// <summary>Floats from a coupling to its sum.</summary>
    public int CouplingStride { get; }

    /// <summary>The model as it is in this memory: it changes with every step, and w₀ with every call.</summary>
    public FamilyStore Live()
    {
        _live.Bias = *Rows.Bias;
        return _live;
    }

    /// <summary>
    /// Factors as an FM's, or from 0 up for an FFM as in LIBFFM; couplings as the identity, so that a run starts as an FM; a field that no
    /// example has twice does not meet itself, so an FFM's vectors for their own field start at 0.
    /// </summary>
    public void Initialise<TUpdate>(float deviation, float initialAccumulator, ulong seed)
        where TUpdate : struct, IUpdate
    {
        Rows.Initialise<TUpdate>(deviation, initialAccumulator, seed);
        if (_shape.Family == ModelFamily.Ffm) { InitialiseAware(deviation, seed); }
        for (int s = 0; s < _states; s++)
        {
            _coupling.Slice((s + 1L) * CouplingStride, CouplingStride).Fill(TUpdate.InitialState(s, initialAccumulator));
        }
        if (_couplings == 0) { return; }
        var coupling = new FieldCoupling(_shape, _schema.Fields.Count, _live.Coupling);
        for (int f = 0; f < _schema.Fields.Count; f++)
        {
            for (int g = f; g < _schema.Fields.Count; g++) { coupling.SetIdentity(coupling.Of(f, g)); }
        }
    }

    public void Take(FamilyModel model)
    {
        if (model.Shape != _shape || model.Schema.FeatureCount != _schema.FeatureCount)
        {
            throw new FactoException(
                $"the model to start from is a {model.Shape.Family} of {model.Schema.FeatureCount} features and "
                    + $"{model.Shape.FactorCount} factors, the run a {_shape.Family} of {_schema.FeatureCount} and "
                    + $"{_shape.FactorCount}; use the same --family and --factors");
        }

        *Rows.Bias = model.Numbers.Bias;
        for (int i = 0; i < _schema.FeatureCount; i++)
        {
            _live.Weight(i) = model.Numbers.Weight(i);
            model.Numbers.Row(i).CopyTo(_live.Row(i));
        }

        model.Numbers.Coupling.CopyTo(_live.Coupling);
    }

    public void Write(ArtefactWriter writer)
    {
        Rows.Write(writer);
        writer.Write("sgd.coupling", _coupling);
    }

    public void Read(ArtefactReader reader)
    {
        Rows.Read(reader);
        reader.Block<float>("sgd.coupling", _coupling.Length).CopyTo(_coupling);
    }

    // Uniform from 0 to twice the mean that gives the deviation asked for: uniform on [0, 1/√k) has the deviation 1/√(12k).
    private void InitialiseAware(float deviation, ulong seed)
    {
        var random = new SeededRandom(seed, RandomStreams.Initialisation);
        float range = deviation * MathF.Sqrt(12);
        for (int f = 0; f < _schema.Fields.Count; f++)
        {
            Field field = _schema.Fields[f];
            for (int i = field.Offset; i < field.Offset + field.Count; i++)
            {
                Span<float> row = _live.Row(i);
                for (int c = 0; c < row.Length; c++) { row[c] = range * random.NextFloat(); }
                row.Slice(f * _shape.FactorCount, _shape.FactorCount).Clear();
            }
        }
    }
}
