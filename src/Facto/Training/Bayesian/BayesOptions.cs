namespace Facto.Training.Bayesian;

/// <summary>How long a sampler runs before it counts and what it keeps, read from <see cref="TrainOptions"/>.</summary>
/// <param name="BurnIn">Sweeps before the first that counts.</param>
/// <param name="Samples">Draws that the model keeps.</param>
internal sealed record BayesOptions(int BurnIn, int Samples)
{
    public const int DefaultBurnIn = 10, DefaultSamples = 16;

    public static BayesOptions Of(TrainOptions options)
    {
        RefuseExtra(options, "gibbs");
        int burnIn = options.BurnIn ?? Math.Min(DefaultBurnIn, options.Epochs - 1), samples = options.Samples ?? DefaultSamples;
        if (burnIn >= options.Epochs)
        {
            throw new FactoException($"option burn-in is {burnIn}; it must be below epochs ({options.Epochs}), or no draw would be kept");
        }

        return new BayesOptions(burnIn, samples);
    }

    public static void RefuseExtra(TrainOptions options, string solver, string? known = null)
    {
        if (options.Extra.Keys.FirstOrDefault(name => name != known) is { } unknown) { throw new FactoException($"option {unknown} is unknown to the solver '{solver}'"); }
    }
}
