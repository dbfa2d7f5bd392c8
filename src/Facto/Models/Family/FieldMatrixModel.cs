using System.Buffers;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Models.Family;

/// <summary>
/// FwFM, FvFM and FmFM: Σᵢ&lt;ⱼ xᵢxⱼ vᵢᵀM_f(i)f(j)vⱼ with M_gf = M_fgᵀ, where M is a number times the identity, a diagonal or a whole
/// matrix. With the fields' sums S_f = Σ_{i∈f} xᵢvᵢ the pairs are ½(Σ_fg S_fᵀM_fgS_g − Σᵢ xᵢ²vᵢᵀM_ffvᵢ), and what two sides do together is
/// Σ_ab S_aᵀM_abR_b over a user's fields a and an item's fields b: one inner product, in as many floats as <see cref="FieldMatrixVectors"/>
/// needs.
/// </summary>
internal sealed class FieldMatrixModel : FamilyModel
{
    private readonly FieldMatrixVectors _vectors;

    public FieldMatrixModel(FamilyShape shape, FeatureSchema schema, LearningTask task, FamilyStore store)
        : base(shape, schema, task, store)
    {
        Coupling = new FieldCoupling(shape, schema.Fields.Count, store.Coupling);
        _vectors = new FieldMatrixVectors(this);
    }

    public FieldCoupling Coupling { get; }

    public override int VectorDimension => 1 + _vectors.Dimension;

    public override int FullVectorDimension => 1 + (Math.Min(Fields.User.Length, Fields.Item.Length) * Shape.FactorCount);

    public override float Score(SparseRow user, SparseRow context, SparseRow item)
    {
        float[] memory = ArrayPool<float>.Shared.Rent(FieldSums.Length(this));
        var sums = new FieldSums(this, memory);
        sums.Add(user);
        sums.Add(context);
        sums.Add(item);
        float score = (float)(Numbers.Bias + Linear(user) + Linear(context) + Linear(item) + sums.Pairs(user, context, item));
        ArrayPool<float>.Shared.Return(memory);
        return score;
    }

    public override float ProjectUser(SparseRow user, SparseRow context, Span<float> vector)
    {
        float[] memory = ArrayPool<float>.Shared.Rent(FieldSums.Length(this));
        var sums = new FieldSums(this, memory);
        sums.AddUser(user);
        sums.AddUser(context);
        float term = (float)(Numbers.Bias + Linear(user) + Linear(context) + sums.Pairs(user, context, default));
        vector[0] = 1;
        vector = vector.Slice(1, _vectors.Dimension);
        _vectors.WriteUser(sums, vector, user, context);
        ArrayPool<float>.Shared.Return(memory);
        return term;
    }

    public override void ProjectItem(SparseRow item, Span<float> vector)
    {
        float[] memory = ArrayPool<float>.Shared.Rent(FieldSums.Length(this));
        var sums = new FieldSums(this, memory);
        sums.AddItem(item);
        vector[0] = (float)(Linear(item) + sums.Pairs(item, default, default));
        vector = vector.Slice(1, _vectors.Dimension);
        _vectors.WriteItem(sums, vector, item);
        ArrayPool<float>.Shared.Return(memory);
    }

    public override void AddTerms(ReadOnlySpan<(int Feature, float Value)> x, int userCount, List<ScoreTerm> within, List<ScoreTerm> across)
    {
        float[] turned = new float[Shape.FactorCount];
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = i + 1; j < x.Length; j++)
            {
                turned.AsSpan().Clear();
                Coupling.AddProduct(Fields.Of(x[i].Feature), Fields.Of(x[j].Feature), Numbers.Row(x[j].Feature), turned);
                List<ScoreTerm> terms = i < userCount && j >= userCount ? across : within;
                terms.Add(new(x[i].Feature, x[j].Feature, x[i].Value * x[j].Value * VectorOps.Dot(Numbers.Row(x[i].Feature), turned)));
            }
        }
    }
}

/// <summary>S_f of every field that rows have, in memory of the caller's, with how many features went into each.</summary>
internal ref struct FieldSums
{
    private readonly FieldMatrixModel _model;
    private readonly Span<float> _sums;      // fields × k
    private readonly Span<float> _counts;    // features by field
    private readonly Span<float> _turned;    // k

    public FieldSums(FieldMatrixModel model, Span<float> memory)
    {
        _model = model;
        int fields = model.Schema.Fields.Count, k = model.Shape.FactorCount;
        memory[..Length(model)].Clear();
        _sums = memory[..(fields * k)];
        _counts = memory.Slice(fields * k, fields);
        _turned = memory.Slice(fields * (k + 1), k);
    }

    public static int Length(FieldMatrixModel model) => (model.Schema.Fields.Count * (model.Shape.FactorCount + 1))
        + model.Shape.FactorCount;

    public readonly bool Has(int field) => _counts[field] > 0;

    public readonly Span<float> Of(int field) => _sums.Slice(field * _turned.Length, _turned.Length);

    /// <summary>k floats that nobody else uses between two calls.</summary>
    public readonly Span<float> Scratch => _turned;

    /// <summary>A row of any side.</summary>
    public readonly void Add(SparseRow row)
    {
        for (int i = 0; i < row.Count; i++) { Add(_model.Fields.Of(row.Features[i]), row.Features[i], row.Value(i)); }
    }

    public readonly void AddUser(SparseRow row)
    {
        for (int i = 0; i < row.Count; i++) { Add(_model.Fields.OfUser(row.Features[i]), row.Features[i], row.Value(i)); }
    }

    public readonly void AddItem(SparseRow row)
    {
        for (int i = 0; i < row.Count; i++) { Add(_model.Fields.OfItem(row.Features[i]), row.Features[i], row.Value(i)); }
    }

    /// <summary>Σᵢ&lt;ⱼ xᵢxⱼ vᵢᵀMvⱼ over the rows whose sums these are.</summary>
    public readonly double Pairs(SparseRow first, SparseRow second, SparseRow third)
    {
        double pairs = 0;
        for (int f = 0; f < _counts.Length; f++)
        {
            if (!Has(f)) { continue; }
            _turned.Clear();
            for (int g = f + 1; g < _counts.Length; g++)
            {
                if (Has(g)) { _model.Coupling.AddProduct(f, g, Of(g), _turned); }
            }

            pairs += VectorOps.Dot(Of(f), _turned);
            if (_counts[f] > 1) { pairs += 0.5 * Quadratic(f, Of(f)); }
        }

        return pairs - (0.5 * (Squares(first) + Squares(second) + Squares(third)));
    }

    // What the pairs inside of a field must not count: a feature with itself.
    private readonly double Squares(SparseRow row)
    {
        double squares = 0;
        for (int i = 0; i < row.Count; i++)
        {
            int field = _model.Fields.Of(row.Features[i]);
            if (_counts[field] > 1)
            {
                squares += (double)row.Value(i) * row.Value(i) * Quadratic(field, _model.Numbers.Row(row.Features[i]));
            }
        }

        return squares;
    }

    private readonly double Quadratic(int field, ReadOnlySpan<float> v)
    {
        _turned.Clear();
        _model.Coupling.AddProduct(field, field, v, _turned);
        return VectorOps.Dot(v, _turned);
    }

    private readonly void Add(int field, int feature, float x)
    {
        VectorOps.AddScaled(Of(field), x, _model.Numbers.Row(feature));
        _counts[field]++;
    }
}
