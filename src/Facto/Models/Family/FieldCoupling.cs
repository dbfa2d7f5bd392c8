using Facto.Numerics;

namespace Facto.Models.Family;

/// <summary>M_fg of all pairs of fields: the numbers of f ≤ g are kept, M_gf is M_fgᵀ, and of M_ff the symmetric half counts.</summary>
internal sealed class FieldCoupling(FamilyShape shape, int fieldCount, NativeBlock<float> numbers)
{
    private readonly int _k = shape.FactorCount, _width = shape.CouplingWidth, _stride = RowMatrix.PaddedLength(shape.FactorCount);

    /// <summary>The numbers of the pair f ≤ g: one, a padded vector, or k padded rows.</summary>
    public Span<float> Of(int f, int g) => numbers.Slice((long)FamilyShape.Pair(f, g, fieldCount) * _width, _width);

    /// <summary>ρ_fg of an FwFM.</summary>
    public float Weight(int f, int g) => Of(Math.Min(f, g), Math.Max(f, g))[0];

    /// <summary>target += M_fg·v.</summary>
    public void AddProduct(int f, int g, ReadOnlySpan<float> v, Span<float> target)
    {
        ReadOnlySpan<float> m = Of(Math.Min(f, g), Math.Max(f, g));
        switch (shape.Family)
        {
            case ModelFamily.Fwfm:
                VectorOps.AddScaled(target, m[0], v);
                break;
            case ModelFamily.Fvfm:
                for (int i = 0; i < _k; i++) { target[i] += m[i] * v[i]; }
                break;
            default:
                if (f <= g) { AddRows(m, v, target, f == g ? 0.5f : 1); }
                if (f >= g) { AddColumns(m, v, target, f == g ? 0.5f : 1); }
                break;
        }
    }

    /// <summary>Makes a pair meet as in an FM.</summary>
    public void SetIdentity(Span<float> pair)
    {
        pair.Clear();
        if (shape.Family == ModelFamily.Fwfm) { pair[0] = 1; }
        else
        {
            for (int i = 0; i < _k; i++) { pair[shape.Family == ModelFamily.Fvfm ? i : (i * _stride) + i] = 1; }
        }
    }

    /// <summary>The numbers of a pair as those of the pair the other way round.</summary>
    public void SetTransposed(ReadOnlySpan<float> pair, Span<float> target)
    {
        pair.CopyTo(target);
        for (int r = 0; shape.Family == ModelFamily.Fmfm && r < _k; r++)
        {
            for (int c = 0; c < _k; c++) { target[(r * _stride) + c] = pair[(c * _stride) + r]; }
        }
    }

    private void AddRows(ReadOnlySpan<float> m, ReadOnlySpan<float> v, Span<float> target, float share)
    {
        for (int r = 0; r < _k; r++) { target[r] += share * VectorOps.Dot(m.Slice(r * _stride, _k), v); }
    }

    private void AddColumns(ReadOnlySpan<float> m, ReadOnlySpan<float> v, Span<float> target, float share)
    {
        for (int r = 0; r < _k; r++) { VectorOps.AddScaled(target, share * v[r], m.Slice(r * _stride, _k)); }
    }
}
