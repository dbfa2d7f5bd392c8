namespace Facto.Store;

/// <summary>What an entity is.</summary>
internal enum EntityKind
{
    /// <summary>Somebody who is recommended to.</summary>
    User,

    /// <summary>Something that is recommended.</summary>
    Item,
}

/// <summary>A user or an item with its attributes, as last written.</summary>
internal sealed record StoredEntity
{
    /// <summary>External id.</summary>
    public required string Id { get; init; }

    /// <summary>Attributes by field as a JSON object; "{}" for none.</summary>
    public string Attributes { get; init; } = "{}";

    /// <summary>Items: never recommended while true.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Items: recommended from then on, in microseconds since 1970-01-01 UTC; null from always.</summary>
    public long? AvailableFrom { get; init; }

    /// <summary>Items: recommended up to then, exclusive; null for ever.</summary>
    public long? AvailableUntil { get; init; }

    /// <summary>True for an entity that was deleted: it is kept as a mark, so that every server hears of it.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>When it was last written, in microseconds since 1970-01-01 UTC.</summary>
    public long Updated { get; init; }

    /// <summary>Grows with every change to any entity; 0 before it is stored.</summary>
    public long Revision { get; init; }
}
