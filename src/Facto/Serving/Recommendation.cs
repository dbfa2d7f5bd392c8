using System.Text.Json.Serialization;
using Facto.Serving;

namespace Facto;

/// <summary>An item with its score.</summary>
/// <param name="Id">External id.</param>
/// <param name="Title">Title, or the id.</param>
/// <param name="Score">The model's raw score (of the popularity dial at 1).</param>
/// <param name="Prediction">The score as a rating or a probability; null when the vectors do not keep the model's scale.</param>
/// <param name="Reasons">The largest terms of the score that depend on the item.</param>
public sealed record Recommendation(string Id, string Title, float Score, float? Prediction, IReadOnlyList<Reason> Reasons)
{
    /// <summary>How sure the prediction is; null when it was not asked for.</summary>
    public PredictionInterval? Interval { get; init; }

    /// <summary>Why this item, as a person says it: "because you have The Matrix"; null when reasons were not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Why { get; init; }
}
