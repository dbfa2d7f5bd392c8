namespace Facto;

/// <summary>
/// The recommender in use, which may be replaced while others read it: a request takes <see cref="Current"/> once and keeps what it began
/// with, a swap is one atomic exchange, and nobody waits for anybody.
/// </summary>
/// <param name="first">The recommender to begin with.</param>
public sealed class RecommenderSource(Recommender first)
{
    private Recommender _current = first ?? throw new ArgumentNullException(nameof(first));

    /// <summary>The recommender in use; take it once per request.</summary>
    public Recommender Current => Volatile.Read(ref _current);

    /// <summary>Replaces the recommender in use and returns the one that was; requests that hold it finish with it.</summary>
    public Recommender Swap(Recommender next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return Interlocked.Exchange(ref _current, next);
    }
}
