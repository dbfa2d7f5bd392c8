using System.Text.Json.Serialization;
using Facto.Data;
using Facto.Retrieval;

namespace Facto.Serving;

/// <summary>
/// Who asks: a known user, or somebody described by features and history alone. Everything is optional; nothing known gives the generally
/// best items.
/// </summary>
public record UserQuery
{
    /// <summary>External user id; an unknown one is named in the response and contributes nothing.</summary>
    public string? User { get; init; }

    /// <summary>
    /// Values of user and context fields by field name. They take the place of a known user's stored values of those fields.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Features { get; init; }

    /// <summary>
    /// Item ids that the user had, oldest first: feeds the model's history fields, and these items are not recommended again.
    /// </summary>
    public IReadOnlyList<string>? History { get; init; }
}

/// <summary>A wish for recommendations.</summary>
public sealed record RecommendationRequest : UserQuery
{
    /// <summary>How many items, 1 to 10,000.</summary>
    public int Count { get; init; } = 10;

    /// <summary>
    /// Whether items that the user has already may come back; null does as the bundle was made to (no, unless its project says so).
    /// </summary>
    public bool? IncludeSeen { get; init; }

    /// <summary>Only these item ids; null allows all.</summary>
    public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>Never these item ids.</summary>
    public IReadOnlyList<string>? Deny { get; init; }

    /// <summary>Only items that have, for every field named here, one of its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Where { get; init; }

    /// <summary>
    /// How much an item's own appeal counts in the order: 1 as the model says, 0 not at all (personal taste only), 2 twice.
    /// </summary>
    public float PopularityDial { get; init; } = 1;

    /// <summary>How many reasons to give per item, 0 to 100.</summary>
    public int Reasons { get; init; }

    /// <summary>Probability of an interval around each prediction, such as 0.9; null for none. Needs draws of a posterior.</summary>
    public float? Interval { get; init; }

    /// <summary>
    /// Explore by Thompson sampling: the list is ordered by one draw of the posterior, which this seed chooses; the same seed gives the
    /// same list. Give every request another seed. Null orders by the mean. Needs draws of a posterior.
    /// </summary>
    public ulong? Thompson { get; init; }
}

/// <summary>One summand of an item's score in words.</summary>
public sealed class Reason
{
    internal Reason(string text, float value) => (Text, Value) = (text, value);

    /// <summary>"genre=Sci-Fi × age=25".</summary>
    public string Text { get; }

    /// <summary>What it adds to the raw score.</summary>
    public float Value { get; }
}

/// <summary>What a posterior believes of one label.</summary>
public sealed class PredictionInterval
{
    internal PredictionInterval(float level, float mean, float standardDeviation, float low, float high) =>
        (Level, Mean, StandardDeviation, Low, High) = (level, mean, standardDeviation, low, high);

    /// <summary>Probability that the label lies between <see cref="Low"/> and <see cref="High"/>, above 0 and below 1.</summary>
    public float Level { get; }

    /// <summary>The expected label, averaged over the draws.</summary>
    public float Mean { get; }

    /// <summary>Of the label; of the probability over the draws when the task is binary.</summary>
    public float StandardDeviation { get; }

    /// <summary>Lower end.</summary>
    public float Low { get; }

    /// <summary>Upper end.</summary>
    public float High { get; }
}

/// <summary>An answer.</summary>
/// <param name="Version">The bundle that answered.</param>
/// <param name="UserKnown">Whether the user id was known.</param>
/// <param name="Items">Best first.</param>
/// <param name="Unknown">Values in the request that the model does not know.</param>
public sealed record RecommendationResponse(
    string Version, bool UserKnown, IReadOnlyList<Recommendation> Items, IReadOnlyList<UnknownValue> Unknown)
{
    /// <summary>Items that were left out because the user has them already.</summary>
    public int LeftOut { get; init; }

    /// <summary>The draw (0, 1 …) that ordered the list; null without Thompson sampling.</summary>
    public int? Draw { get; init; }

    /// <summary>What each stage of a cascade looked at and let through; null when one model does everything.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StageCount>? Stages { get; init; }

    /// <summary>How the items were looked for, and why so; given when reasons were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SearchPlan? Plan { get; init; }
}

/// <summary>An item that resembles another.</summary>
public sealed class SimilarItem
{
    internal SimilarItem(string id, string title, float similarity) => (Id, Title, Similarity) = (id, title, similarity);

    /// <summary>External id.</summary>
    public string Id { get; }

    /// <summary>Title, or the id.</summary>
    public string Title { get; }

    /// <summary>Cosine of the items' factors, −1 … 1.</summary>
    public float Similarity { get; }
}
