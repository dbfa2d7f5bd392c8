namespace Facto.Retrieval.Graph;

/// <summary>How a graph is built. Defaults suit 50 to 100 coordinates and up to some millions of items.</summary>
internal sealed record GraphOptions
{
    /// <summary>M that an item chooses, 4 to 64; an item holds at most twice as many less one.</summary>
    public int M { get; init; } = 16;

    /// <summary>Candidates kept while an item's links are chosen, at least <see cref="M"/>: more build time, better links.</summary>
    public int EfConstruction { get; init; } = 96;

    /// <summary>
    /// Effort of a search until <see cref="GraphIndex.Effort"/> is set. Null: breadth 160 and a head of 2048; an <see cref="IndexSet"/>
    /// takes the cheapest that it measures to reach its floor.
    /// </summary>
    public SearchEffort? Effort { get; init; }

    /// <summary>Threads that build, ≥ 1. One thread gives the same bytes every time.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Share of dead places (deleted or replaced items), 0 to 1, at which updates compact the index.</summary>
    public double DeadShare { get; init; } = 0.2;

    internal void Validate()
    {
        Require(M is >= 4 and <= 64, $"M is {M}; choose 4 to 64");
        Require(EfConstruction >= M && EfConstruction <= 1 << 16, $"EfConstruction is {EfConstruction}; choose {M} (M) to 65536");
        Require(Workers >= 1, $"Workers is {Workers}; choose at least 1");
        Require(DeadShare is > 0 and <= 1, $"DeadShare is {DeadShare}; choose a share above 0 and at most 1");
        Effort?.Validate();
    }

    private static void Require(bool fits, string sentence)
    {
        if (!fits) { throw new FactoException(sentence); }
    }
}

/// <summary>What a search may spend: recall grows with both.</summary>
/// <param name="EfSearch">How many of the best items on the way have their links followed (efSearch), ≥ 1; a search for n items keeps at
/// least n and a quarter.</param>
/// <param name="Head">Of the items that score highest for the best-matching users, how many are scored outright before the graph is
/// entered.</param>
internal readonly record struct SearchEffort(int EfSearch, int Head)
{
    internal void Validate()
    {
        if (EfSearch is < 1 or > 1 << 20) { throw new FactoException($"EfSearch is {EfSearch}; choose 1 to {1 << 20}"); }
        if (Head is < 1 or > 1 << 24) { throw new FactoException($"Head is {Head}; choose 1 to {1 << 24}"); }
    }
}
