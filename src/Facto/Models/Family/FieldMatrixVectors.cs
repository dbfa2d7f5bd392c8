using Facto.Data;
using Facto.Numerics;

namespace Facto.Models.Family;

/// <summary>
/// Σ_ab S_aᵀM_abR_b as an inner product of few floats. Every pair (a, b) goes through a block of the user field a (the user writes S_a, the
/// item Σ_b M_abR_b) or of the item field b (the user writes Σ_a M_baS_a, the item R_b), whichever cover is least (<see
/// cref="FieldCover"/>). A block has k floats, or one per feature of its field when those are fewer: then the field's side writes its
/// values x and the other side the inner products with the features' vectors. Numbers ρ of low rank, ρ_ab = Σ_r A_ar B_rb, need only k
/// floats per r: Σ_a A_arS_a against Σ_b B_rbR_b.
/// </summary>
internal sealed class FieldMatrixVectors
{
    private readonly FieldMatrixModel _model;
    private readonly int _k;
    private readonly int[] _userStart, _itemStart;   // by field: where its block begins, −1 for none
    private readonly RankFactors? _rank;

    public FieldMatrixVectors(FieldMatrixModel model)
    {
        _model = model;
        _k = model.Shape.FactorCount;
        (_userStart, _itemStart) = (Absent(), Absent());
        int[] user = model.Fields.User, item = model.Fields.Item;
        FieldCover cover = FieldCover.Of([.. user.Select(BlockSize)], [.. item.Select(BlockSize)], FieldCover.Never);
        Dimension = cover.Dimension;
        if (model.Shape.Family == ModelFamily.Fwfm && Rank(user, item) is { } rank && rank.Rank * _k < Dimension)
        {
            _rank = rank;
            Dimension = rank.Rank * _k;
            return;
        }

        int next = 0;
        Lay(user, cover.User, _userStart);
        Lay(item, cover.Item, _itemStart);

        void Lay(int[] fields, bool[] chosen, int[] start)
        {
            for (int p = 0; p < fields.Length; p++)
            {
                if (!chosen[p]) { continue; }
                start[fields[p]] = next;
                next += BlockSize(fields[p]);
            }
        }

        int[] Absent()
        {
            int[] starts = new int[model.Schema.Fields.Count];
            Array.Fill(starts, -1);
            return starts;
        }
    }

    /// <summary>Floats of the cross part.</summary>
    public int Dimension { get; }

    public void WriteUser(FieldSums sums, Span<float> vector, SparseRow user, SparseRow context)
    {
        vector.Clear();
        if (_rank is { } rank)
        {
            for (int p = 0; p < _model.Fields.User.Length; p++)
            {
                WriteRank(sums, vector, _model.Fields.User[p], p, rank.Left, byRow: true);
            }
            return;
        }

        WriteOwn(sums, vector, _userStart, user);
        WriteOwn(default, vector, _userStart, context, valuesOnly: true);
        foreach (int b in _model.Fields.Item)
        {
            if (_itemStart[b] >= 0) { WriteOther(sums, vector, b, _itemStart[b], _model.Fields.User, _userStart); }
        }
    }

    public void WriteItem(FieldSums sums, Span<float> vector, SparseRow item)
    {
        vector.Clear();
        if (_rank is { } rank)
        {
            for (int p = 0; p < _model.Fields.Item.Length; p++)
            {
                WriteRank(sums, vector, _model.Fields.Item[p], p, rank.Right, byRow: false);
            }
            return;
        }

        WriteOwn(sums, vector, _itemStart, item);
        foreach (int a in _model.Fields.User)
        {
            if (_userStart[a] >= 0) { WriteOther(sums, vector, a, _userStart[a], _model.Fields.Item, null); }
        }
    }

    private int BlockSize(int field) => Math.Min(_k, _model.Schema.Fields[field].Count);

    private bool IsIndicator(int field) => _model.Schema.Fields[field].Count < _k;

    private RankFactors? Rank(int[] user, int[] item)
    {
        var weights = new double[user.Length, item.Length];
        for (int a = 0; a < user.Length; a++)
        {
            for (int b = 0; b < item.Length; b++) { weights[a, b] = _model.Coupling.Weight(user[a], item[b]); }
        }

        return weights.Length == 0 ? null : RankFactors.Of(weights);
    }

    // The blocks of this side's own fields: S_f, or the values of the features.
    private void WriteOwn(FieldSums sums, Span<float> vector, int[] start, SparseRow row, bool valuesOnly = false)
    {
        for (int i = 0; i < row.Count; i++)
        {
            int feature = row.Features[i], field = _model.Fields.Of(feature);
            if (start[field] >= 0 && IsIndicator(field))
            {
                vector[start[field] + feature - _model.Schema.Fields[field].Offset] += row.Value(i);
            }
        }

        for (int f = 0; !valuesOnly && f < start.Length; f++)
        {
            if (start[f] >= 0 && sums.Has(f) && !IsIndicator(f)) { sums.Of(f).CopyTo(vector[start[f]..]); }
        }
    }

    // The block of the other side's field g: Σ_f M_gf S_f over this side's fields that have no block themselves.
    private void WriteOther(FieldSums sums, Span<float> vector, int g, int start, int[] mine, int[]? covered)
    {
        Span<float> turned = sums.Scratch;
        turned.Clear();
        foreach (int f in mine)
        {
            if (sums.Has(f) && !(covered is not null && covered[f] >= 0)) { _model.Coupling.AddProduct(g, f, sums.Of(f), turned); }
        }

        if (!IsIndicator(g))
        {
            turned.CopyTo(vector[start..]);
            return;
        }

        Field field = _model.Schema.Fields[g];
        for (int j = 0; j < field.Count; j++) { vector[start + j] = VectorOps.Dot(turned, _model.Numbers.Row(field.Offset + j)); }
    }

    private void WriteRank(FieldSums sums, Span<float> vector, int field, int position, double[,] factors, bool byRow)
    {
        for (int r = 0; sums.Has(field) && r < _rank!.Rank; r++)
        {
            VectorOps.AddScaled(vector.Slice(r * _k, _k), (float)(byRow ? factors[position, r] : factors[r, position]), sums.Of(field));
        }
    }
}
