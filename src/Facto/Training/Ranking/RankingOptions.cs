using Facto.Models;
using Facto.Training.Options;

namespace Facto.Training.Ranking;

/// <summary>What the sampled ranking solvers read, by the names of <see cref="OptionTable"/>.</summary>
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

    /// <summary>
    /// "positives": of a query in one visit, at most; 0 takes all. A pass takes each positive once, so fewer make more visits, which move
    /// the query more often.
    /// </summary>
    public int Positives { get; init; }

    /// <summary>"popularity": ρ, negatives are drawn ∝ (positives of the item)^ρ; 0 is uniform.</summary>
    public float Popularity { get; init; }

    /// <summary>"in-batch": 1 takes the negatives from the batch's own positives.</summary>
    public bool InBatch { get; init; }

    /// <summary>
    /// "log-q": 1 subtracts the log of each negative's expected count from its score, so that the sum estimates the whole catalogue's.
    /// </summary>
    public bool LogQ { get; init; }

    /// <summary>"top-k": K of SL@K.</summary>
    public int TopK { get; init; } = 20;

    /// <summary>"top-k-temperature": τ_w, how sharply SL@K cuts at rank K.</summary>
    public float TopKTemperature { get; init; } = 1f;

    /// <summary>"quantile-every": passes between two estimates of the users' K-th scores.</summary>
    public int QuantileEvery { get; init; } = 5;

    /// <summary>
    /// "candidates": negatives looked at for one positive: WARP gives up after so many, BPR takes the highest scored of them.
    /// </summary>
    public int Candidates { get; init; } = 1;

    /// <summary>What a solver of this folder reads; options of other losses keep values that nobody looks at.</summary>
    public static RankingOptions Of(SolverSettings options)
    {
        return new RankingOptions
        {
            Similarity = Value("cosine") == 1 ? Similarity.Cosine : Similarity.Dot,
            ItemTerm = Value("item-term") == 1,
            Temperature = (float)Value("temperature", 1),
            Exponent = (float)Value("exponent", 1),
            Negatives = ((int)Value("negatives") + 31) / 32 * 32,
            Batch = (int)Value("batch", 1),
            Positives = (int)Value("positives"),
            Popularity = (float)Value("popularity"),
            InBatch = Value("in-batch") == 1,
            LogQ = Value("log-q") == 1,
            TopK = (int)Value("top-k", 1),
            TopKTemperature = (float)Value("top-k-temperature", 1),
            QuantileEvery = (int)Value("quantile-every", 1),
            Candidates = (int)Value("candidates", 1),
        };

        double Value(string name, double none = 0) => options.Has(name) ? options[name] : none;
    }
}
