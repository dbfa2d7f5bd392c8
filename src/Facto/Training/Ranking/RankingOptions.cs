using Facto.Models;

namespace Facto.Training.Ranking;

/// <summary>The options that the sampled ranking solvers add to <see cref="TrainOptions"/>, under these names in <see cref="TrainOptions.Extra"/>.</summary>
internal sealed record RankingOptions
{
    /// <summary>"cosine": 1 compares the sides by their cosine, 0 by their inner product.</summary>
    public Similarity Similarity { get; init; } = Similarity.Cosine;

    /// <summary>"item-term": 1 learns the item's own linear weight, 0 leaves it 0.</summary>
    public bool ItemTerm { get; init; }

    /// <summary>"temperature": τ, scores are divided by it before the exponential.</summary>
    public float Temperature { get; init; } = 0.1f;

    /// <summary>"exponent": τ₂ of the bilateral softmax, the weight of the negatives.</summary>
    public float Exponent { get; init; } = 1.2f;

    /// <summary>"negatives": drawn per batch and shared by its queries; rounded up to a multiple of 32.</summary>
    public int Negatives { get; init; } = 1024;

    /// <summary>"batch": visits per step; a visit is a user, or a user in a context, with some of its positives.</summary>
    public int Batch { get; init; } = 256;

    /// <summary>"positives": of a query in one visit, at most; 0 takes all. A pass takes each positive once, so fewer make more visits, which move the query more often.</summary>
    public int Positives { get; init; }

    /// <summary>"popularity": ρ, negatives are drawn ∝ (positives of the item)^ρ; 0 is uniform.</summary>
    public float Popularity { get; init; }

    /// <summary>"in-batch": 1 takes the negatives from the batch's own positives.</summary>
    public bool InBatch { get; init; }

    /// <summary>"log-q": 1 subtracts the log of each negative's expected count from its score, so that the sum estimates the whole catalogue's.</summary>
    public bool LogQ { get; init; }

    /// <summary>"top-k": K of SL@K.</summary>
    public int TopK { get; init; } = 20;

    /// <summary>"top-k-temperature": τ_w, how sharply SL@K cuts at rank K.</summary>
    public float TopKTemperature { get; init; } = 1f;

    /// <summary>"quantile-every": passes between two estimates of the users' K-th scores.</summary>
    public int QuantileEvery { get; init; } = 5;

    /// <summary>"candidates": negatives looked at for one positive: WARP gives up after so many, BPR takes the highest scored of them.</summary>
    public int Candidates { get; init; } = 1;

    /// <summary>Reads the options; those not given keep the value that they have in <paramref name="defaults"/>.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="defaults">The solver's own defaults.</param>
    /// <param name="known">The names that this solver knows.</param>
    /// <exception cref="FactoException">A name is unknown or a value out of range.</exception>
    public static RankingOptions Read(TrainOptions options, RankingOptions defaults, params ReadOnlySpan<string> known)
    {
        foreach (string name in options.Extra.Keys)
        {
            if (!known.Contains(name)) { throw new FactoException($"solver '{options.Solver}' has no option '{name}'; it has {string.Join(", ", known.ToArray())}"); }
        }

        return new RankingOptions
        {
            Similarity = Flag("cosine", defaults.Similarity == Similarity.Cosine) ? Similarity.Cosine : Similarity.Dot,
            ItemTerm = Flag("item-term", defaults.ItemTerm),
            Temperature = (float)Number("temperature", defaults.Temperature, 1e-3, 1e3),
            Exponent = (float)Number("exponent", defaults.Exponent, 0, 100),
            Negatives = ((int)Number("negatives", defaults.Negatives, 1, 1 << 20) + 31) / 32 * 32,
            Batch = (int)Number("batch", defaults.Batch, 1, 1 << 20),
            Positives = (int)Number("positives", defaults.Positives, 0, 1 << 20),
            Popularity = (float)Number("popularity", defaults.Popularity, 0, 2),
            InBatch = Flag("in-batch", defaults.InBatch),
            LogQ = Flag("log-q", defaults.LogQ),
            TopK = (int)Number("top-k", defaults.TopK, 1, 1000),
            TopKTemperature = (float)Number("top-k-temperature", defaults.TopKTemperature, 1e-3, 1e3),
            QuantileEvery = (int)Number("quantile-every", defaults.QuantileEvery, 1, 1e6),
            Candidates = (int)Number("candidates", defaults.Candidates, 1, 1 << 16),
        };

        double Number(string name, double standard, double low, double high)
        {
            double value = options.Extra.GetValueOrDefault(name, standard);
            return value >= low && value <= high
                ? value
                : throw new FactoException(FormattableString.Invariant($"option {name} is {value}; it must be {low} to {high}"));
        }

        bool Flag(string name, bool standard)
        {
            double value = options.Extra.GetValueOrDefault(name, standard ? 1 : 0);
            return value is 0 or 1 ? value == 1 : throw new FactoException(FormattableString.Invariant($"option {name} is {value}; it must be 0 or 1"));
        }
    }
}
