using Facto.Models;

namespace Facto.Training.Options;

/// <summary>
/// Every option of every solver, described once. The lists at the end of each part say which solver reads which, in the order in which help
/// shows them; an option whose default follows from another one stands after it.
/// </summary>
internal static partial class OptionTable
{
    private const int MostFactors = 1 << 16, MostThreads = 1024, MostFolds = 100;

    public static SolverOption Factors { get; } = new("factors")
    {
        Setting = "factors",
        Kind = OptionKind.Whole,
        High = MostFactors,
        Default = "16; 32 for the task ranking",
        Rule = s => s.Task == LearningTask.Ranking ? 32 : 16,
        Summary = "Factors per feature (k); 0 learns linear or logistic regression, which ranking solvers refuse",
        Source = "Rendle 2010, equation 1",
        WhenToChange = "More (32 to 256) for large, dense logs; fewer when validation is best after few epochs",
        Get = o => o.Factors,
        Put = (o, v) => o with { Factors = (int)v },
    };

    public static SolverOption Epochs { get; } = new("epochs")
    {
        Setting = "epochs",
        Kind = OptionKind.Whole,
        Low = 1,
        High = int.MaxValue,
        RangeWords = "at least 1",
        Default = "20",
        Rule = _ => 20,
        Summary = "Epochs over the training examples (sweeps of a sampler); with validation the most there may be",
        WhenToChange = "More when the best epoch is the last one",
        Get = o => o.Epochs,
        Put = (o, v) => o with { Epochs = (int)v },
    };

    public static SolverOption Threads { get; } = new("threads")
    {
        Setting = "threads",
        Kind = OptionKind.Whole,
        Low = 1,
        High = MostThreads,
        Default = "1",
        Rule = _ => 1,
        Summary = "Workers; one worker and one seed give the same bytes every time",
        Source = "Niu et al. 2011 (Hogwild) for the solvers that update shared parameters without locks",
        WhenToChange = "As many as there are cores when equal bytes are not needed",
        Get = o => o.Threads,
        Put = (o, v) => o with { Threads = (int)v },
    };

    public static SolverOption Seed { get; } = new("seed")
    {
        Setting = "seed",
        Kind = OptionKind.Whole,
        High = ulong.MaxValue,
        RangeWords = "0 to 18446744073709551615",
        Default = "1",
        Rule = _ => 1,
        Summary = "Start of every random sequence",
        WhenToChange = "To see how far results differ by chance",
        Get = o => o.Seed,
        Put = (o, v) => o with { Seed = (ulong)v },
    };

    public static SolverOption InitStandardDeviation { get; } = new("init-stdev")
    {
        Setting = "initStandardDeviation",
        Summary = "Standard deviation of the first factors",
        Source = "experiments/defaults",
        WhenToChange = "Lower when the run diverges in its first epoch",
        Search = "0.005..0.2 log",
        Get = o => o.InitStandardDeviation,
        Put = (o, v) => o with { InitStandardDeviation = (float)v },
    };

    public static SolverOption Patience { get; } = new("patience")
    {
        Setting = "patience",
        Kind = OptionKind.Whole,
        High = int.MaxValue,
        RangeWords = "at least 0",
        Default = "3",
        Rule = _ => 3,
        Summary =
            "Stop after so many epochs without a better validation metric and keep the best epoch; 0 runs all epochs and keeps the last",
        WhenToChange = "Higher when the metric still rises after pauses; 0 to compare runs of equal length",
        Get = o => o.Patience,
        Put = (o, v) => o with { Patience = (int)v },
    };

    public static SolverOption HistoryFolds { get; } = new("history-folds")
    {
        Setting = "historyFolds",
        Kind = OptionKind.Whole,
        High = MostFolds,
        Allows = v => v != 1,
        RangeWords = $"0, or 2 to {MostFolds}",
        Default = "5",
        Rule = _ => 5,
        Summary = "Folds into which each user's bag of items is dealt, so that no example sees its own item there; 0 leaves the bags whole",
        WhenToChange = "More for short histories, at the cost of memory; 0 only to see what leaving the answer in the question does",
        Unread = s => !s.IsTaskCertain || s.Task is Models.LearningTask.Binary or Models.LearningTask.Ranking ? null
            : $"bags are folded for the tasks ranking and binary, and this is {OptionWords.Of(s.Task)}",
        Get = o => o.HistoryFolds,
        Put = (o, v) => o with { HistoryFolds = (int)v },
    };

    public static SolverOption RegularizationBias { get; } = new("reg-bias")
    {
        Setting = "regularizationBias",
        Summary = "L2 on the global bias w0",
        Source = "Rendle 2012, equation 7",
        Default = "0",
        Rule = _ => 0,
        WhenToChange = "Rarely: one number for all examples is learnt well",
        Get = o => o.RegularizationBias,
        Put = (o, v) => o with { RegularizationBias = (float)v },
    };

    public static SolverOption RegularizationLinear { get; } = new("reg-linear")
    {
        Setting = "regularizationLinear",
        Summary = "L2 on the linear weights w; a field of facto.json may have its own",
        Source = "Rendle 2012, equation 7",
        WhenToChange = "Higher when training improves and validation does not",
        Get = o => o.RegularizationLinear,
        Put = (o, v) => o with { RegularizationLinear = (float)v },
    };

    public static SolverOption RegularizationFactors { get; } = new("reg-factors")
    {
        Setting = "regularizationFactors",
        Summary = "L2 on the factors V; a field of facto.json may have its own",
        Source = "Rendle 2012, equation 7",
        WhenToChange = "The first one to search: higher when training improves and validation does not, with more factors too",
        Get = o => o.RegularizationFactors,
        Put = (o, v) => o with { RegularizationFactors = (float)v },
    };

    /// <summary>What every solver has, those from outside too.</summary>
    public static IReadOnlyList<SolverOption> Common { get; } = [Factors, Epochs, Threads, Seed, Patience, HistoryFolds];

    public static IReadOnlyList<SolverOption> Als { get; } =
    [
        Factors, Epochs, Threads, Seed, Patience,
        InitStandardDeviation.With(0.1, "0.01..0.3 log"),
        RegularizationBias,
        RegularizationLinear.With(1, "0.1..10 log"),
        RegularizationFactors.With(10, "1..100 log"),
        new("reg-exponent")
        {
            High = 2,
            Default = "0.5",
            Rule = _ => 0.5,
            Summary =
                "nu: the L2 on a feature's factors is reg-factors times (its examples / the field's mean)^nu; 0 penalises every feature "
                    + "alike",
            Source = "Zhou et al. 2008 for 1; experiments/ml-1m-als for the default",
            WhenToChange = "Towards 1 when the frequent features overfit, towards 0 when the rare ones do",
        },
    ];

    public static IReadOnlyList<SolverOption> Gibbs { get; } =
    [
        Factors, Epochs, Threads, Seed, HistoryFolds,
        InitStandardDeviation.With(0.1, "0.01..0.3 log"),
        new("burn-in")
        {
            Setting = "burnIn",
            Kind = OptionKind.Whole,
            High = int.MaxValue,
            RangeWords = "at least 0 and below epochs",
            Default = "10, or one less than epochs when that is lower",
            Rule = s => Math.Min(10, s.Epochs - 1),
            Summary = "Sweeps before the first that counts",
            Source = "Freudenthaler, Schmidt-Thieme and Rendle 2011",
            WhenToChange = "Higher when the loss still falls after ten sweeps",
            Get = o => o.BurnIn,
            Put = (o, v) => o with { BurnIn = (int)v },
        },
        new("samples")
        {
            Setting = "samples",
            Kind = OptionKind.Whole,
            Low = 1,
            High = 1024,
            Default = "16",
            Rule = _ => 16,
            Summary = "Draws that the model keeps, evenly spread over the sweeps after the burn-in",
            Source = "bench/Facto.Benchmarks/Training/PosteriorBench.cs measures what more of them give",
            WhenToChange = "More for better predictions and intervals of the saved model, at as many times the size",
            Get = o => o.Samples,
            Put = (o, v) => o with { Samples = (int)v },
        },
    ];
}
