namespace Facto.Store;

/// <summary>One user did something to one item at one time, as the store keeps it.</summary>
internal sealed record StoredEvent
{
    /// <summary>The client's id, or one made on arrival; the same id twice is one event.</summary>
    public required string Id { get; init; }

    /// <summary>External user id.</summary>
    public required string User { get; init; }

    /// <summary>External item id.</summary>
    public required string Item { get; init; }

    /// <summary>A declared kind: view, click, purchase …</summary>
    public required string Kind { get; init; }

    /// <summary>When it happened, in microseconds since 1970-01-01 UTC.</summary>
    public required long Time { get; init; }

    /// <summary>A rating, an amount; null when the kind has none.</summary>
    public double? Value { get; init; }

    /// <summary>Context at that time as a JSON object of strings; null for none.</summary>
    public string? Context { get; init; }

    /// <summary>The recommendation that it answers; null when none is known.</summary>
    public string? RecommendationId { get; init; }

    /// <summary>0-based place in that recommendation's list; null when unknown.</summary>
    public int? Position { get; init; }
}

/// <summary>An event and its place in the order in which the store took them.</summary>
/// <param name="Sequence">Grows from event to event, with gaps; whoever has read up to it has missed nothing before it.</param>
/// <param name="Event">The event.</param>
internal readonly record struct SequencedEvent(long Sequence, StoredEvent Event);

/// <summary>What an append did.</summary>
/// <param name="IsNew">Per event: false when its id was there already.</param>
/// <param name="LastSequence">The highest sequence after it.</param>
internal sealed record AppendResult(bool[] IsNew, long LastSequence)
{
    /// <summary>Events that were not there before.</summary>
    public int NewCount => IsNew.Count(n => n);
}
