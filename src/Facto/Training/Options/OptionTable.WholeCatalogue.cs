namespace Facto.Training.Options;

internal static partial class OptionTable
{
    private const int MostBlock = 1024, BlockStep = 16;

    public static IReadOnlyList<SolverOption> WholeCatalogue { get; } =
    [
        Factors.From(1), Epochs, Threads, Seed, Patience, HistoryFolds,
        InitStandardDeviation.With("0.1/sqrt(factors)", s => 0.1 / Math.Sqrt(s.Factors)).Quiet(),
        RegularizationFactors.From(0, open: true).With("0.003", _ => 0.003, "0.0003..0.1 log"),
        Flag("linear", 1, "1 learns linear weights, 0 leaves them out", "Bayer et al. 2017, equation 3",
            "0 when popular items crowd out the rest"),
        ReadWhenLinear(RegularizationLinear.With("as reg-factors", s => s["reg-factors"])),
        new("unobserved-weight")
        {
            LowIsOpen = true,
            High = 1e6,
            Default = "0.1",
            Rule = _ => 0.1,
            Summary = "alpha0: weight of every pair of user and item against an observed one",
            Source = "Bayer et al. 2017, equation 5; Rendle et al. 2021 on how much it matters",
            WhenToChange = "The first one to search: lower for larger catalogues, 0.005 to 1 is usual",
            Search = "0.005..1 log",
        },
        new("reg-exponent")
        {
            High = 2,
            Default = "1",
            Rule = _ => 1,
            Summary = "nu: a feature's L2 is the option's times (weight of the pairs that it takes part in)^nu",
            Source = "Rendle et al. 2021 (iALS revisited), equation 6",
            WhenToChange = "Lower for more weight on frequent users and items",
            Search = "0..1.2",
        },
        Number("popularity-exponent", (0, 2), 0,
            "rho: an unobserved item weighs in proportion to (its positives)^rho, 1 on average; 0 weighs all alike",
            "He et al. 2016 (eALS), equation 8", "0.3 to 0.7 when popular items that a user does not have are likely to be unwanted"),
        new("block")
        {
            Kind = OptionKind.Whole,
            High = MostBlock,
            Allows = v => v % BlockStep == 0,
            RangeWords = $"0, or a multiple of {BlockStep} up to {MostBlock}",
            Default = "0",
            Rule = _ => 0,
            Summary = "Factors solved for together; 0 goes by their number and by the features of a side",
            Source = "Rendle et al. 2021 (iALS++), section 4",
            WhenToChange = "Only for speed: smaller with very many factors",
        },
    ];

    private static SolverOption ReadWhenLinear(SolverOption option) =>
        option.ReadWhen(s => s["linear"] == 1 ? null : "linear is 0, so there are no linear weights");
}
