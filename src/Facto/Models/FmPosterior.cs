using Facto.Data;
using Facto.Numerics;

namespace Facto.Models;

/// <summary>
/// S draws of a degree-2 FM from its posterior. The mean of their scores is itself the score of one FM with S·k factors: with ṽ the draws'
/// v one after another, each divided by √S, and w, w₀ averaged, w̄₀ + Σ w̄x + Σᵢ&lt;ⱼ ⟨ṽᵢ,ṽⱼ⟩xᵢxⱼ is exactly the average. So retrieval sees
/// one inner product (<see cref="Mean"/>), a single draw gives Thompson sampling (<see cref="Draw"/>), and the spread of the draws gives
/// intervals.
/// </summary>
internal sealed class FmPosterior : ISeparableModel
{
    private readonly RowMatrix _drawLinear;   // features × S
    private readonly float _root;             // √S

    internal FmPosterior(
        FmModel mean, int drawCount, RowMatrix drawLinear, float[] biases, double[] precisions, double[] cutPoints, float[] levels)
    {
        Mean = mean;
        DrawCount = drawCount;
        FactorCount = mean.FactorCount / drawCount;
        _drawLinear = drawLinear;
        _root = MathF.Sqrt(drawCount);
        Biases = biases;
        Precisions = precisions;
        CutPoints = cutPoints;
        Levels = levels;
    }

    /// <summary>The FM with S·k factors whose score is the mean of the draws' scores: what is exported, indexed and served.</summary>
    public FmModel Mean { get; }

    /// <summary>S.</summary>
    public int DrawCount { get; }

    /// <summary>k of one draw.</summary>
    public int FactorCount { get; }

    /// <inheritdoc/>
    public FeatureSchema Schema => Mean.Schema;

    /// <inheritdoc/>
    public LearningTask Task => Mean.Task;

    /// <inheritdoc/>
    public int VectorDimension => Mean.VectorDimension;

    /// <summary>The label values of the classes, ascending; empty for regression.</summary>
    public IReadOnlyList<float> Classes => Levels;

    internal RowMatrix DrawLinear => _drawLinear;

    internal float[] Biases { get; }

    internal double[] Precisions { get; }

    /// <summary>S × (classes − 1).</summary>
    internal double[] CutPoints { get; }

    internal float[] Levels { get; }

    /// <inheritdoc/>
    public float ProjectUser(SparseRow user, SparseRow context, Span<float> vector) => Mean.ProjectUser(user, context, vector);

    /// <inheritdoc/>
    public void ProjectItem(SparseRow item, Span<float> vector) => Mean.ProjectItem(item, vector);

    /// <inheritdoc/>
    public float Score(SparseRow user, SparseRow context, SparseRow item) => Mean.Score(user, context, item);

    /// <summary>
    /// What a mean score says by itself: the clipped rating; Φ(score) for binary; the expected class value between the mean cut-points for
    /// ordinal.
    /// <see cref="Predict(SparseRow, SparseRow, SparseRow, float)"/> averages over the draws instead.
    /// </summary>
    public float Predict(float score)
    {
        if (Task is not (LearningTask.Binary or LearningTask.Ordinal)) { return Mean.Predict(score); }
        int cuts = Levels.Length - 1;
        double sum = Levels[^1];
        for (int j = 0; j < cuts; j++)
        {
            double cut = 0;
            for (int s = 0; s < DrawCount; s++) { cut += CutPoints[(s * cuts) + j] / DrawCount; }
            sum -= (Levels[j + 1] - (double)Levels[j]) * NormalDistribution.Cumulative(cut - score);
        }

        return (float)sum;
    }

    /// <summary>The raw score by each draw.</summary>
    /// <param name="user">The user's features.</param>
    /// <param name="context">The request's features.</param>
    /// <param name="item">The item's features.</param>
    /// <param name="scores">Receives <see cref="DrawCount"/> scores.</param>
    public void ScoreDraws(SparseRow user, SparseRow context, SparseRow item, Span<float> scores)
    {
        int width = FactorCount * DrawCount, size = width + DrawCount;
        Span<float> all = size <= 2048 ? stackalloc float[3 * size] : new float[3 * size];
        SumRow(user, all[..width], all[width..size]);
        SumRow(context, all.Slice(size, width), all.Slice(size + width, DrawCount));
        SumRow(item, all.Slice(2 * size, width), all[((2 * size) + width)..]);
        ScoreSums(
            new(all[..width], all[width..size]), new(all.Slice(2 * size, width), all[((2 * size) + width)..]),
            new(all.Slice(size, width), all.Slice(size + width, DrawCount)), scores);
    }

    /// <summary>What one side contributes to every draw: Σ v x, draw after draw, and Σ w x + ½(‖Σ v x‖² − Σ‖v x‖²).</summary>
    internal void SumRow(SparseRow row, Span<float> sum, Span<float> own)
    {
        sum.Clear();
        own.Clear();
        for (int i = 0; i < row.Count; i++)
        {
            float x = row.Value(i), half = -0.5f * DrawCount * x * x;
            ReadOnlySpan<float> v = Mean.Factors.Row(row.Features[i]);
            VectorOps.AddScaled(sum, x, v);
            VectorOps.AddScaled(own, x, _drawLinear.Row(row.Features[i]));
            for (int s = 0; s < own.Length; s++) { own[s] += half * VectorOps.SumOfSquares(v.Slice(s * FactorCount, FactorCount)); }
        }

        if (row.Count == 0) { return; }
        for (int s = 0; s < own.Length; s++)
        {
            own[s] += 0.5f * DrawCount * VectorOps.SumOfSquares(sum.Slice(s * FactorCount, FactorCount));
        }
    }

    /// <summary>The raw score by each draw from the sums of the sides; an empty one is left out.</summary>
    internal void ScoreSums(RowSums user, RowSums item, RowSums context, Span<float> scores)
    {
        for (int s = 0; s < DrawCount; s++)
        {
            ReadOnlySpan<float> u = user.Of(s, FactorCount), i = item.Of(s, FactorCount), c = context.Of(s, FactorCount);
            float pairs = Dot(u, i) + Dot(u, c) + Dot(i, c);
            scores[s] = Biases[s] + user.OwnOf(s) + item.OwnOf(s) + context.OwnOf(s) + (DrawCount * pairs);
        }

        static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => a.IsEmpty || b.IsEmpty ? 0 : VectorOps.Dot(a, b);
    }

    /// <summary>The label's distribution averaged over the draws.</summary>
    /// <param name="user">The user's features.</param>
    /// <param name="context">The request's features.</param>
    /// <param name="item">The item's features.</param>
    /// <param name="level">Probability of the central interval, 0 to 1 (exclusive).</param>
    public PosteriorPrediction Predict(SparseRow user, SparseRow context, SparseRow item, float level = 0.9f)
    {
        Span<float> scores = DrawCount <= 256 ? stackalloc float[DrawCount] : new float[DrawCount];
        ScoreDraws(user, context, item, scores);
        return PosteriorPredictive.Of(this, scores, level);
    }

    /// <summary>One draw as a model of its own, copied: for Thompson sampling, or the single best sample.</summary>
    /// <param name="draw">0 … <see cref="DrawCount"/>−1.</param>
    /// <remarks>A binary draw scores in log-odds, 1.702 times the probit latent (the logistic nearest to Φ, within 0.01).</remarks>
    public FmModel Draw(int draw)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)draw, (uint)DrawCount, nameof(draw));
        float link = Task == LearningTask.Binary ? 1.702f : 1, scale = _root * MathF.Sqrt(link);
        FmModel model = Empty(Biases[draw] * link);
        for (int l = 0; l < Schema.FeatureCount; l++)
        {
            model.Linear[l] = _drawLinear.Row(l)[draw] * link;
            VectorOps.AddScaled(model.Factors.Row(l), scale, Mean.Factors.Row(l).Slice(draw * FactorCount, FactorCount));
        }

        return model;
    }

    /// <summary>
    /// The model of the mean parameters with k factors: the cheapest export, and not the mean of the scores, because draws of V may differ
    /// by a rotation that the scores do not see.
    /// </summary>
    public FmModel MeanParameters()
    {
        float link = Task == LearningTask.Binary ? 1.702f : 1, scale = MathF.Sqrt(link) / _root;
        FmModel model = Empty(Mean.Bias * link);
        for (int l = 0; l < Schema.FeatureCount; l++)
        {
            model.Linear[l] = Mean.Linear[l] * link;
            for (int s = 0; s < DrawCount; s++)
            {
                VectorOps.AddScaled(model.Factors.Row(l), scale, Mean.Factors.Row(l).Slice(s * FactorCount, FactorCount));
            }
        }

        return model;
    }

    /// <summary>
    /// The posterior with one of its draws alone, at k factors: cheap to serve, and it keeps the draw's noise and cut-points.
    /// </summary>
    /// <param name="draw">0 … <see cref="DrawCount"/>−1.</param>
    public FmPosterior Only(int draw)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)draw, (uint)DrawCount, nameof(draw));
        return With([Averaged(draw, 1)]);
    }

    /// <summary>The posterior with fewer of its draws, evenly chosen, the last included.</summary>
    /// <param name="count">1 … <see cref="DrawCount"/>.</param>
    public FmPosterior Thinned(int count)
    {
        if (count < 1 || count > DrawCount)
        {
            throw new FactoException($"{count} draws are asked for; the posterior has 1 to {DrawCount}");
        }
        return With([.. Enumerable.Range(1, count).Select(i => Averaged((int)((long)i * DrawCount / count) - 1, 1))]);
    }

    /// <summary>
    /// A posterior of one draw, the mean of the parameters (see <see cref="MeanParameters"/>), with the mean noise and cut-points.
    /// </summary>
    public FmPosterior OnlyMean() => With([Averaged(0, DrawCount)]);

    private FmPosterior With(IReadOnlyList<PosteriorDraw> draws) => Of(Schema, Task, draws, Levels, Mean.MinLabel, Mean.MaxLabel);

    private PosteriorDraw Averaged(int first, int count)
    {
        int cuts = CutPoints.Length / DrawCount;
        var linear = new NativeBlock<float>(Schema.FeatureCount);
        var factors = new RowMatrix(Schema.FeatureCount, FactorCount);
        var cutPoints = new double[cuts];
        double variance = 0;
        for (int s = first; s < first + count; s++)
        {
            for (int l = 0; l < Schema.FeatureCount; l++)
            {
                linear[l] += _drawLinear.Row(l)[s] / count;
                VectorOps.AddScaled(factors.Row(l), _root / count, Mean.Factors.Row(l).Slice(s * FactorCount, FactorCount));
            }

            for (int j = 0; j < cuts; j++) { cutPoints[j] += CutPoints[(s * cuts) + j] / count; }
            variance += 1 / Precisions[s] / count;
        }

        return new PosteriorDraw(Biases.AsSpan(first, count).ToArray().Average(), 1 / variance, cutPoints, linear, factors);
    }

    internal static FmPosterior Of(
        FeatureSchema schema, LearningTask task, IReadOnlyList<PosteriorDraw> draws, float[] levels, float low, float high)
    {
        int count = draws.Count, k = draws[0].Factors.ColumnCount, n = schema.FeatureCount;
        var mean = new FmModel(schema, task, count * k) { Bias = draws.Average(d => d.Bias), MinLabel = low, MaxLabel = high };
        var linear = new RowMatrix(n, count);
        float scale = 1 / MathF.Sqrt(count);
        for (int l = 0; l < n; l++)
        {
            Span<float> target = mean.Factors.Row(l), weights = linear.Row(l);
            double sum = 0;
            for (int s = 0; s < count; s++)
            {
                weights[s] = draws[s].Linear[l];
                sum += weights[s];
                VectorOps.AddScaled(target.Slice(s * k, k), scale, draws[s].Factors.Row(l));
            }

            mean.Linear[l] = (float)(sum / count);
        }

        return new FmPosterior(
            mean, count, linear, [.. draws.Select(d => d.Bias)], [.. draws.Select(d => d.Precision)],
            [.. draws.SelectMany(d => d.CutPoints)], levels);
    }

    private FmModel Empty(float bias) =>
        new(Schema, Task, FactorCount) { Bias = bias, MinLabel = Mean.MinLabel, MaxLabel = Mean.MaxLabel };
}

/// <summary>One side's <see cref="FmPosterior.SumRow"/>.</summary>
/// <param name="sum">Σ v x, draw after draw.</param>
/// <param name="own">The side's own term by draw.</param>
internal readonly ref struct RowSums(ReadOnlySpan<float> sum, ReadOnlySpan<float> own)
{
    private readonly ReadOnlySpan<float> _sum = sum, _own = own;

    public ReadOnlySpan<float> Of(int draw, int k) => _sum.IsEmpty ? default : _sum.Slice(draw * k, k);

    public float OwnOf(int draw) => _own.IsEmpty ? 0 : _own[draw];
}
