namespace Facto.Training.Options;

/// <summary>
/// Bayesian FM by Gibbs sampling (Freudenthaler, Schmidt-Thieme and Rendle 2011): nothing to tune, best ratings, intervals.
/// </summary>
/// <remarks>A value that is null follows the default rule that <c>facto help gibbs</c> tells.</remarks>
public sealed class GibbsOptions : SolverOptions
{
    /// <summary>Options of the solver gibbs, all at their defaults.</summary>
    public GibbsOptions()
        : base("gibbs")
    {
    }

    /// <summary>Sweeps before the first that counts. Range: at least 0 and below epochs.</summary>
    public int? BurnIn
    {
        get => Whole("burn-in");
        init => Set("burn-in", value);
    }

    /// <summary>Draws that the model keeps, evenly spread over the sweeps after the burn-in. Range: 1 to 1024.</summary>
    public int? Samples
    {
        get => Whole("samples");
        init => Set("samples", value);
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
