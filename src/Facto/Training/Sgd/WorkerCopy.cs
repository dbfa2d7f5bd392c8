using System.Runtime.CompilerServices;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>What the workers with copies have in common.</summary>
/// <param name="Hot">What to copy.</param>
/// <param name="MeanWeight">Of an example.</param>
/// <param name="Workers">T.</param>
/// <param name="Lanes">Floats per register.</param>
internal sealed record CopySharing(HotFeatures Hot, double MeanWeight, int Workers, int Lanes)
{
    /// <summary>One per level: who holds it may write the shared rows of the level.</summary>
    public Lock[] Locks { get; } = [.. Enumerable.Range(0, HotFeatures.Levels).Select(_ => new Lock())];
}

/// <summary>
/// One worker's copy of w₀ and of the hot features' rows, with their optimiser sums. It starts a pass with the shared values, and every
/// so many examples gives what it has changed to them and takes what the others have changed.
/// <para>
/// With T workers a change Δ is merged as share·Δ. A worker's steps leave e^{-a} of a parameter's way to where its examples want it, a =
/// η·Σ∂²ℓ/∂θ² over them; one worker that saw all examples would leave e^{-aT}, so share = (1 − e^{-aT}) / (T(1 − e^{-a})): the sum of the
/// changes where steps are few and small, their mean where every worker has arrived already and the sum would overshoot. Computed as (1 +
/// a/2) / (1 + Ta/2), which agrees at both ends and to first order. ∂²ℓ/∂w² = hx² and ∂²ℓ/∂v_f² = hx²(q_f − v_f x)², with the largest h and
/// the mean square that the hot features' rows make. Sums of squared gradients add up.
/// </para>
/// </summary>
internal sealed unsafe class WorkerCopy<TLoss, TUpdate>
    where TLoss : struct, ILoss
    where TUpdate : struct, IUpdate
{
    private readonly HotFeatures _hot;
    private readonly FmParameters _shared;
    private readonly Lock[] _locks;
    private readonly int _workers, _lanes;
    private readonly int[] _since = new int[HotFeatures.Levels];
    private readonly NativeBlock<float> _bias, _startFactors, _startLinear, _startBias, _spread, _mean;
    private readonly float _meanWeight;
    private readonly float* _factors, _linear;

    /// <param name="sharing">What all workers share.</param>
    /// <param name="shared">The parameters; the hot features' rows follow those of the features.</param>
    /// <param name="worker">From 0.</param>
    public WorkerCopy(CopySharing sharing, FmParameters shared, int worker)
    {
        HotFeatures hot = sharing.Hot;
        (_hot, _shared, _locks, _workers, _lanes) = (hot, shared, sharing.Locks, sharing.Workers, sharing.Lanes);
        FirstRow = hot.FirstRow + (worker * hot.RowsPerWorker);
        _factors = shared.Factors + ((long)FirstRow * shared.FactorStride);
        _linear = shared.Linear + ((long)FirstRow * shared.LinearStride);
        _startFactors = new NativeBlock<float>((long)hot.Features.Length * shared.FactorStride);
        _startLinear = new NativeBlock<float>((long)hot.Features.Length * shared.LinearStride);
        _startBias = new NativeBlock<float>(shared.LinearStride);
        _bias = new NativeBlock<float>(shared.LinearStride);
        _spread = new NativeBlock<float>(shared.Width);
        _mean = new NativeBlock<float>(shared.Width);
        _meanWeight = (float)sharing.MeanWeight;
    }

    /// <summary>What it has copies of.</summary>
    public HotFeatures Hot => _hot;

    /// <summary>The row of the hottest feature's copy.</summary>
    public int FirstRow { get; }

    /// <summary>This worker's w₀ and its sums.</summary>
    public float* Bias => _bias.Pointer;

    /// <summary>Starts anew from the shared values.</summary>
    public void Take()
    {
        long stride = _shared.FactorStride, linearStride = _shared.LinearStride;
        for (int h = 0; h < _hot.Features.Length; h++)
        {
            Copy(_shared.Factors + (_hot.Features[h] * stride), _factors + (h * stride), _startFactors.Pointer + (h * stride), stride);
            Copy(_shared.Linear + (_hot.Features[h] * linearStride), _linear + (h * linearStride),
                _startLinear.Pointer + (h * linearStride), linearStride);
        }

        Copy(_shared.Bias, Bias, _startBias.Pointer, linearStride);
        Array.Clear(_since);
        MeasureSpread();

        static void Copy(float* from, float* own, float* start, long count)
        {
            var source = new ReadOnlySpan<float>(from, (int)count);
            source.CopyTo(new Span<float>(own, (int)count));
            source.CopyTo(new Span<float>(start, (int)count));
        }
    }

    /// <summary>Counts examples that were learned from; gives and takes changes of the levels that are due.</summary>
    /// <param name="examples">Since the last call.</param>
    /// <param name="eta">η now.</param>
    /// <param name="all">Whatever was learned since the last merge, due or not: at the end of a pass.</param>
    public void Advance(int examples, float eta, bool all = false)
    {
        for (int level = 0; level < HotFeatures.Levels; level++)
        {
            _since[level] += examples;
            if (_since[level] == 0 || (!all && _since[level] < _hot.IntervalOf(level))) { continue; }
            lock (_locks[level]) { LaneDispatch.Run<MergeKernel, Nothing>(new MergeKernel(this, level, eta * _since[level]), _lanes); }

            _since[level] = 0;
            if (level == HotFeatures.Levels - 1) { MeasureSpread(); }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Merge<TLanes>(int level, float steps)
        where TLanes : struct, ILanes<TLanes>
    {
        nint stride = _shared.FactorStride, linearStride = _shared.LinearStride;
        int width = _shared.Width;
        float one = 1, half = 0.5f * TLoss.Curvature * steps;
        if (level == 0) { MergeRow<Lanes1>(_shared.Bias, Bias, _startBias.Pointer, 1, half * _meanWeight, &one); }
        (int first, int count) = _hot.PlacesOf(level).GetOffsetAndLength(_hot.Features.Length);
        for (int h = first; h < first + count; h++)
        {
            nint feature = _hot.Features[h];
            float reach = half * _hot.Squares[h];
            MergeRow<Lanes1>(
                _shared.Linear + (feature * linearStride), _linear + (h * linearStride), _startLinear.Pointer + (h * linearStride), 1,
                reach, &one);
            MergeRow<TLanes>(
                _shared.Factors + (feature * stride), _factors + (h * stride), _startFactors.Pointer + (h * stride), width, reach,
                _spread.Pointer);
        }
    }

    // a/2 = reach·scale·spread.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MergeRow<TLanes>(float* shared, float* own, float* start, int width, float reach, float* spread)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes one = TLanes.All(1), factor = TLanes.All(reach), workers = TLanes.All(_workers);
        for (nint f = 0; f < width; f += TLanes.Count)
        {
            TLanes a = factor * TUpdate.Scale<TLanes>(ref own[f + width], width) * TLanes.Load(ref spread[f]);
            TLanes root = TLanes.ReciprocalSqrt(TLanes.MulAdd(workers, a, one));
            Merge(shared + f, own + f, start + f, (one + a) * root * root);
        }

        for (nint f = width; f < (1 + TUpdate.StateCount) * (nint)width; f += TLanes.Count)
        {
            Merge(shared + f, own + f, start + f, one);
        }
    }

    // The mean of (q_f − v_f x)² as the hot features make it: by their mean, and by whether an example has them.
    private void MeasureSpread()
    {
        Span<float> spread = _spread.Span, mean = _mean.Span;
        spread.Clear();
        mean.Clear();
        for (int h = 0; h < _hot.Features.Length; h++)
        {
            float* row = _factors + ((nint)h * _shared.FactorStride);
            float uses = _hot.Uses[h], squares = _hot.Squares[h];
            for (int f = 0; f < mean.Length; f++)
            {
                mean[f] += uses * row[f];
                spread[f] += squares * row[f] * row[f];
            }
        }

        for (int f = 0; f < mean.Length; f++) { spread[f] += mean[f] * mean[f]; }
    }

    // shared + share·(own − start) becomes shared, own and start.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Merge<TLanes>(float* shared, float* own, float* start, TLanes share)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes change = TLanes.Load(ref *own) - TLanes.Load(ref *start);
        TLanes merged = TLanes.MulAdd(share, change, TLanes.Load(ref *shared));
        TLanes.Store(merged, ref *shared);
        TLanes.Store(merged, ref *own);
        TLanes.Store(merged, ref *start);
    }

    private readonly struct MergeKernel(WorkerCopy<TLoss, TUpdate> copy, int level, float steps) : ILaneKernel<Nothing>
    {
        public Nothing Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            copy.Merge<TLanes>(level, steps);
            return default;
        }
    }
}
