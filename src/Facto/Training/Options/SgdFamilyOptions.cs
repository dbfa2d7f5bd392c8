namespace Facto.Training.Options;

/// <summary>What the solvers of one model share, that is all but the sampler.</summary>
public abstract class RegularizedOptions : SolverOptions
{
    private protected RegularizedOptions(string solver)
        : base(solver)
    {
    }

    /// <summary>
    /// Stop after so many epochs without a better validation metric, and keep the best epoch; 0 runs all. Range: at least 0.
    /// </summary>
    public int? Patience
    {
        get => Whole("patience");
        init => Set("patience", value);
    }

    /// <summary>L2 on the linear weights w. Range: at least 0.</summary>
    public float? RegularizationLinear
    {
        get => Number("reg-linear");
        init => Set("reg-linear", value);
    }

    /// <summary>L2 on the factors V; for icd it must be above 0. Range: at least 0.</summary>
    public float? RegularizationFactors
    {
        get => Number("reg-factors");
        init => Set("reg-factors", value);
    }
}

/// <summary>What the solvers that follow a gradient share.</summary>
public abstract class GradientOptions : RegularizedOptions
{
    private protected GradientOptions(string solver)
        : base(solver)
    {
    }

    /// <summary>Step size in the first epoch. Range: above 0.</summary>
    public float? LearningRate
    {
        get => Number("learning-rate");
        init => Set("learning-rate", value);
    }

    /// <summary>How the step size changes. Range: constant, inverseTime, cosine.</summary>
    public LearningRateSchedule? Schedule
    {
        get => (LearningRateSchedule?)Whole("schedule");
        init => Set("schedule", (int?)value);
    }

    /// <summary>Of <see cref="LearningRateSchedule.InverseTime"/>, per epoch; refused with any other schedule. Range: at least 0.</summary>
    public float? Decay
    {
        get => Number("decay");
        init => Set("decay", value);
    }

    /// <summary>
    /// Folds of each user's bag of items, so that no example sees its own item there; 0 leaves bags whole. Range: 0, or 2 to 100.
    /// </summary>
    public int? HistoryFolds
    {
        get => Whole("history-folds");
        init => Set("history-folds", value);
    }
}

/// <summary>
/// What the SGD family shares: one step per example. Where nothing is given, the defaults follow the data (experiments/defaults).
/// </summary>
public abstract class PointwiseOptions : GradientOptions
{
    private protected PointwiseOptions(string solver)
        : base(solver)
    {
    }

    /// <summary>
    /// What one example costs; the loss must serve the task. Range: squared, logistic, or a loss that a program has registered.
    /// </summary>
    public string? Loss
    {
        get => Whole("loss") is { } place ? Losses.All[place].Name : null;
        init => Set("loss", value is null ? null : Losses.IndexOf(value));
    }

    /// <summary>L2 on the global bias w₀. Range: at least 0.</summary>
    public float? RegularizationBias
    {
        get => Number("reg-bias");
        init => Set("reg-bias", value);
    }

    /// <summary>Precision of the normal prior of each linear weight, paid once per epoch. Range: 0 to 1E+09.</summary>
    public double? PriorLinear
    {
        get => Real("prior-linear");
        init => Set("prior-linear", value);
    }

    /// <summary>Precision of the normal prior of each factor, paid once per epoch. Range: 0 to 1E+09.</summary>
    public double? PriorFactors
    {
        get => Real("prior-factors");
        init => Set("prior-factors", value);
    }
}

/// <summary>
/// Stochastic gradient descent with a step size per parameter that shrinks with use (Duchi, Hazan and Singer 2011): the default for ratings
/// and clicks.
/// </summary>
/// <remarks>A value that is null follows the default rule that <c>facto help adagrad</c> tells.</remarks>
public sealed class AdaGradOptions : PointwiseOptions
{
    /// <summary>Options of the solver adagrad, all at their defaults.</summary>
    public AdaGradOptions()
        : base("adagrad")
    {
    }

    /// <summary>What every sum of squared gradients starts with; the larger, the gentler the first steps. Range: above 0.</summary>
    public float? InitialAccumulator
    {
        get => Number("initial-accumulator");
        init => Set("initial-accumulator", value);
    }
}

/// <summary>Plain stochastic gradient descent (Rendle 2010): the least memory.</summary>
/// <remarks>A value that is null follows the default rule that <c>facto help sgd</c> tells.</remarks>
public sealed class SgdOptions : PointwiseOptions
{
    /// <summary>Options of the solver sgd, all at their defaults.</summary>
    public SgdOptions()
        : base("sgd")
    {
    }
}

/// <summary>Stochastic gradient descent with momentum and a step size per parameter (Kingma and Ba 2015).</summary>
/// <remarks>A value that is null follows the default rule that <c>facto help adam</c> tells.</remarks>
public sealed class AdamOptions : PointwiseOptions
{
    /// <summary>Options of the solver adam, all at their defaults.</summary>
    public AdamOptions()
        : base("adam")
    {
    }
}

/// <summary>Gradient descent that learns each field's L2 on validation examples (Rendle 2012): needs a validation split.</summary>
/// <remarks>A value that is null follows the default rule that <c>facto help sgda</c> tells.</remarks>
public sealed class SgdaOptions : PointwiseOptions
{
    /// <summary>Options of the solver sgda, all at their defaults.</summary>
    public SgdaOptions()
        : base("sgda")
    {
    }
}
