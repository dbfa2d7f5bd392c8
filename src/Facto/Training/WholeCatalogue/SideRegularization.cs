using Facto.Data;

namespace Facto.Training.WholeCatalogue;

/// <summary>
/// L2 per feature, scaled by how much of the objective the feature takes part in (Rendle et al. 2021): λ_l = λ·(Σ_{c∋l} x_cl² (Σ_{S_c} ω +
/// α₀ m_c q̄))^ν.
/// </summary>
internal sealed class SideRegularization
{
    private readonly float[] _factors;
    private readonly float[]? _linear;
    private readonly int _first;

    public SideRegularization(FeatureSchema schema, CatalogueSide side, PairTable pairs, double partnerWeight, CatalogueSettings options)
    {
        _first = side.Fields.Length == 0 ? 0 : side.Fields[0].First;
        int count = side.Fields.Length == 0 ? 0 : side.Fields[^1].End - _first;
        _factors = new float[count];
        _linear = options.RegularizationLinear is null ? null : new float[count];
        foreach (SideField field in side.Fields)
        {
            FieldSpec spec = schema.Fields[schema.FieldIndexOf(field.First)].Spec;
            double factors = spec.RegularizationFactors ?? options.RegularizationFactors;
            double linear = spec.RegularizationLinear ?? options.RegularizationLinear ?? 0;
            for (int l = field.First; l < field.End; l++)
            {
                double weight = FeatureWeight(side, pairs, l, options.UnobservedWeight * partnerWeight);
                if (weight == 0) { continue; }
                double scale = Math.Pow(weight, options.FrequencyExponent);
                _factors[l - _first] = (float)Math.Max(factors * scale, 1e-6);
                if (_linear is not null) { _linear[l - _first] = (float)Math.Max(linear * scale, 1e-6); }
            }
        }
    }

    public bool HasLinear => _linear is not null;

    /// <summary>False when the feature is in no row that counts: then nothing is known about it.</summary>
    public bool IsObserved(int feature) => (uint)(feature - _first) < (uint)_factors.Length && _factors[feature - _first] > 0;

    public float Factors(int feature) => _factors[feature - _first];

    public float Linear(int feature) => _linear![feature - _first];

    private static double FeatureWeight(CatalogueSide side, PairTable pairs, int feature, double unobserved)
    {
        double weight = 0;
        for (long i = side.FeatureOffsets[feature]; i < side.FeatureOffsets[feature + 1L]; i++)
        {
            int row = side.FeatureRows[i];
            double x = side.FeatureValues[i];
            weight += x * x * (pairs.Weight(row) + (unobserved * side.Weight(row)));
        }

        return weight;
    }
}
