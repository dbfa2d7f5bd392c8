using Facto.Models;
using Facto.Models.Family;
using Facto.Numerics;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>One thread's memory, and the step from run-time choices (member, lanes, kind of rows) to the compiled kernel.</summary>
internal sealed unsafe class FamilyWorker<TLoss, TUpdate>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
{
    private readonly TrainingExamples _examples;
    private readonly FamilyParameters _parameters;
    private readonly FamilyShape _shape;
    private readonly NativeBlock<ushort> _fieldOf;
    private readonly NativeBlock<float> _scratch, _scores, _values, _lambdaLinear, _lambdaFactors, _fieldLambdas;
    private readonly NativeBlock<int> _features, _fields, _columnOf;
    private readonly int _lanes, _fieldCount, _ahead;
    private readonly float _lambdaBias;
    private readonly bool _oneHot, _oneHotAware;

    /// <param name="examples">What is learned from.</param>
    /// <param name="parameters">Shared with the other workers.</param>
    /// <param name="shape">The member.</param>
    /// <param name="settings">λ and the like.</param>
    /// <param name="fieldOf">The field of each feature.</param>
    /// <param name="lanes">Floats per register: 16, 8, 4 or 1.</param>
    public FamilyWorker(TrainingExamples examples, FamilyParameters parameters, FamilyShape shape, SgdSettings settings,
        NativeBlock<ushort> fieldOf, int lanes)
    {
        (_examples, _parameters, _shape, _fieldOf, _lanes, _lambdaBias) = (examples, parameters, shape, fieldOf, lanes,
            settings.LambdaBias);
        _fieldCount = settings.LambdaLinear.Length;
        int most = Math.Max(1, examples.Reader.MaxWidth), width = parameters.Rows.Width;
        _oneHot = examples.Table is not null && examples.ColumnFields is not null;
        _oneHotAware = _oneHot && shape.Family == ModelFamily.Ffm && examples.Width == _fieldCount && examples.ColumnFields!.Distinct(
            ).Count() == _fieldCount;
        long floats = shape.Family switch
        {
            ModelFamily.Fm3 => 4L * width,
            ModelFamily.Ffm when _oneHotAware => FieldAwareKernel<TLoss, TUpdate, Lanes1>.ScratchLength(_fieldCount, width),
            ModelFamily.Ffm => FieldAwareRowKernel<TLoss, TUpdate, Lanes1, OneHotRows>.ScratchLength(_fieldCount, width),
            _ => FieldMatrixKernel<TLoss, TUpdate, Lanes1, OneHotRows, ScalarCoupling>.ScratchLength(_fieldCount, width, most),
        };
        _scratch = new NativeBlock<float>(floats);
        _scores = new NativeBlock<float>(TrainingExamples.ChunkSize);
        _features = new NativeBlock<int>(most);
        _values = new NativeBlock<float>(most);
        _lambdaLinear = new NativeBlock<float>(most);
        _lambdaFactors = new NativeBlock<float>(most);
        _fieldLambdas = new NativeBlock<float>(2L * _fieldCount);
        _fields = new NativeBlock<int>(2L * _fieldCount);
        _columnOf = new NativeBlock<int>(_fieldCount);
        settings.LambdaLinear.CopyTo(_fieldLambdas.Span);
        settings.LambdaFactors.CopyTo(_fieldLambdas.Span[_fieldCount..]);
        for (int j = 0; _oneHot && j < most; j++)
        {
            int field = examples.ColumnFields![j];
            _columnOf.Pointer[field] = j;
            (_lambdaLinear.Pointer[j], _lambdaFactors.Pointer[j]) = (settings.LambdaLinear[field], settings.LambdaFactors[field]);
        }

        if (shape.Family == ModelFamily.Fm3) { FillColumns(width); }
        _ahead = parameters.Rows.Bytes <= 1 << 17 ? 0 : (long)most * parameters.Rows.FactorStride > 1 << 12 ? 1 : 4;
    }

    /// <summary>Learns chunk <paramref name="chunk"/> of the visiting order with step size <paramref name="eta"/>; returns Σ weight·loss
    /// before each step.</summary>
    public double Learn(int chunk, float eta)
    {
        int start = chunk * TrainingExamples.ChunkSize, end = Math.Min(_examples.Count, start + TrainingExamples.ChunkSize);
        var job = new FamilyJob
        {
            Parameters = _parameters.Rows,
            Coupling = _parameters.Coupling,
            CouplingStride = _parameters.CouplingStride,
            Labels = _examples.Labels,
            Weights = _examples.Weights,
            Start = start,
            End = end,
            Eta = eta,
            LambdaBias = _lambdaBias,
            Scores = _scores.Pointer,
            FieldOf = _fieldOf.Pointer,
            FieldCount = _fieldCount,
            FactorCount = _shape.FactorCount,
            Scratch = _scratch.Pointer,
            Fields = _fields.Pointer,
            Ahead = _ahead,
        };
        LaneDispatch.Run<Kernel, Nothing>(new(this, job), _lanes);
        return LossSum.Of<TLoss>(_scores.Slice(0, end - start), new ReadOnlySpan<float>(_examples.Labels + start, end - start),
            _examples.WeightBlock is { } w ? w.Slice(start, end - start) : default);
    }

    private void Run<TLanes>(in FamilyJob job)
        where TLanes : struct, ILanes<TLanes>
    {
        if (_oneHot) { Run<TLanes, OneHotRows>(job, OneHot()); }
        else
        {
            Run<TLanes, SparseExampleRows>(job, new SparseExampleRows(_examples.Reader, _examples.RowsAreOrdered ? null : _examples.Order,
                Scratch()));
        }
    }

    private void Run<TLanes, TRows>(in FamilyJob job, TRows rows)
        where TLanes : struct, ILanes<TLanes>
        where TRows : struct, IExampleRows
    {
        switch (_shape.Family)
        {
            case ModelFamily.Fwfm: FieldMatrixKernel<TLoss, TUpdate, TLanes, TRows, ScalarCoupling>.Learn(job, rows); break;
            case ModelFamily.Fvfm: FieldMatrixKernel<TLoss, TUpdate, TLanes, TRows, DiagonalCoupling>.Learn(job, rows); break;
            case ModelFamily.Fmfm: FieldMatrixKernel<TLoss, TUpdate, TLanes, TRows, MatrixCoupling>.Learn(job, rows); break;
            case ModelFamily.Fm3: ThirdOrderKernel<TLoss, TUpdate, TLanes, TRows>.Learn(job, rows); break;
            case ModelFamily.Ffm when _oneHotAware: FieldAwareKernel<TLoss, TUpdate, TLanes>.Learn(job, OneHot(), _columnOf.Pointer); break;
            default: FieldAwareRowKernel<TLoss, TUpdate, TLanes, TRows>.Learn(job, rows); break;
        }
    }

    private OneHotRows OneHot() => new(_examples.Table, _examples.Width, _lambdaLinear.Pointer, _lambdaFactors.Pointer);

    private SparseScratch Scratch() => new()
    {
        Features = _features.Pointer,
        Values = _values.Pointer,
        LambdaLinear = _lambdaLinear.Pointer,
        LambdaFactors = _lambdaFactors.Pointer,
        FieldOf = _fieldOf.Pointer,
        FieldLambdaLinear = _fieldLambdas.Pointer,
        FieldLambdaFactors = _fieldLambdas.Pointer + _fieldCount,
    };

    // c₂ and c₃ of the columns.
    private void FillColumns(int width)
    {
        int columns = _shape.SharesFactors ? _shape.FactorCount : _shape.FactorCount + _shape.ThirdOrderCount;
        _scratch.Slice(0, _shape.FactorCount).Fill(1);
        int from = _shape.SharesFactors ? 0 : _shape.FactorCount;
        _scratch.Slice(width + from, columns - from).Fill(1);
    }

    private readonly struct Kernel(FamilyWorker<TLoss, TUpdate> worker, FamilyJob job) : ILaneKernel<Nothing>
    {
        private readonly FamilyJob _job = job;

        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            worker.Run<TLanes>(_job);
            return default;
        }
    }
}
