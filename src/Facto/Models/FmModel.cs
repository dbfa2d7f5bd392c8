using Facto.Data;
using Facto.Numerics;

namespace Facto.Models;

/// <summary>
/// A factorization machine of degree 2 (Rendle 2010, eq. 1): ŷ = w₀ + Σ wᵢxᵢ + Σᵢ&lt;ⱼ ⟨vᵢ,vⱼ⟩xᵢxⱼ.
/// k = 0 is linear or logistic regression. Parameters may be mapped from a file; treat a trained model as immutable.
/// </summary>
public sealed class FmModel : ISeparableModel
{
    /// <summary>A model of zeros.</summary>
    /// <param name="schema">Its features; n = schema.FeatureCount.</param>
    /// <param name="task">What a score means.</param>
    /// <param name="factorCount">k ≥ 0.</param>
    internal FmModel(FeatureSchema schema, LearningTask task, int factorCount)
        : this(schema, task, new NativeBlock<float>(schema.FeatureCount), new RowMatrix(schema.FeatureCount, factorCount))
    {
    }

    internal FmModel(FeatureSchema schema, LearningTask task, NativeBlock<float> linear, RowMatrix factors)
    {
        if (linear.Length != schema.FeatureCount || factors.RowCount != schema.FeatureCount)
        {
            throw new ArgumentException(
                $"{linear.Length} weights and {factors.RowCount} factor rows do not fit {schema.FeatureCount} features");
        }

        Schema = schema;
        Task = task;
        Linear = linear;
        Factors = factors;
    }

    /// <inheritdoc cref="ISeparableModel.Schema"/>
    internal FeatureSchema Schema { get; }

    /// <summary>What a score means.</summary>
    public LearningTask Task { get; }

    /// <summary>w₀.</summary>
    public float Bias { get; set; }

    /// <summary>w, one weight per feature.</summary>
    internal NativeBlock<float> Linear { get; }

    /// <summary>V, one row of k factors per feature.</summary>
    public RowMatrix Factors { get; }

    /// <summary>k.</summary>
    internal int FactorCount => Factors.ColumnCount;

    /// <summary>Smallest label seen in training; regression predictions are not lower.</summary>
    internal float MinLabel { get; set; } = float.NegativeInfinity;

    /// <summary>Largest label seen in training; regression predictions are not higher.</summary>
    internal float MaxLabel { get; set; } = float.PositiveInfinity;

    /// <summary>How the two sides meet: the inner product of their sums, or its cosine.</summary>
    internal Similarity Similarity { get; init; }

    /// <inheritdoc cref="ISeparableModel.VectorDimension"/>
    internal int VectorDimension => FactorCount + 1;

    FeatureSchema ISeparableModel.Schema => Schema;

    int ISeparableModel.VectorDimension => VectorDimension;

    /// <summary>Sets the weight wᵢ of a feature.</summary>
    /// <param name="feature">i, 0 … <see cref="Dataset.FeatureCount"/> − 1.</param>
    /// <param name="weight">wᵢ.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such feature.</exception>
    /// <exception cref="InvalidOperationException">The model lies in a file that is mapped for reading.</exception>
    public void SetWeight(int feature, float weight)
    {
        if (Linear.IsMapped) { throw new InvalidOperationException("the model lies in a file that is mapped for reading"); }
        Linear[feature] = weight;
    }

    float ISeparableModel.ProjectUser(SparseRow user, SparseRow context, Span<float> vector) => ProjectUser(user, context, vector);

    void ISeparableModel.ProjectItem(SparseRow item, Span<float> vector) => ProjectItem(item, vector);

    float ISeparableModel.Score(SparseRow user, SparseRow context, SparseRow item) => Score(user, context, item);

    float ISeparableModel.Predict(float score) => Predict(score);

    /// <inheritdoc cref="ISeparableModel.ProjectUser"/>
    internal float ProjectUser(SparseRow user, SparseRow context, Span<float> vector)
    {
        var sum = new FmSum(vector.Slice(1, FactorCount));
        sum.Add(this, user);
        sum.Add(this, context);
        vector[0] = 1;
        return (float)(Bias + OwnTerm(sum, vector.Slice(1, FactorCount)));
    }

    /// <inheritdoc cref="ISeparableModel.ProjectItem"/>
    internal void ProjectItem(SparseRow item, Span<float> vector)
    {
        var sum = new FmSum(vector.Slice(1, FactorCount));
        sum.Add(this, item);
        vector[0] = (float)OwnTerm(sum, vector.Slice(1, FactorCount));
    }

    /// <inheritdoc cref="ISeparableModel.Score"/>
    internal float Score(SparseRow user, SparseRow context, SparseRow item)
    {
        if (Similarity == Similarity.Cosine) { return CosineScore(user, context, item); }
        Span<float> q = FactorCount <= 256 ? stackalloc float[FactorCount] : new float[FactorCount];
        var sum = new FmSum(q);
        sum.Add(this, user);
        sum.Add(this, context);
        sum.Add(this, item);
        return (float)(Bias + sum.OwnTerm());
    }

    /// <inheritdoc cref="ISeparableModel.Predict"/>
    internal float Predict(float score) => Task switch
    {
        LearningTask.Regression => Math.Clamp(score, MinLabel, MaxLabel),
        LearningTask.Binary => 1f / (1f + MathF.Exp(-score)),
        _ => score,
    };

    private float CosineScore(SparseRow user, SparseRow context, SparseRow item)
    {
        Span<float> both = FactorCount <= 128 ? stackalloc float[2 * FactorCount] : new float[2 * FactorCount];
        Span<float> s = both[..FactorCount], r = both[FactorCount..];
        FmSum userSum = new(s), itemSum = new(r);
        userSum.Add(this, user);
        userSum.Add(this, context);
        itemSum.Add(this, item);
        double lengths = Math.Sqrt((double)VectorOps.SumOfSquares(s) * VectorOps.SumOfSquares(r));
        return (float)(Bias + userSum.Linear + itemSum.Linear + (lengths > 0 ? VectorOps.Dot(s, r) / lengths : 0));
    }

    // What a side contributes by itself; the cosine leaves its vector with length 1 (or 0 when no feature is known).
    private double OwnTerm(in FmSum sum, Span<float> vector)
    {
        if (Similarity == Similarity.Dot) { return sum.OwnTerm(); }
        float length = MathF.Sqrt(VectorOps.SumOfSquares(vector));
        if (length > 0)
        {
            foreach (ref float v in vector) { v /= length; }
        }

        return sum.Linear;
    }
}

/// <summary>
/// The sums over one set S of active features that the equation needs: q = Σ_S v x (in the caller's span), Σ_S w x and Σ ⟨vᵢ,vⱼ⟩xᵢxⱼ over
/// the pairs of S. Each feature meets the sum of those before it: the shorter ½(‖q‖² − Σ (v x)²) is a difference of two large numbers when
/// one value is large, and loses all others.
/// </summary>
internal ref struct FmSum
{
    private readonly Span<float> _q;   // k
    private double _linear;
    private double _pairs;

    public FmSum(Span<float> q)
    {
        _q = q;
        q.Clear();
    }

    public void Add(FmModel model, SparseRow row)
    {
        for (int i = 0; i < row.Count; i++)
        {
            int feature = row.Features[i];
            float x = row.Value(i);
            ReadOnlySpan<float> v = model.Factors.Row(feature);
            _pairs += x * (double)VectorOps.Dot(_q, v);
            VectorOps.AddScaled(_q, x, v);
            _linear += x * (double)model.Linear[feature];
        }
    }

    /// <summary>lin_S = Σ w x.</summary>
    public readonly double Linear => _linear;

    /// <summary>lin_S + pair_S.</summary>
    public readonly double OwnTerm() => _linear + _pairs;
}
