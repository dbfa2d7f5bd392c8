using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Training.Options;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>What a run of the family asks for: the member, its numbers of factors, and LIBFFM's instance-wise normalisation.</summary>
/// <param name="Shape">The member.</param>
/// <param name="Normalizes">Learn with every example's values divided by its length.</param>
internal sealed record FamilyOptions(FamilyShape Shape, bool Normalizes)
{
    /// <summary>Options of the family, by their names in <see cref="OptionTable"/>.</summary>
    public const string ThirdOrder = "factors3", Shared = "shared-factors", InstanceNorm = "instance-norm";

    /// <summary>The options that were given, or that follow.</summary>
    public static FamilyOptions Of(SolverSettings options)
    {
        bool isThird = options.Family == ModelFamily.Fm3, shared = isThird && options[Shared] == 1;
        int k = options.Factors, third = !isThird ? 0 : shared ? k : (int)options[ThirdOrder];
        return new FamilyOptions(new FamilyShape(options.Family, k, third, shared), options[InstanceNorm] == 1);
    }

    /// <summary>Rates and penalties. Normalisation with one length for all examples is a change of scale: with x' = s·x learnt, w' = w/s
    /// and the same scores, so it is another rate, another start and another penalty, and the model needs no normalisation
    /// afterwards.</summary>
    public SgdSettings Settings(SolverSettings options, DataShape shape, FeatureSchema schema, TrainingExamples examples)
    {
        SgdDefaults defaults = SgdDefaults.Of(options.Solver, options.Task, shape, options.Factors);
        SgdSettings settings = SgdSettings.Of(options, defaults, schema);
        if (!Normalizes) { return settings; }
        double length = OneLength(examples), s = 1 / length;
        bool plainSteps = options.Solver == "sgd";
        return settings with
        {
            Eta = (float)(settings.Eta * (plainSteps ? s * s : s)),
            InitStandardDeviation = (float)(settings.InitStandardDeviation * s),
            InitialAccumulator = (float)(settings.InitialAccumulator / (s * s)),
            LambdaLinear = [.. settings.LambdaLinear.Select(l => (float)(l / (s * s)))],
            LambdaFactors = [.. settings.LambdaFactors.Select(l => (float)(l / (s * s)))],
        };
    }

    // The length √Σx² that all examples have.
    private static unsafe double OneLength(TrainingExamples examples)
    {
        if (examples.Table is not null) { return Math.Sqrt(Math.Max(1, examples.Width)); }
        int most = Math.Max(1, examples.Reader.MaxWidth);
        using var features = new Numerics.NativeBlock<int>(most);
        using var values = new Numerics.NativeBlock<float>(most);
        double low = double.PositiveInfinity, high = 0;
        for (int i = 0; i < examples.Count; i++)
        {
            int count = examples.Reader.Gather(examples.RowsAreOrdered ? i : examples.Order[i], features.Pointer, values.Pointer);
            double square = Numerics.VectorOps.SumOfSquares(values.Span[..count]);
            (low, high) = (Math.Min(low, square), Math.Max(high, square));
        }

        if (high - low > 1e-4 * high || high == 0)
        {
            string range = FormattableString.Invariant($"{Math.Sqrt(low):0.###} to {Math.Sqrt(high):0.###}");
            throw new FactoException($"{InstanceNorm} needs examples of one length, and √Σx² goes from {range}: divided by lengths that "
                + "differ a score is no inner product. Leave it out, or give users and items values of one length each");
        }

        return Math.Sqrt(high);
    }
}
