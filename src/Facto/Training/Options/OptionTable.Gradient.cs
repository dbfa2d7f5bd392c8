namespace Facto.Training.Options;

internal static partial class OptionTable
{
    private const string FromData = "from the data", FromDataRule = "from the data: experiments/defaults";

    private static readonly SolverOption s_rate = new("learning-rate")
    {
        Setting = "learningRate",
        LowIsOpen = true,
        Summary = "Step size in the first epoch",
        WhenToChange = "Lower when the loss jumps or the run diverges; higher when it falls slowly",
        Search = "0.005..0.4 log",
        Get = o => o.LearningRate,
        Put = (o, v) => o with { LearningRate = (float)v },
    };

    private static readonly SolverOption s_schedule = new("schedule")
    {
        Setting = "schedule",
        Kind = OptionKind.Choice,
        High = 2,
        Choices = () => ["constant", "inverseTime", "cosine"],
        Default = "constant",
        Rule = _ => 0,
        Summary =
            "How the step size changes: constant, inverseTime (1/(1 + decay t), t in epochs) or cosine (half a wave from 1 to 0 over "
                + "all epochs)",
        Source = "Bottou 2012, section 5.2; Loshchilov and Hutter 2017, equation 5 without restarts",
        WhenToChange = "cosine for the last per cent of quality when the number of epochs is fixed",
        Get = o => o.Schedule is { } schedule ? (double)schedule : null,
        Put = (o, v) => o with { Schedule = (LearningRateSchedule)(int)v },
    };

    private static readonly SolverOption s_decay = new("decay")
    {
        Setting = "decay",
        Default = "0.1",
        Rule = _ => 0.1f,
        Summary = "Of schedule inverseTime, per epoch",
        Source = "Bottou 2012, section 5.2",
        WhenToChange = "Higher when the loss goes up and down in late epochs",
        Unread = s => s.Schedule == LearningRateSchedule.InverseTime ? null
            : $"only the schedule inverseTime has a decay, and this one is {s_schedule!.Write((double)s.Schedule)}",
        Get = o => o.Decay,
        Put = (o, v) => o with { Decay = (float)v },
    };

    private static readonly SolverOption s_loss = new("loss")
    {
        Setting = "loss",
        Kind = OptionKind.Choice,
        Choices = () => [.. Losses.All.Select(l => l.Name)],
        RangeWords = "squared, logistic, or a loss that a program has registered",
        Default = "squared for the task regression, logistic for binary",
        Rule = s => Losses.All.ToList().FindIndex(l => l.Task == s.Task) is >= 0 and int own ? own : null,
        Summary = "What one example costs; the loss must serve the task",
        WhenToChange = "When a loss of your own is registered",
        Get = o => o.Loss is { } name ? Losses.IndexOf(name) : null,
        Put = (o, v) => o with { Loss = Losses.All[(int)v].Name },
    };

    private static readonly SolverOption s_accumulator = new("initial-accumulator")
    {
        Setting = "initialAccumulator",
        LowIsOpen = true,
        Summary = "What every sum of squared gradients starts with; the larger, the gentler the first steps",
        Source = "Duchi, Hazan and Singer 2011, section 1.3 (delta)",
        WhenToChange = "Higher when the first epoch overshoots",
        Get = o => o.InitialAccumulator,
        Put = (o, v) => o with { InitialAccumulator = (float)v },
    };

    private static readonly SolverOption s_priorLinear = new("prior-linear")
    {
        High = 1e9,
        Summary = "Precision of the normal prior of each linear weight, paid once per epoch: what a rare feature is held by",
        Source = "experiments/defaults",
        WhenToChange = "Higher when features that occur once or twice are believed too much",
    };

    private static readonly SolverOption s_priorFactors = new("prior-factors")
    {
        High = 1e9,
        Summary = "Precision of the normal prior of each factor, paid once per epoch: what a rare feature is held by",
        Source = "experiments/defaults",
        WhenToChange = "Higher when features that occur once or twice are believed too much",
    };

    public static IReadOnlyList<SolverOption> AdaGrad { get; } =
        [.. Pointwise(), .. Family, s_accumulator.With("1; 4 for the task regression")];

    public static IReadOnlyList<SolverOption> Sgd { get; } = [.. Pointwise(), .. Family];

    public static IReadOnlyList<SolverOption> Adam { get; } = [.. Pointwise("0.0003..0.02 log", "1e-5..0.1 log"), .. Family];

    public static IReadOnlyList<SolverOption> Sgda { get; } = Pointwise();

    // Of the SGD family every default looks at the data: how many features an example has, and how many examples a feature.
    private static SolverOption[] Pointwise(string rates = "0.005..0.4 log", string penalties = "1e-4..0.1 log") =>
    [
        Factors, Epochs, Threads, Seed, Patience, HistoryFolds,
        s_rate.With($"{FromData}: lower the more features an example has", search: rates),
        s_schedule, s_decay, s_loss,
        InitStandardDeviation.With($"{FromData}: 0.01 to 0.05, lower the more features an example has"),
        RegularizationBias,
        RegularizationLinear.With(FromDataRule),
        RegularizationFactors.With(FromDataRule, search: penalties),
        s_priorLinear.With("an eighth of prior-factors; 0 when reg-linear is given, and for sgda"),
        s_priorFactors.With($"{FromData}: 1 to 200, higher the rarer features are; 0 when reg-factors is given, and for sgda"),
    ];
}
