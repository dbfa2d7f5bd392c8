using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Ranking;

/// <summary>What the workers of one run share.</summary>
/// <param name="Data">Tables that the rows refer to.</param>
/// <param name="Queries">The positives by query.</param>
/// <param name="Options">How to sample and compare.</param>
/// <param name="Model">The parameters, updated in place without locks.</param>
/// <param name="Optimizer">Its moments.</param>
/// <param name="Penalties">L2 per feature.</param>
/// <param name="Sampler">Draws negatives.</param>
/// <param name="Quantiles">K-th score per query, for losses that want it.</param>
/// <param name="Order">The positives in this pass's order.</param>
internal sealed record BatchJob(
    Dataset Data, QuerySet Queries, RankingOptions Options, FmModel Model, Adam Optimizer, FieldPenalties Penalties,
        NegativeSampler Sampler, float[] Quantiles, VisitOrder Order);

/// <summary>
/// One worker's steps. A step takes B visits to queries and N shared negatives: vectors of both sides, B × N scores (one matrix product),
/// the loss row by row, and the derivatives of both sides' vectors (two more products), back to the features and through Adam. 6·B·N·k
/// flops are the bulk of it; positives cost three vector operations each. All buffers are sized once, for the widest step there can be.
/// </summary>
internal sealed unsafe class BatchWorker<TLoss> : IDisposable
    where TLoss : struct, IQueryLoss
{
    private const int Ahead = 4;   // rows between asking for a vector and using it

    private readonly BatchJob _job;
    private readonly RankingOptions _options;
    private readonly SideRows _users, _contexts, _items;
    private readonly int _stride;
    private readonly int _scoreStride;
    private readonly bool _pairs;                   // the inner product's own term has them, the cosine's has not
    private readonly RowMatrix _s, _sGradient;      // queries
    private readonly RowMatrix _r, _rGradient;      // 0 … N−1 negatives, then the distinct positives
    private readonly NativeBlock<float> _sInverse, _rInverse, _own, _ownGradient, _scores, _corrections, _positives, _weights;
    private readonly NativeBlock<int> _chosen;      // this step's positives, query by query
    private readonly int[] _starts;                 // query of the batch → its first place in _chosen
    private readonly NativeBlock<int> _rows;        // row of _r → item
    private readonly NativeBlock<int> _next;        // negative → another negative that is the same item, −1 for none
    private readonly NativeBlock<int> _negativeOf;  // item → its last negative, −1 for none
    private readonly NativeBlock<int> _positiveOf;  // item → its row of _r as a positive, −1 for none
    private readonly GradientRows _gradient;
    private int _negativeCount, _rowCount;

    public BatchWorker(BatchJob job)
    {
        _job = job;
        _options = job.Options;
        (_users, _contexts, _items) = (new(job.Data.Users), new(job.Data.Contexts), new(job.Data.Items));
        int batch = Math.Min(_options.Batch, job.Order.Visits.Length), k = job.Model.FactorCount, itemCount = job.Data.Items!.RowCount,
            n = NegativeCapacity(job);
        int widest = job.Order.Visits.Max(v => v.Count), chosen = _options.Positives == 0
            ? job.Queries.MostPositives(batch)
            : (int)Math.Min((long)batch * widest, job.Queries.PositiveCount);
        int rows = n + Math.Min(itemCount, chosen);
        (_s, _sGradient, _r, _rGradient) = (new(batch, k), new(batch, k), new(rows, k), new(rows, k));
        _stride = _s.Stride;
        _scoreStride = n + 32;   // not a power of two: the columns of a block of rows would share cache sets
        _pairs = job.Model.Similarity == Similarity.Dot;
        (_sInverse, _rInverse, _own, _ownGradient) = (new(batch), new(rows), new(rows), new(rows));
        (_scores, _corrections, _positives, _weights) = (new((long)batch * _scoreStride), new(n), new(widest), new(widest));
        (_chosen, _starts) = (new(chosen), new int[batch + 1]);
        (_rows, _next, _negativeOf, _positiveOf) = (new(rows), new(n), new(itemCount), new(itemCount));
        _negativeOf.Span.Fill(-1);
        _positiveOf.Span.Fill(-1);
        _gradient = new GradientRows(job.Data.Schema.FeatureCount, k);
    }

    /// <summary>The step's derivatives, before the optimiser has used them.</summary>
    public GradientRows Gradient => _gradient;

    /// <summary>Learns from one batch; returns Σ weight × loss over its positives.</summary>
    /// <param name="visits">Of the job's order, at most <see cref="RankingOptions.Batch"/>.</param>
    /// <param name="random">Draws the negatives.</param>
    /// <param name="rate">η.</param>
    /// <param name="estimateQuantiles">True in passes that estimate the K-th scores anew.</param>
    public double Step<TLanes>(ReadOnlySpan<Visit> visits, ref SeededRandom random, float rate, bool estimateQuantiles)
        where TLanes : struct, ILanes<TLanes>
    {
        double loss = Differentiate<TLanes>(visits, ref random, estimateQuantiles);
        _job.Optimizer.Apply<TLanes>(_gradient, _job.Model.Linear, _job.Model.Factors, rate, _job.Penalties, _options.ItemTerm);
        _gradient.Clear();
        return loss;
    }

    /// <summary>The mean loss's derivatives into <see cref="Gradient"/>; returns the loss's sum.</summary>
    public double Differentiate<TLanes>(ReadOnlySpan<Visit> visits, ref SeededRandom random, bool estimateQuantiles)
        where TLanes : struct, ILanes<TLanes>
    {
        DrawNegatives(visits, ref random);
        double totalWeight = CollectPositives(visits);
        BuildQueries<TLanes>(visits);
        BuildItems<TLanes>();
        int n = _corrections.Length > 0 ? (int)_corrections.Length : 0;
        MatrixProduct.MultiplyTransposed<TLanes>(
            _s.Storage.Pointer, _stride, _r.Storage.Pointer, _stride, _scores.Pointer, _scoreStride, visits.Length, n, _stride);
        _sGradient.Storage.Slice(0, visits.Length * _stride).Clear();
        _rGradient.Storage.Slice((long)n * _stride, (_rowCount - n) * _stride).Clear();
        _ownGradient.Slice(0, _rowCount).Clear();
        double loss = 0;
        for (int q = 0; q < visits.Length; q++)
        {
            loss += DifferentiateQuery<TLanes>(visits[q].Query, q, (float)(1 / totalWeight), estimateQuantiles);
        }

        // dL/dŝ += W·R̂, dL/dr̂ = Wᵀ·Ŝ, with W = dL/dy of every query and negative.
        MatrixProduct.Multiply<TLanes>(
            _scores.Pointer, _scoreStride, 1, _r.Storage.Pointer, _stride, _sGradient.Storage.Pointer, _stride, visits.Length, _stride, n,
            true);
        MatrixProduct.Multiply<TLanes>(
            _scores.Pointer, 1, _scoreStride, _s.Storage.Pointer, _stride, _rGradient.Storage.Pointer, _stride, n, _stride, visits.Length,
            false);
        BackToFeatures<TLanes>(visits);
        ForgetRows();
        return loss * totalWeight;
    }

    public void Dispose()
    {
        foreach (RowMatrix matrix in (ReadOnlySpan<RowMatrix>)[_s, _sGradient, _r, _rGradient]) { matrix.Dispose(); }
        foreach (NativeBlock<float> block in (
            ReadOnlySpan<NativeBlock<float>>)[_sInverse, _rInverse, _own, _ownGradient, _scores, _corrections, _positives, _weights])
        {
            block.Dispose();
        }
        foreach (NativeBlock<int> block in (ReadOnlySpan<NativeBlock<int>>)[_chosen, _rows, _next, _negativeOf, _positiveOf])
        {
            block.Dispose();
        }
        _gradient.Dispose();
    }

    // As many negatives as there are items, drawn uniformly, means the whole catalogue once: the exact softmax.
    private static bool WholeCatalogue(BatchJob job) => job.Options is { Popularity: 0, InBatch: false }
        && job.Options.Negatives >= job.Data.Items!.RowCount;

    private static int NegativeCapacity(BatchJob job) =>
        ((WholeCatalogue(job) ? job.Data.Items!.RowCount : job.Options.Negatives) + 31) / 32 * 32;

    private void DrawNegatives(ReadOnlySpan<Visit> visits, ref SeededRandom random)
    {
        bool whole = WholeCatalogue(_job);
        _negativeCount = whole ? _job.Data.Items!.RowCount : _options.Negatives;
        QuerySet set = _job.Queries;
        double logCount = Math.Log(_negativeCount);
        for (int j = 0; j < _negativeCount; j++)
        {
            int item = whole ? j
                : _options.InBatch ? RandomPositive(visits[random.NextInt(visits.Length)], ref random)
                : _job.Sampler.Next(ref random);
            _rows.Pointer[j] = item;
            _next.Pointer[j] = _negativeOf.Pointer[item];
            _negativeOf.Pointer[item] = j;
            _corrections.Pointer[j] = _options.LogQ && !whole ? (float)-(logCount + _job.Sampler.LogProbability[item]) : 0;
        }

        // Rows that round the count up to whole vectors are no items: their exponentials vanish.
        for (int j = _negativeCount; j < _corrections.Length; j++)
        {
            (_rows.Pointer[j], _corrections.Pointer[j]) = (-1, QueryScores.Masked);
        }

        int RandomPositive(Visit visit, ref SeededRandom r) => set.Items[_job.Order.Positives[visit.Start + r.NextInt(visit.Count)]];
    }

    // The visits' positives, and the distinct items among them.
    private double CollectPositives(ReadOnlySpan<Visit> visits)
    {
        double weight = 0;
        int taken = 0;
        _rowCount = (int)_corrections.Length;
        QuerySet set = _job.Queries;
        for (int q = 0; q < visits.Length; q++)
        {
            _starts[q] = taken;
            foreach (int positive in _job.Order.Positives.AsSpan(visits[q].Start, visits[q].Count))
            {
                int item = set.Items[positive];
                weight += set.Weights[positive];
                _chosen.Pointer[taken++] = positive;
                if (_positiveOf.Pointer[item] >= 0) { continue; }
                _positiveOf.Pointer[item] = _rowCount;
                _rows.Pointer[_rowCount++] = item;
            }
        }

        _starts[visits.Length] = taken;
        return weight;
    }

    private void ForgetRows()
    {
        for (int j = 0; j < _rowCount; j++)
        {
            if (_rows.Pointer[j] >= 0) { _negativeOf.Pointer[_rows.Pointer[j]] = _positiveOf.Pointer[_rows.Pointer[j]] = -1; }
        }
    }

    private void BuildQueries<TLanes>(ReadOnlySpan<Visit> visits)
        where TLanes : struct, ILanes<TLanes>
    {
        float* linear = _job.Model.Linear.Pointer, factors = _job.Model.Factors.Storage.Pointer;
        for (int q = 0; q < visits.Length; q++)
        {
            float* s = _s.Storage.Pointer + ((long)q * _stride);
            if (q + Ahead < visits.Length) { Prefetch(_users, _job.Queries.UserRows[visits[q + Ahead].Query], factors); }
            new Span<float>(s, _stride).Clear();
            Towers.Add<TLanes>(_users, _job.Queries.UserRows[visits[q].Query], linear, factors, _stride, s);
            Towers.Add<TLanes>(_contexts, _job.Queries.ContextRows[visits[q].Query], linear, factors, _stride, s);
            if (!_pairs) { _sInverse.Pointer[q] = Towers.Normalize<TLanes>(s, _stride); }
        }
    }

    private void BuildItems<TLanes>()
        where TLanes : struct, ILanes<TLanes>
    {
        float* linear = _job.Model.Linear.Pointer, factors = _job.Model.Factors.Storage.Pointer;
        for (int j = 0; j < _rowCount; j++)
        {
            float* r = _r.Storage.Pointer + ((long)j * _stride);
            int item = _rows.Pointer[j];
            if (j + Ahead < _rowCount) { Prefetch(_items, _rows.Pointer[j + Ahead], factors); }
            new Span<float>(r, _stride).Clear();
            float own = Towers.Add<TLanes>(_items, item, linear, factors, _stride, r);
            if (_pairs) { own += Towers.Pairs<TLanes>(_items, item, factors, _stride, r); }
            else { _rInverse.Pointer[j] = Towers.Normalize<TLanes>(r, _stride); }
            _own.Pointer[j] = own;
        }
    }

    // The first feature is the id, whose vector is the least likely to be in a cache.
    private void Prefetch(in SideRows side, int row, float* factors)
    {
        if (side.Get(row, out int* features, out _) > 0) { RowChains.Prefetch(factors + ((long)*features * _stride), _stride); }
    }

    private double DifferentiateQuery<TLanes>(int query, int q, float unit, bool estimateQuantiles)
        where TLanes : struct, ILanes<TLanes>
    {
        QuerySet set = _job.Queries;
        int* chosen = _chosen.Pointer + _starts[q];
        int count = _starts[q + 1] - _starts[q], n = (int)_corrections.Length;
        float* y = _scores.Pointer + ((long)q * _scoreStride), s = _s.Storage.Pointer + ((long)q * _stride);
        for (int j = 0; j < n; j += TLanes.Count) { TLanes.Store(TLanes.Load(ref y[j]) + TLanes.Load(ref _own.Pointer[j]), ref y[j]); }
        foreach (int item in set.ItemsOf(query))
        {
            for (int j = _negativeOf.Pointer[item]; j >= 0; j = _next.Pointer[j]) { y[j] = QueryScores.Masked; }
        }

        for (int p = 0; p < count; p++)
        {
            int row = _positiveOf.Pointer[set.Items[chosen[p]]];
            _positives.Pointer[p] = VectorOps.Dot<TLanes>(ref *s, ref _r.Ref(row), _stride) + _own.Pointer[row];
            _weights.Pointer[p] = set.Weights[chosen[p]] * unit;
        }

        if (TLoss.UsesQuantile && estimateQuantiles) { _job.Quantiles[query] = KthScore(y, count); }
        var scores = new QueryScores
        {
            Positives = _positives.Pointer,
            Weights = _weights.Pointer,
            PositiveCount = count,
            Negatives = y,
            NegativeCount = n,
            Corrections = _corrections.Pointer,
            Quantile = TLoss.UsesQuantile ? _job.Quantiles[query] : 0,
        };
        double loss = TLoss.Differentiate<TLanes>(scores, _options);
        float* sGradient = _sGradient.Storage.Pointer + ((long)q * _stride);
        for (int p = 0; p < count; p++)
        {
            int row = _positiveOf.Pointer[set.Items[chosen[p]]];
            float c = _positives.Pointer[p];
            VectorOps.AddScaled<TLanes>(ref *sGradient, c, ref _r.Ref(row), _stride);
            VectorOps.AddScaled<TLanes>(ref _rGradient.Ref(row), c, ref *s, _stride);
            _ownGradient.Pointer[row] += c;
        }

        for (int j = 0; j < n; j += TLanes.Count)
        {
            TLanes.Store(TLanes.Load(ref _ownGradient.Pointer[j]) + TLanes.Load(ref y[j]), ref _ownGradient.Pointer[j]);
        }

        return loss;
    }

    // The K-th highest score among the positives and the sampled negatives (SL@K, KDD 2025, Alg. C.1).
    private float KthScore(float* negatives, int positiveCount)
    {
        Span<Scored> storage = stackalloc Scored[_options.TopK];
        var top = new TopK(storage);
        for (int p = 0; p < positiveCount; p++) { top.Add(p, _positives.Pointer[p]); }
        for (int j = 0; j < _negativeCount; j++) { top.Add(positiveCount + j, negatives[j]); }
        int kept = top.Finish();
        return kept == 0 ? 0 : storage[kept - 1].Score;
    }

    private void BackToFeatures<TLanes>(ReadOnlySpan<Visit> visits)
        where TLanes : struct, ILanes<TLanes>
    {
        float* factors = _job.Model.Factors.Storage.Pointer;
        for (int q = 0; q < visits.Length; q++)
        {
            float* gradient = _sGradient.Storage.Pointer + ((long)q * _stride);
            if (!_pairs) { Towers.Unnormalize<TLanes>(_s.Storage.Pointer + ((long)q * _stride), _sInverse.Pointer[q], gradient, _stride); }
            Towers.Scatter<TLanes>(_users, _job.Queries.UserRows[visits[q].Query], new(gradient), factors, _stride, _gradient);
            Towers.Scatter<TLanes>(_contexts, _job.Queries.ContextRows[visits[q].Query], new(gradient), factors, _stride, _gradient);
        }

        for (int j = 0; j < _rowCount; j++)
        {
            if (_rows.Pointer[j] < 0) { continue; }
            float* r = _r.Storage.Pointer + ((long)j * _stride), gradient = _rGradient.Storage.Pointer + ((long)j * _stride);
            if (!_pairs) { Towers.Unnormalize<TLanes>(r, _rInverse.Pointer[j], gradient, _stride); }
            var slope = new SideSlope(gradient, _ownGradient.Pointer[j], _pairs ? r : null);
            Towers.Scatter<TLanes>(_items, _rows.Pointer[j], slope, factors, _stride, _gradient);
        }
    }
}
