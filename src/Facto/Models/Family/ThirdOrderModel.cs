using System.Buffers;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Models.Family;

/// <summary>
/// An FM of order 3 (ANOVA kernel): Σ_f c₂A₂ + c₃A₃ over the columns f of the factors, A_m(x) = Σ_{i₁&lt;…&lt;i_m} Π v_if xᵢ; c₂ and c₃ are
/// 1 where a column serves pairs and triples. Adding a feature y = v x to a set is A₃ += A₂y, A₂ += A₁y, A₁ += y. Of two sets A_m(c ∪ t) =
/// Σ_j A_j(c)A_{m−j}(t), so the sides meet in A₁(c)·(c₂A₁ + c₃A₂)(t) + A₂(c)·c₃A₁(t): one float per column, and one more for a column of
/// triples.
/// </summary>
internal sealed class ThirdOrderModel : FamilyModel
{
    private readonly int _columns, _pairs, _triplesFrom;   // columns below _pairs serve pairs, from _triplesFrom on triples

    public ThirdOrderModel(FamilyShape shape, FeatureSchema schema, LearningTask task, FamilyStore store)
        : base(shape, schema, task, store)
    {
        (_columns, _pairs, _triplesFrom) = (store.Columns, shape.FactorCount, shape.SharesFactors ? 0 : shape.FactorCount);
    }

    public override int VectorDimension => 1 + (2 * _columns) - _triplesFrom;

    public override int FullVectorDimension => 1 + Shape.FactorCount + (2 * Shape.ThirdOrderCount);

    public override float Score(SparseRow user, SparseRow context, SparseRow item)
    {
        float[] memory = ArrayPool<float>.Shared.Rent(3 * _columns);
        var kernel = new AnovaSums(memory, _columns);
        kernel.Add(Numbers, user);
        kernel.Add(Numbers, context);
        kernel.Add(Numbers, item);
        float score = (float)(Numbers.Bias + Linear(user) + Linear(context) + Linear(item) + Together(kernel));
        ArrayPool<float>.Shared.Return(memory);
        return score;
    }

    public override float ProjectUser(SparseRow user, SparseRow context, Span<float> vector)
    {
        float[] memory = ArrayPool<float>.Shared.Rent(3 * _columns);
        var kernel = new AnovaSums(memory, _columns);
        kernel.Add(Numbers, user);
        kernel.Add(Numbers, context);
        vector[0] = 1;
        kernel.First.CopyTo(vector[1..]);
        kernel.Second[_triplesFrom..].CopyTo(vector[(1 + _columns)..]);
        float term = (float)(Numbers.Bias + Linear(user) + Linear(context) + Together(kernel));
        ArrayPool<float>.Shared.Return(memory);
        return term;
    }

    public override void ProjectItem(SparseRow item, Span<float> vector)
    {
        float[] memory = ArrayPool<float>.Shared.Rent(3 * _columns);
        var kernel = new AnovaSums(memory, _columns);
        kernel.Add(Numbers, item);
        vector[0] = (float)(Linear(item) + Together(kernel));
        for (int f = 0; f < _columns; f++)
        {
            vector[1 + f] = (f < _pairs ? kernel.First[f] : 0) + (f >= _triplesFrom ? kernel.Second[f] : 0);
        }
        kernel.First[_triplesFrom..].CopyTo(vector[(1 + _columns)..]);
        ArrayPool<float>.Shared.Return(memory);
    }

    public override void AddTerms(ReadOnlySpan<(int Feature, float Value)> x, int userCount, List<ScoreTerm> within, List<ScoreTerm> across)
    {
        float[] both = new float[_columns];
        for (int i = 0; i < x.Length; i++)
        {
            ReadOnlySpan<float> vi = Numbers.Row(x[i].Feature);
            for (int j = i + 1; j < x.Length; j++)
            {
                ReadOnlySpan<float> vj = Numbers.Row(x[j].Feature);
                float xx = x[i].Value * x[j].Value;
                for (int f = 0; f < _columns; f++) { both[f] = vi[f] * vj[f]; }
                float pair = 0;
                for (int f = 0; f < _pairs; f++) { pair += both[f]; }
                (i < userCount && j >= userCount ? across : within).Add(new(x[i].Feature, x[j].Feature, xx * pair));
                for (int l = j + 1; l < x.Length; l++)
                {
                    float triple = VectorOps.Dot(both.AsSpan(_triplesFrom), Numbers.Row(x[l].Feature)[_triplesFrom..]);
                    (i < userCount && l >= userCount ? across : within).Add(new(x[i].Feature, x[j].Feature, xx * x[l].Value * triple,
                        x[l].Feature));
                }
            }
        }
    }

    private double Together(in AnovaSums kernel)
    {
        double sum = 0;
        for (int f = 0; f < _pairs; f++) { sum += kernel.Second[f]; }
        for (int f = _triplesFrom; f < _columns; f++) { sum += kernel.Third[f]; }
        return sum;
    }
}

/// <summary>A₁, A₂ and A₃ of a set that features are added to, column by column.</summary>
internal readonly ref struct AnovaSums
{
    public AnovaSums(Span<float> memory, int columns)
    {
        memory[..(3 * columns)].Clear();
        First = memory[..columns];
        Second = memory.Slice(columns, columns);
        Third = memory.Slice(2 * columns, columns);
    }

    public Span<float> First { get; }

    public Span<float> Second { get; }

    public Span<float> Third { get; }

    public void Add(FamilyStore store, SparseRow row)
    {
        for (int i = 0; i < row.Count; i++)
        {
            ReadOnlySpan<float> v = store.Row(row.Features[i]);
            float x = row.Value(i);
            for (int f = 0; f < v.Length; f++)
            {
                float y = v[f] * x;
                Third[f] += Second[f] * y;
                Second[f] += First[f] * y;
                First[f] += y;
            }
        }
    }
}
