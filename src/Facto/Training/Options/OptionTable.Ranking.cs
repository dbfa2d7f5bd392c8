namespace Facto.Training.Options;

internal static partial class OptionTable
{
    private const int MostSampled = 1 << 20, MostCandidates = 1 << 16;

    private static readonly SolverOption s_popularity = new("popularity")
    {
        High = 2,
        Default = "0",
        Rule = _ => 0,
        Summary = "Negatives are drawn in proportion to (positives of the item)^popularity; 0 is uniform",
        Source = "Mikolov et al. 2013, section 2.2 (0.75)",
        WhenToChange = "0.5 to 1 to push popular items down, and for catalogues with a long tail that nobody asks for",
        Unread = s => s.Solver is "softmax" or "bsl" or "slk" && s["in-batch"] == 1
            ? "in-batch takes the batch's own positives for negatives, which are drawn by their popularity as it is" : null,
    };

    private static readonly SolverOption s_candidates = new("candidates")
    {
        Kind = OptionKind.Whole,
        Low = 1,
        High = MostCandidates,
        Summary = "Negatives looked at for one positive: bpr takes the one with the highest score, warp the first that violates the margin",
        Source = "Zhang et al. 2013, section 4 (bpr); Weston, Bengio and Usunier 2011, section 3 (warp)",
        WhenToChange = "More when what counts is the top of the list; each costs a score",
    };

    public static IReadOnlyList<SolverOption> Bpr { get; } = Pair(1);

    public static IReadOnlyList<SolverOption> Warp { get; } = Pair(10);

    public static IReadOnlyList<SolverOption> Softmax { get; } = Sampled("0.03..1 log");

    public static IReadOnlyList<SolverOption> BilateralSoftmax { get; } =
    [
        .. Sampled("0.05..0.5 log"),
        new("exponent")
        {
            High = 100,
            Default = "1.2",
            Rule = _ => 1.2f,
            Summary = "tau1/tau2 of the bilateral softmax: the weight of the negatives' side",
            Source = "Wu et al. 2024 (BSL), section 4",
            WhenToChange = "Higher when many positives are noise",
        },
    ];

    public static IReadOnlyList<SolverOption> SoftmaxAtK { get; } =
    [
        .. Sampled("0.05..0.5 log"),
        new("top-k")
        {
            Kind = OptionKind.Whole,
            Low = 1,
            High = 1000,
            Default = "20",
            Rule = _ => 20,
            Summary = "K: positives near rank K weigh most",
            Source = "Yang et al. 2025 (SL@K), section 3",
            WhenToChange = "To the length of the list that is shown",
        },
        new("top-k-temperature")
        {
            Low = 1e-3,
            High = 1e3,
            Default = "1",
            Rule = _ => 1,
            Summary = "How softly the weight falls beyond rank K",
            Source = "Yang et al. 2025 (SL@K), section 3",
            WhenToChange = "Lower to learn from the first K alone",
        },
        new("quantile-every")
        {
            Kind = OptionKind.Whole,
            Low = 1,
            High = 1e6,
            Default = "5",
            Rule = _ => 5,
            Summary = "Epochs between two estimates of the users' K-th scores",
            Source = "Yang et al. 2025 (SL@K), section 3",
            WhenToChange = "Lower when the metric at K jumps",
        },
    ];

    private static SolverOption[] Pair(double candidates) =>
    [
        Factors.From(1), Epochs, Threads, Seed, Patience, HistoryFolds,
        s_rate.With(0.05f, "0.005..0.3 log"),
        s_schedule, s_decay,
        InitStandardDeviation.With(0.1f, "0.01..0.3 log"),
        RegularizationLinear.With("0", _ => 0),
        RegularizationFactors.With("0", _ => 0, "1e-6..0.01 log"),
        s_accumulator.With(1),
        s_popularity,
        s_candidates.With(candidates),
    ];

    private static SolverOption[] Sampled(string temperatures) =>
    [
        Factors.From(1), Epochs, Threads, Seed, Patience, HistoryFolds,
        s_rate.With(0.01f, "0.001..0.05 log"),
        s_schedule, s_decay,
        InitStandardDeviation.With("0.1", _ => 0.1f).Quiet(),
        RegularizationLinear.With("0", _ => 0),
        RegularizationFactors.With("0", _ => 0, "1e-8..1e-4 log"),
        Number("temperature", (1e-3, 1e3), 0.1f,
            "Scores are divided by it before the exponential: the lower, the more the hardest negatives count",
            "Wu et al. 2024 (BSL), section 2", "The first one to search: 0.05 to 0.5 by cosine, more by inner product")
                .Searched(temperatures),
        Flag("cosine", 1, "1 compares the sides by their cosine, 0 by their inner product",
            "Wu et al. 2024 (BSL), section 5", "0 when the popularity of an item shall lengthen its vector"),
        Flag("item-term", 0, "1 learns the item's bias, 0 leaves it 0", "Rendle 2010, equation 1",
            "1 when popular items should come first"),
        Whole("negatives", (1, MostSampled), 1024, "Items drawn per batch and shared by its queries, rounded up to a multiple of 32",
            "Jean et al. 2015, section 3", "More for large catalogues; costs time in proportion"),
        Whole("batch", (1, MostSampled), 256, "Queries per step, each a user, or a user in a context, with some of its positives",
            "our own", "Smaller for small logs, larger with more threads"),
        Whole("positives", (0, MostSampled), 0, "Of a query in one step, at most; 0 takes all. An epoch takes each positive once",
            "our own", "1 to 8 when users have long histories: they are then moved more often"),
        Flag("in-batch", 0, "1 takes the negatives from the batch's own positives", "Yi et al. 2019, section 3",
            "With very large catalogues, together with log-q"),
        Flag("log-q", 0,
            "1 subtracts the log of a negative's expected count from its score, so that the sum estimates the whole catalogue's",
            "Bengio and Senécal 2008; Yi et al. 2019, section 3", "With popularity above 0, or in-batch"),
        s_popularity,
    ];

    private static SolverOption Number(
        string name, (double Low, double High) range, double standard, string summary, string source, string change) => new(name)
        {
            Low = range.Low,
            High = range.High,
            Default = SolverOption.Text(standard),
            Rule = _ => standard,
            Summary = summary,
            Source = source,
            WhenToChange = change,
        };

    private static SolverOption Whole(
        string name, (double Low, double High) range, double standard, string summary, string source, string change) => new(name)
        {
            Kind = OptionKind.Whole,
            Low = range.Low,
            High = range.High,
            Default = SolverOption.Text(standard),
            Rule = _ => standard,
            Summary = summary,
            Source = source,
            WhenToChange = change,
        };

    private static SolverOption Flag(string name, double standard, string summary, string source, string change) => new(name)
    {
        Kind = OptionKind.Flag,
        High = 1,
        Default = SolverOption.Text(standard),
        Rule = _ => standard,
        Summary = summary,
        Source = source,
        WhenToChange = change,
    };
}
