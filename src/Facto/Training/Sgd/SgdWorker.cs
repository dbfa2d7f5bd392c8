using System.Numerics;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>One thread's memory, and the step from run-time choices (lanes, kind of rows) to the compiled kernel.</summary>
internal sealed unsafe class SgdWorker<TLoss, TUpdate>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
{
    private readonly TrainingExamples _examples;
    private readonly FmParameters _parameters;
    private readonly int _lanes;
    private readonly NativeBlock<float> _sums, _scores, _values, _lambdaLinear, _lambdaFactors, _fieldLambdas;
    private readonly NativeBlock<int> _features;
    private readonly NativeBlock<ushort>? _fieldOf;
    private readonly bool _oneHot;
    private readonly float _lambdaBias;
    private readonly int _ahead;
    private readonly WorkerCopy<TLoss, TUpdate>? _copy;
    private readonly NativeBlock<int>? _rows;
    private float _eta;

    /// <param name="examples">What is learned from.</param>
    /// <param name="parameters">Shared with the other workers.</param>
    /// <param name="settings">λ and the like.</param>
    /// <param name="fieldOf">The field of each feature, when fields differ in λ.</param>
    /// <param name="lanes">Floats per register: 16, 8, 4 or 1.</param>
    /// <param name="copy">With other workers beside this one: its copy of the hot features.</param>
    public SgdWorker(
        TrainingExamples examples, FmParameters parameters, SgdSettings settings, NativeBlock<ushort>? fieldOf, int lanes,
        WorkerCopy<TLoss, TUpdate>? copy = null)
    {
        _copy = copy;
        (_examples, _parameters, _fieldOf, _lanes, _lambdaBias) = (examples, parameters, fieldOf, lanes, settings.LambdaBias);
        int most = Math.Max(1, examples.Reader.MaxWidth);
        _sums = new NativeBlock<float>(parameters.Width);
        _scores = new NativeBlock<float>(TrainingExamples.ChunkSize);
        _features = new NativeBlock<int>(most);
        _values = new NativeBlock<float>(most);
        _lambdaLinear = new NativeBlock<float>(most);
        _lambdaFactors = new NativeBlock<float>(most);
        _fieldLambdas = new NativeBlock<float>(2L * settings.LambdaLinear.Length);
        _oneHot = examples.Table is not null && (fieldOf is null || examples.ColumnFields is not null);
        if (copy is not null && _oneHot) { _rows = new NativeBlock<int>((long)TrainingExamples.ChunkSize * examples.Width); }
        TakeLambdas(settings.LambdaLinear, settings.LambdaFactors);

        // Examples ahead of the one being learnt whose rows are asked for. Rows come in random order: a model that shares the second-level
        // cache (from 256 KiB) with the examples waits for the third-level cache at every example otherwise.
        _ahead = parameters.Bytes > 1 << 17 ? 4 : 0;
    }

    /// <summary>Sets L2, field by field.</summary>
    public void TakeLambdas(ReadOnlySpan<float> linear, ReadOnlySpan<float> factors)
    {
        linear.CopyTo(_fieldLambdas.Span);
        factors.CopyTo(_fieldLambdas.Span[linear.Length..]);
        for (int j = 0; j < _lambdaLinear.Length; j++)
        {
            // Without fieldOf all fields have the same λ.
            int field = _fieldOf is not null && _oneHot ? _examples.ColumnFields![j] : 0;
            _lambdaLinear.Pointer[j] = linear.IsEmpty ? 0 : linear[field];
            _lambdaFactors.Pointer[j] = factors.IsEmpty ? 0 : factors[field];
        }
    }

    /// <summary>
    /// Learns chunk <paramref name="chunk"/> of the visiting order with step size <paramref name="eta"/>; returns Σ weight·loss before each
    /// step.
    /// </summary>
    public double Learn(int chunk, float eta)
    {
        int start = chunk * TrainingExamples.ChunkSize, end = Math.Min(_examples.Count, start + TrainingExamples.ChunkSize);
        var job = new KernelJob
        {
            Parameters = _parameters,
            Bias = _copy is null ? _parameters.Bias : _copy.Bias,
            Labels = _examples.Labels,
            Weights = _examples.Weights,
            Start = start,
            End = end,
            Eta = eta,
            LambdaBias = _lambdaBias,
            Sums = _sums.Pointer,
            Scores = _scores.Pointer,
            Ahead = _ahead,
        };
        if (_oneHot && _examples.Width == 2 && _examples.ColumnFields is [var a, var b] && a != b) { RunPairs(job, Table(start, end)); }
        else if (_oneHot) { Run(job, new OneHotRows(Table(start, end), _examples.Width, _lambdaLinear.Pointer, _lambdaFactors.Pointer)); }
        else { Run(job, new SparseExampleRows(_examples.Reader, _examples.RowsAreOrdered ? null : _examples.Order, Scratch())); }
        var labels = new ReadOnlySpan<float>(_examples.Labels + start, end - start);
        double loss = LossSum.Of<TLoss>(
            _scores.Slice(0, labels.Length), labels, _examples.WeightBlock is { } w ? w.Slice(start, labels.Length) : default);
        _eta = eta;
        _copy?.Advance(end - start, eta);
        return loss;
    }

    /// <summary>Takes the shared values into the worker's copy, before a pass.</summary>
    public void Begin() => _copy?.Take();

    /// <summary>Gives what the copy has learned to the shared values, after an epoch.</summary>
    public void End() => _copy?.Advance(0, _eta, all: true);

    // The table such that position p begins at p·width, with the rows of the worker's own copies.
    private int* Table(int start, int end)
    {
        int* shared = _examples.Table;
        if (_rows is null) { return shared; }
        int width = _examples.Width, count = (end - start) * width, i = 0;
        int* source = shared + ((long)start * width), own = _rows.Pointer;
        int first = _copy!.Hot.FirstRow, move = _copy.FirstRow - first;
        Vector<int> firsts = new(first), moves = new(move);
        for (; i <= count - Vector<int>.Count; i += Vector<int>.Count)
        {
            Vector<int> ids = Vector.Load(source + i);
            Vector.Store(ids + (Vector.GreaterThanOrEqual(ids, firsts) & moves), own + i);
        }

        for (; i < count; i++) { own[i] = source[i] >= first ? source[i] + move : source[i]; }
        return own - ((long)start * width);
    }

    private SparseScratch Scratch() => new()
    {
        Features = _features.Pointer,
        Values = _values.Pointer,
        LambdaLinear = _lambdaLinear.Pointer,
        LambdaFactors = _lambdaFactors.Pointer,
        FieldOf = _fieldOf is null ? null : _fieldOf.Pointer,
        FieldLambdaLinear = _fieldLambdas.Pointer,
        FieldLambdaFactors = _fieldLambdas.Pointer + (_fieldLambdas.Length / 2),
        RowOf = _copy is null ? null : _copy.Hot.RowOf,
        FeatureCount = _parameters.FeatureCount,
        OwnRows = _copy is null ? 0 : _copy.FirstRow - _copy.Hot.FirstRow,
    };

    private void Run<TRows>(in KernelJob job, TRows rows)
        where TRows : struct, IExampleRows => LaneDispatch.Run<Kernel<TRows>, Nothing>(new(job, rows), _lanes);

    private void RunPairs(in KernelJob job, int* table) =>
        LaneDispatch.Run<PairKernel, Nothing>(new(job, table, _lambdaLinear.Pointer, _lambdaFactors.Pointer), _lanes);

    private readonly struct Kernel<TRows>(KernelJob job, TRows rows) : ILaneKernel<Nothing>
        where TRows : struct, IExampleRows
    {
        private readonly KernelJob _job = job;

        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            FmKernel<TLoss, TUpdate, TLanes, TRows>.Learn(_job, rows);
            return default;
        }
    }

    private readonly struct PairKernel(KernelJob job, int* table, float* lambdaLinear, float* lambdaFactors) : ILaneKernel<Nothing>
    {
        private readonly KernelJob _job = job;

        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            FmPairKernel<TLoss, TUpdate, TLanes>.Learn(_job, table, lambdaLinear, lambdaFactors);
            return default;
        }
    }
}
