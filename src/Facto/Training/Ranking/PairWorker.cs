using System.Runtime.CompilerServices;
using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>What the workers of one run share.</summary>
/// <param name="Data">Tables that the rows refer to.</param>
/// <param name="Queries">The positives by query.</param>
/// <param name="QueryOf">Positive → query.</param>
/// <param name="Options">How to sample.</param>
/// <param name="Model">The parameters, updated in place without locks.</param>
/// <param name="Optimizer">Its sums of squares.</param>
/// <param name="Sampler">Draws candidates.</param>
internal sealed record PairJob(Dataset Data, QuerySet Queries, int[] QueryOf, RankingOptions Options, FmModel Model, AdaGradRows Optimizer, NegativeSampler Sampler);

/// <summary>
/// One worker's steps, one positive and one sampled negative each: y = ⟨s, r⟩ + g for both, and a descent step for every feature of the user, the positive and the
/// negative. A side with one feature of value 1 is used where it lies; others are summed into a buffer first.
/// </summary>
internal sealed unsafe class PairWorker<TLoss> : IDisposable
    where TLoss : struct, IPairLoss
{
    private readonly PairJob _job;
    private readonly SideRows _users, _contexts, _items;
    private readonly bool _userInPlace, _itemInPlace, _uniform;
    private readonly int _stride, _itemCount, _candidates;
    private readonly float* _linear, _factors;   // of the model, which the job keeps alive
    private readonly RowMatrix _buffers;         // s, r₊, two for candidates, two gradients

    public PairWorker(PairJob job)
    {
        _job = job;
        (_users, _contexts, _items) = (new(job.Data.Users), new(job.Data.Contexts), new(job.Data.Items));
        _userInPlace = job.Data is { Users: { FixedWidth: 1, IsBinary: true }, Contexts: null };
        _itemInPlace = job.Data.Items is { FixedWidth: 1, IsBinary: true };
        _uniform = job.Options.Popularity == 0;
        (_stride, _itemCount, _candidates) = (job.Model.Factors.Stride, job.Data.Items!.RowCount, job.Options.Candidates);
        _linear = job.Model.Linear.Pointer;
        _factors = job.Model.Factors.Storage.Pointer;
        _buffers = new RowMatrix(6, job.Model.FactorCount);
    }

    /// <summary>Learns from the positives at <paramref name="order"/>; returns Σ weight × loss.</summary>
    public double Run<TLanes>(ReadOnlySpan<int> order, ref SeededRandom random, float rate)
        where TLanes : struct, ILanes<TLanes>
    {
        double loss = 0;
        foreach (int positive in order) { loss += Step<TLanes>(positive, ref random, rate); }
        return loss;
    }

    public void Dispose() => _buffers.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Step<TLanes>(int positive, ref SeededRandom random, float rate)
        where TLanes : struct, ILanes<TLanes>
    {
        QuerySet set = _job.Queries;
        int query = _job.QueryOf[positive], user = set.UserRows[query], context = set.ContextRows[query], item = set.Items[positive];
        float* s = User<TLanes>(user, context);
        float* r = Item<TLanes>(item, Buffer(1), out float own);
        float y = VectorOps.Dot<TLanes>(ref *s, ref *r, _stride) + own;

        float* best = null, free = Buffer(2);
        int taken = -1, draws = 0;
        float highest = float.NegativeInfinity;
        while (draws < _candidates)
        {
            draws++;
            int candidate = _uniform ? random.NextInt(_itemCount) : _job.Sampler.Next(ref random);
            float* c = Item<TLanes>(candidate, free, out float cOwn);
            float score = VectorOps.Dot<TLanes>(ref *s, ref *c, _stride) + cOwn;
            bool atOnce = TLoss.TakesAtOnce(y, score);
            if (!(atOnce || (TLoss.TakesHighest && score > highest)) || set.ItemsOf(query).BinarySearch(candidate) >= 0) { continue; }
            if (!_itemInPlace) { free = c == Buffer(2) ? Buffer(3) : Buffer(2); }
            best = c;
            (taken, highest) = (candidate, score);
            if (atOnce) { break; }
        }

        if (taken < 0) { return 0; }
        float weight = set.Weights[positive];
        float slope = weight * TLoss.Slope(y, highest, draws, _itemCount, out float loss);
        Descend<TLanes>(user, context, item, taken, s, r, best, slope, rate);
        return weight * loss;
    }

    // dL/ds = slope·(r₋ − r₊), dL/dr₊ = −slope·s, dL/dr₋ = slope·s; all taken before any row moves.
    private void Descend<TLanes>(int user, int context, int item, int negative, float* s, float* r, float* n, float slope, float rate)
        where TLanes : struct, ILanes<TLanes>
    {
        float* forUser = Buffer(4), forItem = Buffer(5);
        TLanes scale = TLanes.All(slope);
        for (int f = 0; f < _stride; f += TLanes.Count)
        {
            TLanes.Store(scale * (TLanes.Load(ref n[f]) - TLanes.Load(ref r[f])), ref forUser[f]);
            TLanes.Store(scale * TLanes.Load(ref s[f]), ref forItem[f]);
        }

        AdaGradRows optimizer = _job.Optimizer;
        optimizer.Descend<TLanes>(_items, negative, forItem, _itemInPlace ? null : n, slope, rate);
        for (int f = 0; f < _stride; f += TLanes.Count) { TLanes.Store(TLanes.Zero - TLanes.Load(ref forItem[f]), ref forItem[f]); }
        optimizer.Descend<TLanes>(_items, item, forItem, _itemInPlace ? null : r, -slope, rate);
        optimizer.Descend<TLanes>(_users, user, forUser, null, 0, rate);
        if (context >= 0) { optimizer.Descend<TLanes>(_contexts, context, forUser, null, 0, rate); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* User<TLanes>(int user, int context)
        where TLanes : struct, ILanes<TLanes>
    {
        if (_userInPlace)
        {
            _users.Get(user, out int* feature, out _);
            return _factors + ((long)*feature * _stride);
        }

        float* s = Buffer(0);
        new Span<float>(s, _stride).Clear();
        Towers.Add<TLanes>(_users, user, _linear, _factors, _stride, s);
        Towers.Add<TLanes>(_contexts, context, _linear, _factors, _stride, s);
        return s;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Item<TLanes>(int item, float* buffer, out float own)
        where TLanes : struct, ILanes<TLanes>
    {
        if (_itemInPlace)
        {
            _items.Get(item, out int* feature, out _);
            own = _linear[*feature];
            return _factors + ((long)*feature * _stride);
        }

        new Span<float>(buffer, _stride).Clear();
        own = Towers.Add<TLanes>(_items, item, _linear, _factors, _stride, buffer);
        own += Towers.Pairs<TLanes>(_items, item, _factors, _stride, buffer);
        return buffer;
    }

    private float* Buffer(int index) => _buffers.Storage.Pointer + (index * _stride);
}
