using System.Runtime.CompilerServices;
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
internal sealed record PairJob(
    Dataset Data, QuerySet Queries, int[] QueryOf, RankingOptions Options, FmModel Model, AdaGradRows Optimizer, NegativeSampler Sampler);

/// <summary>
/// One worker's steps, one positive and one sampled negative each: y = ⟨s, r⟩ + g for both, and a descent step for every feature of the
/// user, the positive and the negative. A side with one feature of value 1 is used where it lies; others are summed into a buffer first.
/// Candidates are scored four at a time, so that their reads and sums overlap; those after the first that is taken are dropped and do not
/// count as drawn.
/// </summary>
internal sealed unsafe class PairWorker<TLoss> : IDisposable
    where TLoss : struct, IPairLoss
{
    private const int Ahead = 8;      // steps between asking for a positive's rows and using them
    private const int Block = 256;    // positives whose places are looked up together
    private const int Group = 4;      // candidates scored together

    private readonly PairJob _job;
    private readonly SideRows _users, _contexts, _items;
    private readonly bool _userInPlace, _itemInPlace, _uniform;
    private readonly int _stride, _itemCount, _candidates, _group;
    private readonly float* _linear, _factors;   // of the model, which the job keeps alive
    private readonly RowMatrix _buffers;         // s, r₊, candidates, two gradients
    private readonly int[] _queryAt = new int[Block], _itemAt = new int[Block];
    private readonly float[] _weightAt = new float[Block];
    private readonly NativeBlock<byte> _isPositive;   // item → 1 when the query at hand chose it

    public PairWorker(PairJob job)
    {
        _job = job;
        (_users, _contexts, _items) = (new(job.Data.Users), new(job.Data.Contexts), new(job.Data.Items));
        _userInPlace = job.Data is { Users: { FixedWidth: 1, IsBinary: true }, Contexts: null };
        _itemInPlace = job.Data.Items is { FixedWidth: 1, IsBinary: true };
        _uniform = job.Options.Popularity == 0;
        (_stride, _itemCount, _candidates) = (job.Model.Factors.Stride, job.Data.Items!.RowCount, job.Options.Candidates);
        _group = _itemInPlace ? Group : 1;   // a vector that has to be summed first is too dear to be dropped
        _linear = job.Model.Linear.Pointer;
        _factors = job.Model.Factors.Storage.Pointer;
        _buffers = new RowMatrix(5, job.Model.FactorCount);
        _isPositive = new NativeBlock<byte>((long)_itemCount);
    }

    /// <summary>Learns from the positives at <paramref name="order"/>; returns Σ weight × loss.</summary>
    public double Run<TLanes>(ReadOnlySpan<int> order, ref SeededRandom random, float rate)
        where TLanes : struct, ILanes<TLanes>
    {
        QuerySet set = _job.Queries;
        double loss = 0;
        int marked = -1;
        for (; !order.IsEmpty; order = order[Math.Min(Block, order.Length)..])
        {
            // The order is random: one loop of nothing but reads lets the processor wait for many of them at once.
            int count = Math.Min(Block, order.Length);
            for (int i = 0; i < count; i++)
            {
                (_queryAt[i], _itemAt[i], _weightAt[i]) = (_job.QueryOf[order[i]], set.Items[order[i]], set.Weights[order[i]]);
            }
            for (int i = 0; i < Math.Min(Ahead, count); i++) { Prefetch(i); }
            for (int i = 0; i < count; i++)
            {
                if (i + Ahead < count) { Prefetch(i + Ahead); }
                if (_queryAt[i] != marked)
                {
                    Mark(marked, 0);
                    marked = _queryAt[i];
                    Mark(marked, 1);
                }

                loss += Step<TLanes>(_queryAt[i], _itemAt[i], _weightAt[i], ref random, rate);
            }
        }

        Mark(marked, 0);
        return loss;
    }

    public void Dispose()
    {
        _buffers.Dispose();
        _isPositive.Dispose();
    }

    // One byte per item answers "did the query choose it?" from the first cache; a search in the query's own list would wait for memory
    // each time.
    private void Mark(int query, byte mark)
    {
        if (query < 0) { return; }
        byte* isPositive = _isPositive.Pointer;
        foreach (int item in _job.Queries.ItemsOf(query)) { isPositive[item] = mark; }
    }

    private void Prefetch(int i)
    {
        if (_userInPlace) { Prefetch(_users, _job.Queries.UserRows[_queryAt[i]]); }
        if (_itemInPlace) { Prefetch(_items, _itemAt[i]); }
    }

    private void Prefetch(in SideRows side, int row)
    {
        int feature = Feature(side, row);
        RowChains.Prefetch(_factors + ((long)feature * _stride), _stride);
        RowChains.Prefetch(_job.Optimizer.Squares(feature), _stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Step<TLanes>(int query, int item, float weight, ref SeededRandom random, float rate)
        where TLanes : struct, ILanes<TLanes>
    {
        int user = _job.Queries.UserRows[query], context = _job.Queries.ContextRows[query];
        float* s = User<TLanes>(user, context);
        float* r = Item<TLanes>(item, Buffer(1), out float own);
        float y = VectorOps.Dot<TLanes>(ref *s, ref *r, _stride) + own;
        int negative = FindNegative<TLanes>(s, y, ref random, out float highest, out int draws);
        if (negative < 0) { return 0; }
        float slope = weight * TLoss.Slope(y, highest, draws, _itemCount, out float loss);
        if (_userInPlace && _itemInPlace)
        {
            _job.Optimizer.Descend<TLanes>(Feature(_users, user), Feature(_items, item), Feature(_items, negative), slope, rate);
        }
        else
        {
            var step = new PairStep(user, context, item, negative) { S = s, R = r, N = Item<TLanes>(negative, Buffer(2), out _) };
            Descend<TLanes>(step, slope, rate);
        }

        return weight * loss;
    }

    // Draws until the loss takes one, or takes the best of all; −1 when there is none.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FindNegative<TLanes>(float* s, float y, ref SeededRandom random, out float highest, out int draws)
        where TLanes : struct, ILanes<TLanes>
    {
        float** rows = stackalloc float*[Group];
        float* scores = stackalloc float[Group];
        int* candidates = stackalloc int[Group];
        byte* isPositive = _isPositive.Pointer;
        int taken = -1;
        (highest, draws) = (float.NegativeInfinity, 0);
        while (draws < _candidates)
        {
            int count = Math.Min(_group, _candidates - draws);
            for (int g = 0; g < count; g++)
            {
                candidates[g] = _uniform ? random.NextInt(_itemCount) : _job.Sampler.Next(ref random);
                rows[g] = Item<TLanes>(candidates[g], Buffer(2), out scores[g]);
            }

            for (int g = count; g < Group; g++) { rows[g] = rows[0]; }
            AddDots<TLanes>(s, rows, scores);
            for (int g = 0; g < count; g++)
            {
                draws++;
                bool atOnce = TLoss.TakesAtOnce(y, scores[g]);
                if (!(atOnce || (TLoss.TakesHighest && scores[g] > highest)) || isPositive[candidates[g]] != 0) { continue; }
                (taken, highest) = (candidates[g], scores[g]);
                if (atOnce) { return taken; }
            }
        }

        return taken;
    }

    // scores += ⟨s, row⟩ of four rows; one alone would wait for its reads and its sum.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddDots<TLanes>(float* s, float** rows, float* scores)
        where TLanes : struct, ILanes<TLanes>
    {
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
        TLanes s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero;
        for (int f = 0; f < _stride; f += TLanes.Count)
        {
            TLanes x = TLanes.Load(ref s[f]);
            s0 = TLanes.MulAdd(x, TLanes.Load(ref r0[f]), s0);
            s1 = TLanes.MulAdd(x, TLanes.Load(ref r1[f]), s1);
            s2 = TLanes.MulAdd(x, TLanes.Load(ref r2[f]), s2);
            s3 = TLanes.MulAdd(x, TLanes.Load(ref r3[f]), s3);
        }

        scores[0] += TLanes.Sum(s0);
        scores[1] += TLanes.Sum(s1);
        scores[2] += TLanes.Sum(s2);
        scores[3] += TLanes.Sum(s3);
    }

    // dL/ds = slope·(r₋ − r₊), dL/dr₊ = −slope·s, dL/dr₋ = slope·s; all taken before any row moves.
    private void Descend<TLanes>(in PairStep step, float slope, float rate)
        where TLanes : struct, ILanes<TLanes>
    {
        int user = step.User, context = step.Context, item = step.Item, negative = step.Negative;
        float* s = step.S, r = step.R, n = step.N;
        float* forUser = Buffer(3), forItem = Buffer(4);
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
        if (_userInPlace) { return _factors + ((long)Feature(_users, user) * _stride); }
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
            int feature = Feature(_items, item);
            own = _linear[feature];
            return _factors + ((long)feature * _stride);
        }

        new Span<float>(buffer, _stride).Clear();
        own = Towers.Add<TLanes>(_items, item, _linear, _factors, _stride, buffer);
        own += Towers.Pairs<TLanes>(_items, item, _factors, _stride, buffer);
        return buffer;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Feature(in SideRows side, int row)
    {
        side.Get(row, out int* feature, out _);
        return *feature;
    }

    private float* Buffer(int index) => _buffers.Storage.Pointer + (index * _stride);

    // The rows of a step and the vectors that its sides sum up to.
    private readonly struct PairStep(int user, int context, int item, int negative)
    {
        public readonly int User = user, Context = context, Item = item, Negative = negative;

        public required float* S { get; init; }

        public required float* R { get; init; }

        public required float* N { get; init; }
    }
}
