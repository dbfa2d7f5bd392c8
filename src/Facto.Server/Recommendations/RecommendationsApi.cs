using System.ComponentModel;
using Facto.Server.Bundles;
using Facto.Serving;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Facto.Server.Recommendations;

/// <summary>A wish for the scores of given items.</summary>
public sealed record ScoreRequest : UserQuery
{
    /// <summary>Item ids, 1 to 10,000.</summary>
    public required IReadOnlyList<string> Items { get; init; }

    /// <summary>How many reasons to give per item, 0 to 100.</summary>
    public int Reasons { get; init; }

    /// <summary>Probability of an interval around each prediction, such as 0.9; needs a model of the solver gibbs.</summary>
    public float? Interval { get; init; }
}

/// <summary>A wish for the terms of one score.</summary>
public sealed record ExplainRequest : UserQuery
{
    /// <summary>Item id.</summary>
    public required string Item { get; init; }
}

internal static class RecommendationsApi
{
    private const int MaxItems = 10_000;

    public static void MapRecommendations(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/v1").WithTags("Recommendations");
        group.MapGet("/users/{id}/recommendations", ForUser).WithName("RecommendForUser").WithSummary("The best items for a user id");
        group.MapPost("/recommendations", Recommend).WithName("Recommend").WithSummary("The best items for a user, features, context and history, with filters");
        group.MapPost("/scores", Score).WithName("Score").WithSummary("The scores of given items, in their order (pre-ranking and ranking)");
        group.MapPost("/explain", Explain).WithName("Explain").WithSummary("Every term of one score; their sum is the score");
        group.MapPost("/trace", Trace).WithName("Trace").WithSummary("An item's score and place in every stage of the cascade");
        group.MapGet("/users/{id}/items", Seen).WithName("ItemsOfUser").WithSummary("What a user has already");
    }

    private static Ok<RecommendationResponse> ForUser(
        string id, BundleStore store,
        [Description("How many items, 1 to 10000")] int count = 10,
        [Description("Reasons per item, 0 to 100")] int reasons = 0,
        [Description("Whether items that the user has may come back")] bool includeSeen = false,
        [Description("How much an item's own appeal counts: 1 as learnt, 0 not at all")] float popularity = 1,
        [Description("Probability of an interval around each prediction, such as 0.9; needs a model of the solver gibbs")] float? interval = null,
        [Description("Explore: order by the draw of the posterior that this seed chooses; give every request another one")] ulong? thompson = null) =>
        TypedResults.Ok(store.Current.Recommend(new RecommendationRequest
        {
            User = id,
            Count = count,
            Reasons = reasons,
            IncludeSeen = includeSeen,
            PopularityDial = popularity,
            Interval = interval,
            Thompson = thompson,
        }));

    private static Ok<RecommendationResponse> Recommend(RecommendationRequest request, BundleStore store) => TypedResults.Ok(store.Current.Recommend(request));

    private static Ok<RecommendationResponse> Score(ScoreRequest request, BundleStore store)
    {
        if (request.Items.Count is < 1 or > MaxItems) { throw new FactoException($"items has {request.Items.Count} ids; it must have 1 to {MaxItems}"); }
        return TypedResults.Ok(store.Current.Score(request, request.Items, request.Reasons, request.Interval));
    }

    private static Ok<IReadOnlyList<Reason>> Explain(ExplainRequest request, BundleStore store)
    {
        Recommender recommender = store.Current;
        if (recommender.Bundle.Data.ItemIds!.IndexOf(request.Item) < 0) { throw new NotThereException($"item '{request.Item}' is unknown"); }
        return TypedResults.Ok(recommender.Explain(request, request.Item));
    }

    private static Ok<IReadOnlyList<StageTrace>> Trace(ExplainRequest request, BundleStore store)
    {
        Recommender recommender = store.Current;
        if (recommender.Bundle.Data.ItemIds!.IndexOf(request.Item) < 0) { throw new NotThereException($"item '{request.Item}' is unknown"); }
        return TypedResults.Ok(recommender.Trace(request, request.Item));
    }

    private static Ok<IReadOnlyList<ItemName>> Seen(string id, BundleStore store)
    {
        Bundle bundle = store.Current.Bundle;
        int user = bundle.Data.UserIds!.IndexOf(id);
        if (user < 0) { throw new NotThereException($"user '{id}' is unknown"); }
        return TypedResults.Ok<IReadOnlyList<ItemName>>([.. bundle.Seen[user].ToArray().Select(i => new ItemName(bundle.Data.ItemIds![i], bundle.Title(i)))]);
    }
}

/// <summary>An item as a person knows it.</summary>
/// <param name="Id">External id.</param>
/// <param name="Title">Title, or the id.</param>
public sealed record ItemName(string Id, string Title);
