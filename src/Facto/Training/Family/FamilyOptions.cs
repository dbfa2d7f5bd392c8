using Facto.Data;
using Facto.Models;
using Facto.Models.Family;
using Facto.Training.Sgd;

namespace Facto.Training.Family;

/// <summary>What a run of the family asks for: the member, its numbers of factors, and LIBFFM's instance-wise normalisation.</summary>
/// <param name="Shape">The member.</param>
/// <param name="Normalizes">Learn with every example's values divided by its length.</param>
internal sealed record FamilyOptions(FamilyShape Shape, bool Normalizes)
{
    /// <summary>Options of the family, by the names of <see cref="TrainOptions.Extra"/>.</summary>
    public const string ThirdOrder = "factors3", Shared = "shared-factors", InstanceNorm = "instance-norm";

    private static readonly string[] Known = [ThirdOrder, Shared, InstanceNorm, SgdSettings.PriorLinearOption,
        SgdSettings.PriorFactorsOption];

    public static FamilyOptions Of(TrainOptions options)
    {
        if (options.Extra.Keys.FirstOrDefault(key => !Known.Contains(key)) is { } unknown)
        {
            throw new FactoException($"family '{FamilyModelFile.KindOf(options.Family)}' has no option '{unknown}'; it has "
                + $"{string.Join(", ", Known)}");
        }

        bool isThird = options.Family == ModelFamily.Fm3, shared = Switch(options, Shared);
        int? third = options.Extra.TryGetValue(ThirdOrder, out double value) ? (int)value : null;
        if (third is not null && value is not (>= 0 and <= 1 << 16))
        {
            throw new FactoException(FormattableString.Invariant($"option {ThirdOrder} is {value}; it must be 0 to 65536"));
        }
        if (!isThird && (shared || third is not null))
        {
            throw new FactoException($"options {ThirdOrder} and {Shared} belong to the family fm3; leave them out, or choose --family fm3");
        }
        if (shared && third is not null)
        {
            throw new FactoException($"with {Shared} triples use the factors of pairs: leave out {ThirdOrder}");
        }
        int k = options.Factors;
        return new FamilyOptions(new FamilyShape(options.Family, k, !isThird ? 0 : shared ? k : third ?? k, shared), Switch(options,
            InstanceNorm));
    }

    /// <summary>Rates and penalties. Normalisation with one length for all examples is a change of scale: with x' = s·x learnt, w' = w/s
    /// and the same scores, so it is another rate, another start and another penalty, and the model needs no normalisation
    /// afterwards.</summary>
    public SgdSettings Settings(TrainOptions options, DataShape shape, FeatureSchema schema, TrainingExamples examples)
    {
        TrainOptions plain = options with { Extra = options.Extra.Where(e =>
            e.Key is SgdSettings.PriorLinearOption or SgdSettings.PriorFactorsOption).ToDictionary() };
        SgdSettings settings = SgdSettings.Of(plain, FamilyDefaults.Of(options, shape), schema);
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

    private static bool Switch(TrainOptions options, string name)
    {
        if (!options.Extra.TryGetValue(name, out double value)) { return false; }
        return value is 0 or 1 ? value == 1 : throw new FactoException(FormattableString.Invariant(
            $"option {name} is {value}; it must be 0 (no) or 1 (yes)"));
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
            throw new FactoException($"{InstanceNorm} needs examples of one length, and √Σx² goes from {range}: divided by lengths that differ "
                + "a score is no inner product. Leave it out, or give users and items values of one length each");
        }

        return Math.Sqrt(high);
    }
}

/// <summary>What the family uses where the options are silent.</summary>
internal static class FamilyDefaults
{
    public static SgdDefaults Of(TrainOptions options, DataShape shape) => SgdDefaults.Of(options.Solver, options.Task, shape,
        options.Factors);
}
