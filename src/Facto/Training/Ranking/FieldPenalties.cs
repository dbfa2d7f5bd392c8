using Facto.Data;
using Facto.Training.Options;

namespace Facto.Training.Ranking;

/// <summary>L2 per feature: the field's own where its specification has one, the run's otherwise.</summary>
internal sealed class FieldPenalties
{
    private readonly float[]? _linear;     // per feature, null when all fields share one value
    private readonly float[]? _factors;
    private readonly float _commonLinear;
    private readonly float _commonFactors;

    public FieldPenalties(FeatureSchema schema, SolverSettings options)
    {
        (_commonLinear, _commonFactors) = (options.RegularizationLinear ?? 0, options.RegularizationFactors ?? 0);
        _linear = Expand(schema, _commonLinear, s => s.RegularizationLinear);
        _factors = Expand(schema, _commonFactors, s => s.RegularizationFactors);
    }

    /// <summary>L2 of a feature's weight.</summary>
    public float Linear(int feature) => _linear is null ? _commonLinear : _linear[feature];

    /// <summary>L2 of a feature's factors.</summary>
    public float Factors(int feature) => _factors is null ? _commonFactors : _factors[feature];

    private static float[]? Expand(FeatureSchema schema, float common, Func<FieldSpec, float?> own)
    {
        if (schema.Fields.All(f => own(f.Spec) is null)) { return null; }
        float[] values = new float[schema.FeatureCount];
        foreach (Field field in schema.Fields) { values.AsSpan(field.Offset, field.Count).Fill(own(field.Spec) ?? common); }
        return values;
    }
}
