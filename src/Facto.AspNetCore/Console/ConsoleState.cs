using Facto.Serving;

namespace Facto.AspNetCore.Console;

/// <summary>
/// What the console's page shows: one request and its answer. Its parts read it as a cascading value, so that none of their own types is
/// public.
/// </summary>
internal sealed class ConsoleState(IRecommenderSource source)
{
    /// <summary>What answered the request; a new bundle shows with the next one.</summary>
    public Recommender Recommender { get; private set; } = source.Current;

    public Bundle Bundle => Recommender.Bundle;

    public RecommendationRequest Request { get; private set; } = new() { Count = 10, Reasons = 3 };

    public IReadOnlyList<Recommendation> Items { get; private set; } = [];

    public Recommendation? Picked { get; private set; }

    public string? Problem { get; private set; }

    /// <summary>Told after each change.</summary>
    public Action Changed { get; init; } = () => { };

    public void Ask(RecommendationRequest request)
    {
        (Request, Recommender, Picked, Problem) = (request, source.Current, null, null);
        try
        {
            Items = Recommender.Recommend(request).Items;
        }
        catch (FactoException e)
        {
            (Items, Problem) = ([], e.Message);
        }

        Changed();
    }

    public void Pick(Recommendation item)
    {
        Picked = item;
        Changed();
    }
}
