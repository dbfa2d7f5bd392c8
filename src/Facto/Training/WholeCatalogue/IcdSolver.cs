using Facto.Data;
using Facto.Models;
using Facto.Numerics;
using Facto.Training.Options;
using Facto.Training.Ranking;

namespace Facto.Training.WholeCatalogue;

/// <summary>
/// Squared loss over the whole catalogue for the full FM:
/// <code>
///   L = Σ_{(c,t)∈S} ω_ct (y(c,t) − y_ct)² + α₀ Σ_c Σ_t m_c q_t y(c,t)² + Σ_θ λ_θ θ²
/// </code>
/// over every pair of a context c and an item t, at a cost that does not depend on their number (implicit coordinate descent, Bayer et al.
/// 2017; blocks as in iALS++, Rendle et al. 2021; in the former's notation α = ω + β). A pass moves the contexts, then the items; each step
/// is the exact minimum over what it moves, so the objective never rises. Ids alone take <see cref="IdSweep"/>, anything else
/// <see cref="FeatureSweep"/>. w₀ stays 0: every row has an id or another field whose weights span it.
/// </summary>
internal sealed class IcdSolver : ISolver
{
    private readonly CatalogueSettings _options;
    private readonly FmModel _model;
    private readonly Catalogue _catalogue;
    private readonly SweepScratch[] _workers;
    private readonly SideGram _contextGram, _itemGram;
    private readonly SideRegularization _contextRegularization, _itemRegularization;
    private readonly FeatureSweep? _contextSweep, _itemSweep;
    private readonly RankingValidation _validation;
    private readonly IdSweep _contextIds, _itemIds;

    public IcdSolver(TrainingJob job)
    {
        SolverSettings options = job.Options;
        _options = CatalogueSettings.From(options);
        int factors = options.Factors;
        _catalogue = new Catalogue(job.Train, _options, factors);
        _validation = new RankingValidation(QuerySet.Of(job.Train, options.Solver), job.Train.HasFoldedHistory);
        _contextGram = new SideGram(factors);
        _itemGram = new SideGram(factors);
        CatalogueSide contexts = _catalogue.ContextSide, items = _catalogue.ItemSide;
        _contextRegularization = new SideRegularization(job.Train.Schema, contexts, _catalogue.ByContext, items.TotalWeight(), _options);
        _itemRegularization = new SideRegularization(job.Train.Schema, items, _catalogue.ByItem, contexts.TotalWeight(), _options);
        int contextBlock = BlockFor(contexts), itemBlock = BlockFor(items);
        _contextSweep = contexts.IsPlainIds ? null : new FeatureSweep(contexts.RowCount, contextBlock);
        _itemSweep = items.IsPlainIds ? null : new FeatureSweep(items.RowCount, itemBlock);
        (_contextIds, _itemIds) = (new IdSweep(contexts.RowCount, contextBlock), new IdSweep(items.RowCount, itemBlock));
        _workers = [.. Enumerable.Range(0, options.Threads).Select(_ => new SweepScratch(factors, Math.Max(contextBlock, itemBlock)))];
        _model = new FmModel(job.Train.Schema, LearningTask.Ranking, factors);
        RefuseSharedFeatures();
        Initialize(job);
    }

    public string DivergenceAdvice =>
        FormattableString.Invariant(
            $"raise reg-factors (now {_options.RegularizationFactors}) or lower unobserved-weight (now {_options.UnobservedWeight})");

    public EpochResult RunEpoch(int pass, CancellationToken cancellation)
    {
        double loss = LaneDispatch.Run<PassKernel, double>(new PassKernel(this, cancellation));
        return new EpochResult(double.IsFinite(loss) ? loss / _catalogue.TotalWeight : double.PositiveInfinity, _catalogue.ByContext.Count);
    }

    public void Score(Dataset data, Span<float> scores) => ModelScorer.Score(_model, data, scores, _workers.Length);

    public ValidationMetric? Validate(Dataset validation) => _validation.Recall(_model, validation);

    public ISeparableModel Snapshot()
    {
        var copy = new FmModel(_model.Schema, _model.Task, _model.FactorCount);
        _model.Linear.Span.CopyTo(copy.Linear.Span);
        for (int l = 0; l < _model.Schema.FeatureCount; l++) { _model.Factors.Row(l).CopyTo(copy.Factors.Row(l)); }
        return copy;
    }

    public void SaveState(ArtefactWriter writer)
    {
        writer.Write("linear", _model.Linear);
        writer.Write("factors", _model.Factors.Storage);
    }

    public void LoadState(ArtefactReader reader)
    {
        using NativeBlock<float> linear = reader.Block<float>("linear", _model.Linear.Length),
            factors = reader.Block<float>("factors", _model.Factors.Storage.Length);
        linear.Span.CopyTo(_model.Linear.Span);
        for (long start = 0; start < factors.Length; start += 1 << 24)
        {
            int length = (int)Math.Min(1 << 24, factors.Length - start);
            factors.Slice(start, length).CopyTo(_model.Factors.Storage.Slice(start, length));
        }
    }

    public void Dispose()
    {
        foreach (SweepScratch worker in _workers) { worker.Dispose(); }
        _contextSweep?.Dispose();
        _itemSweep?.Dispose();
        _contextGram.Dispose();
        _itemGram.Dispose();
        _catalogue.Dispose();
    }

    // Σ_S ω(y − ỹ)² + α₀ Σ_all m q y² between the two halves of the pass, where both parts are at hand.
    private double RunEpoch<TLanes>(CancellationToken cancellation)
        where TLanes : struct, ILanes<TLanes>
    {
        CatalogueSide contexts = _catalogue.ContextSide, items = _catalogue.ItemSide;
        float alpha = (float)_options.UnobservedWeight;
        contexts.Recompute(_model, _workers, cancellation);
        items.Recompute(_model, _workers, cancellation);
        _itemGram.Compute(items, _workers, cancellation);
        Move<TLanes>(
            new Sweep(contexts, _catalogue.ByContext, items, _itemGram, alpha), _contextRegularization, _contextIds, _contextSweep,
            cancellation);
        _contextGram.Compute(contexts, _workers, cancellation);
        double unobserved = SideGram.SumOfSquaredScores(_contextGram, _itemGram);
        double observed = Move<TLanes>(
            new Sweep(items, _catalogue.ByItem, contexts, _contextGram, alpha), _itemRegularization, _itemIds, _itemSweep, cancellation);
        return observed + (alpha * unobserved);
    }

    private double Move<TLanes>(
        Sweep sweep, SideRegularization regularization, IdSweep ids, FeatureSweep? features, CancellationToken cancellation)
        where TLanes : struct, ILanes<TLanes> => features is null
        ? ids.Run<TLanes>(sweep, _model, regularization, _workers, cancellation)
        : features.Run<TLanes>(sweep, _model, regularization, _workers, cancellation);

    // Ids alone: whole vectors while their Cholesky is cheap, then blocks. With features a model per row is kept, which speaks for small
    // blocks.
    private int BlockFor(CatalogueSide side)
    {
        int stride = side.Sums.Stride;
        int standard = !side.IsPlainIds ? 16 : stride <= 128 ? stride : 64;
        return Math.Min(stride, _options.Block > 0 ? _options.Block : standard);
    }

    private void Initialize(TrainingJob job)
    {
        var random = new SeededRandom(job.Options.Seed);
        for (int l = 0; l < _model.Schema.FeatureCount; l++)
        {
            Span<float> v = _model.Factors.Row(l);
            for (int f = 0; f < v.Length; f++) { v[f] = (float)(_options.InitialDeviation * random.NextNormal()); }
        }

        if (job.WarmStart is { } start)
        {
            if (start.FactorCount != _model.FactorCount || start.Schema.FeatureCount != _model.Schema.FeatureCount)
            {
                throw new FactoException(
                    $"the model to start from has {start.FactorCount} factors and {start.Schema.FeatureCount} features; this run has "
                        + $"{_model.FactorCount} and {_model.Schema.FeatureCount}");
            }

            start.Linear.Span.CopyTo(_model.Linear.Span);
            for (int l = 0; l < start.Schema.FeatureCount; l++) { start.Factors.Row(l).CopyTo(_model.Factors.Row(l)); }
            return;
        }

        // A feature that no pair of the objective depends on has its minimum at 0, not at its random start.
        for (int l = 0; l < _model.Schema.FeatureCount; l++)
        {
            if (!_contextRegularization.IsObserved(l) && !_itemRegularization.IsObserved(l)) { _model.Factors.Row(l).Clear(); }
        }
    }

    // The score is linear in a feature's vector only while the feature is on one side.
    private void RefuseSharedFeatures()
    {
        for (int l = 0; l < _model.Schema.FeatureCount; l++)
        {
            if (_contextRegularization.IsObserved(l) && _itemRegularization.IsObserved(l))
            {
                throw new FactoException(
                    $"feature '{_model.Schema.Describe(l)}' is on the user side and on the item side (a tied bag?); solver 'icd' needs "
                        + $"a vector of its own for each side");
            }
        }
    }

    private readonly struct PassKernel(IcdSolver solver, CancellationToken cancellation) : ILaneKernel<double>
    {
        public double Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => solver.RunEpoch<TLanes>(cancellation);
    }
}
