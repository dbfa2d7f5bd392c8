using Facto.Data;
using Facto.Models;

namespace Facto.Training.Sgd;

/// <summary>The options of an SGD run with every default filled in.</summary>
/// <param name="Eta">η of the first pass.</param>
/// <param name="InitStandardDeviation">Of the initial factors.</param>
/// <param name="LambdaBias">L2 on w₀.</param>
/// <param name="LambdaLinear">L2 on w, field by field.</param>
/// <param name="LambdaFactors">L2 on V, field by field.</param>
/// <param name="InitialAccumulator">AdaGrad's first sum.</param>
internal sealed record SgdSettings(
    float Eta, float InitStandardDeviation, float LambdaBias, float[] LambdaLinear, float[] LambdaFactors, float InitialAccumulator)
{
    /// <summary>True when fields differ in their L2.</summary>
    public bool HasFieldLambdas => LambdaLinear.Distinct().Count() > 1 || LambdaFactors.Distinct().Count() > 1;

    public static SgdSettings Of(TrainOptions options, SgdDefaults defaults, FeatureSchema schema)
    {
        float linear = options.RegularizationLinear ?? defaults.LambdaLinear;
        float factors = options.RegularizationFactors ?? defaults.LambdaFactors;
        return new SgdSettings(
            options.LearningRate ?? defaults.Eta,
            options.InitStandardDeviation ?? defaults.InitStandardDeviation,
            options.RegularizationBias ?? 0,
            [.. schema.Fields.Select(f => f.Spec.RegularizationLinear ?? linear)],
            [.. schema.Fields.Select(f => f.Spec.RegularizationFactors ?? factors)],
            options.InitialAccumulator ?? defaults.InitialAccumulator);
    }
}

/// <summary>What a solver uses where the options are silent; measured in experiments/.</summary>
internal readonly record struct SgdDefaults(float Eta, float InitStandardDeviation, float LambdaLinear, float LambdaFactors, float InitialAccumulator = 1)
{
    public static SgdDefaults Of(string solver, LearningTask task) => (solver, task) switch
    {
        ("sgd", LearningTask.Regression) => new(0.02f, 0.01f, 0.005f, 0.04f),
        ("sgd", _) => new(0.05f, 0.05f, 1e-4f, 0.002f),
        ("sgda", LearningTask.Regression) => new(0.01f, 0.05f, 0.005f, 0.02f),
        ("sgda", _) => new(0.05f, 0.05f, 1e-4f, 0.002f),
        ("adagrad", LearningTask.Regression) => new(0.1f, 0.01f, 0.01f, 0.03f, 4),
        ("adagrad", _) => new(0.15f, 0.1f, 1e-4f, 0.003f),
        (_, LearningTask.Regression) => new(0.002f, 0.02f, 0.005f, 0.03f),
        _ => new(0.001f, 0.05f, 1e-5f, 1e-3f),
    };
}
