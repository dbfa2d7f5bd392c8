using Facto.Data;

namespace Facto.Models.Family;

/// <summary>
/// What the relatives of the FM have in common: w₀ + Σ wᵢxᵢ plus what features do together, over fields. Treat a trained model as
/// immutable.
/// </summary>
internal abstract class FamilyModel : ISeparableModel
{
    protected FamilyModel(FamilyShape shape, FeatureSchema schema, LearningTask task, FamilyStore store)
    {
        if (store.FeatureCount != schema.FeatureCount || store.Columns != shape.Columns(schema)
            || store.Coupling.Length != shape.CouplingLength(schema))
        {
            throw new ArgumentException($"the parameters of {store.FeatureCount} features with {store.Columns} factors do not fit a "
                + $"{shape.Family} of {schema.FeatureCount} features");
        }

        (Shape, Schema, Task, Numbers) = (shape, schema, task, store);
        Fields = FieldSides.Of(schema);
    }

    /// <summary>The member and its numbers of factors.</summary>
    public FamilyShape Shape { get; }

    public FamilyStore Numbers { get; }

    public FeatureSchema Schema { get; }

    public LearningTask Task { get; }

    /// <summary>Smallest label seen in training; regression predictions are not lower.</summary>
    public float MinLabel { get; init; } = float.NegativeInfinity;

    /// <summary>Largest label seen in training; regression predictions are not higher.</summary>
    public float MaxLabel { get; init; } = float.PositiveInfinity;

    public FieldSides Fields { get; }

    public abstract int VectorDimension { get; }

    /// <summary>What <see cref="VectorDimension"/> would be if every pair of fields took its factors: the dimension of the textbook's
    /// reduction.</summary>
    public abstract int FullVectorDimension { get; }

    public abstract float ProjectUser(SparseRow user, SparseRow context, Span<float> vector);

    public abstract void ProjectItem(SparseRow item, Span<float> vector);

    public abstract float Score(SparseRow user, SparseRow context, SparseRow item);

    /// <summary>Adds what features do together, pair by pair (and triple by triple).</summary>
    /// <param name="x">The features of the user's side, then the item's.</param>
    /// <param name="userCount">How many are of the user's side.</param>
    /// <param name="within">Receives what the features of one side do.</param>
    /// <param name="across">Receives what both sides have a feature in.</param>
    public abstract void AddTerms(ReadOnlySpan<(int Feature, float Value)> x, int userCount, List<ScoreTerm> within,
        List<ScoreTerm> across);

    public float Predict(float score) => Task switch
    {
        LearningTask.Regression => Math.Clamp(score, MinLabel, MaxLabel),
        LearningTask.Binary => 1f / (1f + MathF.Exp(-score)),
        _ => score,
    };

    /// <summary>The model of this kind over other parameters.</summary>
    public static FamilyModel Create(FamilyShape shape, FeatureSchema schema, LearningTask task, FamilyStore store,
        float low = float.NegativeInfinity, float high = float.PositiveInfinity) =>
        shape.Family switch
        {
            ModelFamily.Fwfm or ModelFamily.Fvfm or ModelFamily.Fmfm => new FieldMatrixModel(shape, schema, task, store)
            {
                MinLabel = low,
                MaxLabel = high
            },
            ModelFamily.Ffm => new FieldAwareModel(shape, schema, task, store) { MinLabel = low, MaxLabel = high },
            ModelFamily.Fm3 => new ThirdOrderModel(shape, schema, task, store) { MinLabel = low, MaxLabel = high },
            _ => throw new ArgumentException($"{shape.Family} is not of this class", nameof(shape)),
        };

    /// <summary>Σ w x.</summary>
    protected double Linear(SparseRow row)
    {
        double sum = 0;
        for (int i = 0; i < row.Count; i++) { sum += (double)Numbers.Weight(row.Features[i]) * row.Value(i); }
        return sum;
    }
}
