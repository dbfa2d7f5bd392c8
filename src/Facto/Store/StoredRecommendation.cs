namespace Facto.Store;

/// <summary>What was served to somebody: enough to replay it and to count what came of it.</summary>
internal sealed record StoredRecommendation
{
    /// <summary>The recommendation id of the answer.</summary>
    public required string Id { get; init; }

    /// <summary>External user id; empty for a request without one.</summary>
    public required string User { get; init; }

    /// <summary>When it was served, in microseconds since 1970-01-01 UTC.</summary>
    public required long Time { get; init; }

    /// <summary>Version of the bundle that answered.</summary>
    public required string Bundle { get; init; }

    /// <summary>Request, events that counted, answer, rules: JSON.</summary>
    public required string Body { get; init; }
}

/// <summary>What the store held of a forgotten user.</summary>
/// <param name="Events">Events deleted.</param>
/// <param name="Recommendations">Served lists deleted.</param>
/// <param name="HadAttributes">Whether the user had a row of attributes.</param>
/// <param name="Sequence">A model that learnt from the store after this sequence does not contain the user.</param>
internal sealed record ForgetResult(int Events, int Recommendations, bool HadAttributes, long Sequence);

/// <summary>What is old enough to go; null keeps everything of that kind.</summary>
internal sealed record RetentionRule
{
    /// <summary>Events that happened before this time go (microseconds since 1970-01-01 UTC).</summary>
    public long? EventsBefore { get; init; }

    /// <summary>At most so many events stay, the newest by sequence.</summary>
    public long? MostEvents { get; init; }

    /// <summary>Served lists from before this time go.</summary>
    public long? RecommendationsBefore { get; init; }

    /// <summary>At most so many served lists stay, the newest.</summary>
    public long? MostRecommendations { get; init; }
}

/// <summary>How far the store has come: what a server compares once a second to hear of changes by others.</summary>
/// <param name="Events">Sequence of the newest event.</param>
/// <param name="Entities">Revision of the newest change to a user or item.</param>
/// <param name="Keys">Counts every change to a key.</param>
/// <param name="Forgotten">Counts forgotten users.</param>
internal readonly record struct StoreVersion(long Events, long Entities, long Keys, long Forgotten);

/// <summary>The store cannot be reached or written to now; what was asked for did not happen, and may be tried again.</summary>
internal sealed class StoreUnavailableException(string message, Exception inner) : FactoException(message, inner);
