using System.Text.Json.Serialization;

namespace Facto.Models;

/// <summary>How a model becomes user and item vectors. All three have the same length, so that they can be compared by number.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VectorRecipe>))]
internal enum VectorRecipe
{
    /// <summary>User [1; s], item [own term; r]: ranks exactly as the model does. The default.</summary>
    Match,

    /// <summary>⟨s, r⟩ alone: forgets what an item is worth by itself.</summary>
    Naive,

    /// <summary>The average of each side's embeddings, no own term: the common industrial recipe.</summary>
    Pooled,
}
