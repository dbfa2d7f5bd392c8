using Facto.Data;
using Facto.Numerics;

namespace Facto.Models.Family;

/// <summary>
/// FFM (Juan et al. 2016, eq. 4), with w₀ and weights: Σᵢ&lt;ⱼ xᵢxⱼ⟨v_i,f(j), v_j,f(i)⟩. A row has k floats per field that the feature may
/// meet. What two sides do together is Σ_ab⟨P_ab, Q_ba⟩, P_ab = Σ_{i∈a} xᵢv_i,b of the user's fields and Q_ba = Σ_{j∈b} xⱼv_j,a of the
/// item's. A pair of fields takes k floats, unless it goes through a field of few features: a block with one float per feature i of a user
/// field a holds the value xᵢ on the user's side and Σ_b⟨v_i,b, Q_ba⟩ on the item's (and the mirror image); the least cover is a minimum
/// cut (<see cref="FieldCover"/>).
/// </summary>
internal sealed class FieldAwareModel : FamilyModel
{
    private readonly int _k, _fields;
    private readonly int[] _userStart, _itemStart;   // by field: where its block of features begins, −1 for none
    private readonly int[] _pairStart;               // by user field · fields + item field: where the pair's block begins, −1 for none

    public FieldAwareModel(FamilyShape shape, FeatureSchema schema, LearningTask task, FamilyStore store)
        : base(shape, schema, task, store)
    {
        (_k, _fields) = (shape.FactorCount, schema.Fields.Count);
        (_userStart, _itemStart, _pairStart) = (new int[_fields], new int[_fields], new int[_fields * _fields]);
        foreach (int[] starts in (int[][])[_userStart, _itemStart, _pairStart]) { Array.Fill(starts, -1); }
        int[] user = Fields.User, item = Fields.Item;
        FieldCover cover = FieldCover.Of([.. user.Select(f => schema.Fields[f].Count)], [.. item.Select(f => schema.Fields[f].Count)], _k);
        int next = 1;
        Lay(user, cover.User, _userStart);
        Lay(item, cover.Item, _itemStart);
        for (int p = 0; p < user.Length * item.Length; p++)
        {
            (int a, int b) = (p / item.Length, p % item.Length);
            if (cover.User[a] || cover.Item[b]) { continue; }
            _pairStart[(user[a] * _fields) + item[b]] = next;
            next += _k;
        }

        VectorDimension = next;

        void Lay(int[] fields, bool[] chosen, int[] start)
        {
            for (int p = 0; p < fields.Length; p++)
            {
                if (!chosen[p]) { continue; }
                start[fields[p]] = next;
                next += schema.Fields[fields[p]].Count;
            }
        }
    }

    public override int VectorDimension { get; }

    public override int FullVectorDimension => 1 + (Fields.User.Length * Fields.Item.Length * _k);

    public override float Score(SparseRow user, SparseRow context, SparseRow item)
    {
        double score = Numbers.Bias + Linear(user) + Linear(context) + Linear(item);
        score += Within(user) + Within(context) + Within(item);
        return (float)(score + Between(user, context) + Between(user, item) + Between(context, item));
    }

    public override float ProjectUser(SparseRow user, SparseRow context, Span<float> vector)
    {
        CheckSides(user, context, default);
        vector = vector[..VectorDimension];
        vector.Clear();
        vector[0] = 1;
        WriteUser(user, vector);
        WriteUser(context, vector);
        return (float)(Numbers.Bias + Linear(user) + Linear(context) + Within(user) + Within(context) + Between(user, context));
    }

    public override void ProjectItem(SparseRow item, Span<float> vector)
    {
        CheckSides(default, default, item);
        vector = vector[..VectorDimension];
        vector.Clear();
        vector[0] = (float)(Linear(item) + Within(item));
        for (int j = 0; j < item.Count; j++)
        {
            int feature = item.Features[j], b = Fields.Of(feature);
            float x = item.Value(j);
            if (_itemStart[b] >= 0) { vector[_itemStart[b] + feature - Schema.Fields[b].Offset] += x; }
            foreach (int a in Fields.User)
            {
                ReadOnlySpan<float> v = Vector(feature, a);
                if (_pairStart[(a * _fields) + b] is >= 0 and int pair) { VectorOps.AddScaled(vector.Slice(pair, _k), x, v); }
                if (_userStart[a] >= 0) { AddProducts(vector.Slice(_userStart[a]), x, v, Schema.Fields[a], b); }
            }
        }
    }

    public override void AddTerms(ReadOnlySpan<(int Feature, float Value)> x, int userCount, List<ScoreTerm> within, List<ScoreTerm> across)
    {
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = i + 1; j < x.Length; j++)
            {
                List<ScoreTerm> terms = i < userCount && j >= userCount ? across : within;
                terms.Add(new(x[i].Feature, x[j].Feature, x[i].Value * x[j].Value * Meet(x[i].Feature, x[j].Feature)));
            }
        }
    }

    /// <summary>v_i,g.</summary>
    public Span<float> Vector(int feature, int field) => Numbers.Row(feature).Slice(field * _k, _k);

    private void WriteUser(SparseRow row, Span<float> vector)
    {
        for (int i = 0; i < row.Count; i++)
        {
            int feature = row.Features[i], a = Fields.Of(feature);
            float x = row.Value(i);
            if (_userStart[a] >= 0)
            {
                vector[_userStart[a] + feature - Schema.Fields[a].Offset] += x;
                continue;   // every item field goes through this block
            }

            foreach (int b in Fields.Item)
            {
                ReadOnlySpan<float> v = Vector(feature, b);
                if (_pairStart[(a * _fields) + b] is >= 0 and int pair) { VectorOps.AddScaled(vector.Slice(pair, _k), x, v); }
                if (_itemStart[b] >= 0) { AddProducts(vector.Slice(_itemStart[b]), x, v, Schema.Fields[b], a); }
            }
        }
    }

    // target[j] += x⟨v, v_j,met⟩ for every feature j of the field.
    private void AddProducts(Span<float> target, float x, ReadOnlySpan<float> v, Field field, int met)
    {
        for (int j = 0; j < field.Count; j++) { target[j] += x * VectorOps.Dot(v, Vector(field.Offset + j, met)); }
    }

    private float Meet(int i, int j) => VectorOps.Dot(Vector(i, Fields.Of(j)), Vector(j, Fields.Of(i)));

    private double Within(SparseRow row)
    {
        double sum = 0;
        for (int i = 0; i < row.Count; i++)
        {
            for (int j = i + 1; j < row.Count; j++) { sum += (double)row.Value(i) * row.Value(j) * Meet(row.Features[i], row.Features[j]); }
        }

        return sum;
    }

    private double Between(SparseRow left, SparseRow right)
    {
        double sum = 0;
        for (int i = 0; i < left.Count; i++)
        {
            for (int j = 0; j < right.Count; j++)
            {
                sum += (double)left.Value(i) * right.Value(j) * Meet(left.Features[i], right.Features[j]);
            }
        }

        return sum;
    }

    private void CheckSides(SparseRow user, SparseRow context, SparseRow item)
    {
        foreach (int feature in user.Features) { Fields.OfUser(feature); }
        foreach (int feature in context.Features) { Fields.OfUser(feature); }
        foreach (int feature in item.Features) { Fields.OfItem(feature); }
    }
}
