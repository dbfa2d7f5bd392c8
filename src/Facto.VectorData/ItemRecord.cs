namespace Facto.VectorData;

/// <summary>An item of a collection.</summary>
public sealed class ItemRecord
{
    /// <summary>External id.</summary>
    public required string Id { get; init; }

    /// <summary>Item vector, as Facto exports it; empty in what a collection returns, unless IncludeVectors asks for it.</summary>
    public required ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>Whatever belongs to the item, for filters and for display.</summary>
    public IReadOnlyDictionary<string, object?> Data { get; init; } = new Dictionary<string, object?>();
}
