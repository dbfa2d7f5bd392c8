using Facto.Models;
using Facto.Models.Family;

namespace Facto.Training.Options;

internal static partial class OptionTable
{
    // A property, as the lists that take it in may be made before any field of this file is.
    private static SolverOption[] Family =>
    [
        new("family")
        {
            Setting = "family",
            Kind = OptionKind.Choice,
            High = (int)ModelFamily.Fm3,
            Choices = () => [.. Enum.GetValues<ModelFamily>().Select(FamilyModelFile.KindOf)],
            Default = "fm",
            Rule = _ => (int)ModelFamily.Fm,
            Summary = "Which features meet how: fm; fwfm, fvfm or fmfm (a weight, a vector or a matrix per pair of fields); ffm (a vector "
                + "per feature and field); fm3 (triples too)",
            Source = "Rendle 2010; Pan et al. 2018; Sun et al. 2021; Juan et al. 2016; Blondel et al. 2016",
            WhenToChange = "For clicks with many fields: fwfm first, then fmfm or ffm with few factors (experiments/family)",
            Get = o => o.Family is { } family ? (double)family : null,
            Put = (o, v) => o with { Family = (ModelFamily)(int)v },
        },
        new("shared-factors")
        {
            Kind = OptionKind.Flag,
            High = 1,
            Default = "0",
            Rule = _ => 0,
            Summary = "Family fm3: 1 lets triples use the factors of pairs",
            Source = "Blondel et al. 2016, section 4",
            WhenToChange = "To halve the model, when triples say little beside pairs",
            Unread = s => s.Family == ModelFamily.Fm3 ? null : OfTriples(s),
        },
        new("factors3")
        {
            Kind = OptionKind.Whole,
            High = MostFactors,
            Default = "as many as factors",
            Rule = s => s.Factors,
            Summary = "Family fm3: factors per feature for triples",
            Source = "Blondel et al. 2016, equation 4",
            WhenToChange = "Fewer when validation is best after few epochs",
            Unread = s => s.Family != ModelFamily.Fm3 ? OfTriples(s)
                : s["shared-factors"] == 1 ? "with shared-factors triples use the factors of pairs" : null,
        },
        new("instance-norm")
        {
            Kind = OptionKind.Flag,
            High = 1,
            Default = "0",
            Rule = _ => 0,
            Summary = "1 learns with every example's values divided by their length, which must be the same for all",
            Source = "Juan et al. 2016, section 4.1",
            WhenToChange = "To compare with LIBFFM or xLearn, which normalise unless told not to",
            Unread = s => s.Family == ModelFamily.Fm ? "the family fm has no such normalisation" : null,
        },
    ];

    private static string OfTriples(SolverSettings settings) =>
        $"only the family fm3 has triples, and this one is {FamilyModelFile.KindOf(settings.Family)}";
}
