using Facto.Data;
using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training.Sgd;

/// <summary>The options of an SGD run with every default filled in.</summary>
/// <param name="Eta">η of the first pass.</param>
/// <param name="InitStandardDeviation">Of the initial factors.</param>
/// <param name="LambdaBias">L2 on w₀.</param>
/// <param name="LambdaLinear">L2 on w per example, field by field.</param>
/// <param name="LambdaFactors">L2 on V per example, field by field.</param>
/// <param name="PriorLinear">Precision of the prior of w, paid once per pass, field by field.</param>
/// <param name="PriorFactors">Precision of the prior of V, field by field.</param>
/// <param name="InitialAccumulator">AdaGrad's first sum.</param>
internal sealed record SgdSettings(
    float Eta, float InitStandardDeviation, float LambdaBias, float[] LambdaLinear, float[] LambdaFactors, float[] PriorLinear,
        float[] PriorFactors, float InitialAccumulator)
{
    /// <summary>True when fields differ in their L2.</summary>
    public bool HasFieldLambdas => LambdaLinear.Distinct().Count() > 1 || LambdaFactors.Distinct().Count() > 1;

    /// <summary>What was taken from the data, for those who want to see it; a field's own L2 is not in it.</summary>
    public required IReadOnlyDictionary<string, double> Chosen { get; init; }

    public static SgdSettings Of(SolverSettings options, SgdDefaults defaults, FeatureSchema schema)
    {
        float? linear = options.RegularizationLinear, factors = options.RegularizationFactors;
        float? priorLinear = options.Find("prior-linear"), priorFactors = options.Find("prior-factors");
        return new SgdSettings(
            options.LearningRate ?? defaults.Eta,
            options.InitStandardDeviation ?? defaults.InitStandardDeviation,
            options.RegularizationBias ?? 0,
            [.. schema.Fields.Select(f => f.Spec.RegularizationLinear ?? linear ?? defaults.LambdaLinear)],
            [.. schema.Fields.Select(f => f.Spec.RegularizationFactors ?? factors ?? defaults.LambdaFactors)],
            // Who says how strong L2 shall be gets that and nothing beside it.
            [.. schema.Fields.Select(f => priorLinear ?? ((f.Spec.RegularizationLinear ?? linear) is null ? defaults.PriorLinear : 0))],
            [.. schema.Fields.Select(f => priorFactors ?? ((f.Spec.RegularizationFactors ?? factors) is null ? defaults.PriorFactors : 0))],
            options.InitialAccumulator ?? defaults.InitialAccumulator)
        {
            Chosen = new Dictionary<string, double>
            {
                ["learning-rate"] = defaults.Eta,
                ["init-stdev"] = defaults.InitStandardDeviation,
                ["reg-linear"] = defaults.LambdaLinear,
                ["reg-factors"] = defaults.LambdaFactors,
                ["prior-linear"] = linear is null ? defaults.PriorLinear : 0,
                ["prior-factors"] = factors is null ? defaults.PriorFactors : 0,
                ["initial-accumulator"] = defaults.InitialAccumulator,
            },
        };
    }
}

/// <summary>
/// What a solver uses where the options are silent. An example with m features moves m weights and m(m−1)/2 inner products at once, so
/// steps and first factors shrink with m; the rarer features are, the less may be believed of each, so priors grow with ρ. Measured in
/// experiments/defaults.
/// </summary>
internal readonly record struct SgdDefaults(
    float Eta, float InitStandardDeviation, float LambdaLinear, float LambdaFactors, float PriorLinear = 0, float PriorFactors = 0,
        float InitialAccumulator = 1)
{
    /// <param name="solver">Of the SGD family.</param>
    /// <param name="task">Regression or binary.</param>
    /// <param name="shape">Of the training examples.</param>
    /// <param name="k">Factors: with many of them each has to explain less.</param>
    public static SgdDefaults Of(string solver, LearningTask task, DataShape shape, int k = 16)
    {
        bool squared = task == LearningTask.Regression;
        double m = Math.Max(1, shape.SquaresPerExample), less = Math.Min(1, 10 / m);
        SgdDefaults start = (solver, squared) switch
        {
            ("sgd", true) => new(Times(0.02f, less), 0.01f, 0.005f, 0.04f),
            ("sgd", false) => new((float)Math.Min(0.05, 0.25 / m), 0.05f, 0, 0),
            ("sgda", true) => new(Times(0.01f, less), 0.05f, 0.005f, 0.02f),
            ("sgda", false) => new(Times(0.05f, less), 0.05f, 1e-4f, 0.002f),
            ("adagrad", true) => new(Times(0.1f, Math.Pow(less, 1.25)), 0.01f, 0.01f, 0.03f, InitialAccumulator: 4),
            ("adagrad", false) => new(Times(0.15f, Math.Pow(less, 1.25)), 0.05f, 0, 0),
            (_, true) => new(Times(0.002f, less * less), 0.02f, 0.005f, 0.03f),
            _ => new(Times(0.0025f, Math.Pow(less, 2.5)), 0.05f, 0, 0),
        };
        start = start with { InitStandardDeviation = Times(start.InitStandardDeviation, less) };
        if (solver == "sgda") { return start; }   // learns how much regularisation is right
        float factors = (float)Math.Clamp(80 * Math.Pow(shape.FeaturesPerExample, 1.25), 1, 200);
        start = start with { PriorLinear = factors / 8, PriorFactors = factors };
        return squared
            ? start
            : start with
            {
                LambdaLinear = (float)Math.Min(1e-3, 3e-3 / m),
                LambdaFactors = (float)(Math.Min(0.01, 0.03 / m) * Math.Max(1, Math.Sqrt(k / 16.0)))
            };
    }

    private static float Times(float value, double factor) => (float)(value * factor);
}
