using System.Text.Json;
using System.Text.Json.Serialization;

namespace Facto.Retrieval;

/// <summary>The name of a kind of index; capitals do not matter. The kinds there are: <see cref="IndexKinds.Names"/>.</summary>
/// <param name="name">Such as "graph".</param>
[JsonConverter(typeof(IndexKindConverter))]
public readonly struct IndexKind(string name) : IEquatable<IndexKind>
{
    private readonly string? _name = name;

    /// <summary>By the number of items: exact below 20,000, bounded below 200,000, a graph from there on.</summary>
    public static IndexKind Auto => default;

    /// <summary>Every item in float32.</summary>
    public static IndexKind Exact => new("exact");

    /// <summary>The exact results from codes with proven bounds.</summary>
    public static IndexKind Bounded => new("bounded");

    /// <summary>A graph, and the bounded scan for what it is no good for.</summary>
    public static IndexKind Graph => new("graph");

    /// <summary>An inverted file, and the bounded scan for what it is no good for.</summary>
    public static IndexKind Ivf => new("ivf");

    /// <summary>The name.</summary>
    public string Name => _name ?? "auto";

    /// <summary>Whether two names are one.</summary>
    public static bool operator ==(IndexKind left, IndexKind right) => left.Equals(right);

    /// <summary>Whether two names differ.</summary>
    public static bool operator !=(IndexKind left, IndexKind right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(IndexKind other) => string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IndexKind other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

// The name as it stands there: a manifest's checksum is taken over what was read.
internal sealed class IndexKindConverter : JsonConverter<IndexKind>
{
    public override IndexKind Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
        ? new IndexKind(reader.GetString()!)
        : throw new JsonException($"an index kind is one of {string.Join(", ", IndexKinds.Names)}");

    public override void Write(Utf8JsonWriter writer, IndexKind value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Name);
}
