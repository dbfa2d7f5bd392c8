using Facto.Training.Options;

namespace Facto.Training.Bayesian;

/// <summary>How long a sampler runs before it counts and what it keeps.</summary>
/// <param name="BurnIn">Sweeps before the first that counts.</param>
/// <param name="Samples">Draws that the model keeps.</param>
internal sealed record BayesOptions(int BurnIn, int Samples)
{
    /// <exception cref="FactoException">Nothing would be kept.</exception>
    public static BayesOptions Of(SolverSettings options)
    {
        int burnIn = (int)options["burn-in"];
        return burnIn < options.Epochs
            ? new BayesOptions(burnIn, (int)options["samples"])
            : throw new FactoException($"option burn-in is {burnIn}; it must be below epochs ({options.Epochs}), or no draw would be kept");
    }
}
