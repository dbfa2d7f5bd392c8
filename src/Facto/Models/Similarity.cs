using System.Text.Json.Serialization;

namespace Facto.Models;

/// <summary>How the user side's sum s and the item side's sum r meet in a score.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Similarity>))]
internal enum Similarity
{
    /// <summary>The factorization machine as it is: ⟨s, r⟩, and the pairs within each side.</summary>
    Dot,

    /// <summary>
    /// ⟨s, r⟩ / (‖s‖‖r‖), and no pairs within a side: ŷ = w₀ + Σ wᵢxᵢ + cos(s, r). Both vectors are exported with length 1, so ranking is
    /// still one inner product, and the item's own term Σ_I w x says what an angle cannot: how good an item is for everybody.
    /// </summary>
    Cosine,
}
