using System.ComponentModel;
using Facto.AspNetCore.Errors;
using Facto.AspNetCore.Items;
using Facto.AspNetCore.Requests;
using Facto.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Facto.AspNetCore.Recommendations;

/// <summary>What a list may be asked for in a query.</summary>
internal sealed record ListQuery(int Count, int Reasons, bool? IncludeSeen, float Popularity, float? Interval, ulong? Thompson);

internal static class RecommendationsApi
{
    private const string Json = "application/json";

    public static void MapRecommendations(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/v1").WithTags("Recommendations");
        group.MapGet("/users/{id}/recommendations", ForUser).Named("RecommendForUser", "The best items for a user id");
        group.MapGet("/recommendations", ForAnyId).Named("RecommendByQuery", "The best items for a user id that a path cannot hold");
        group.MapPost("/recommendations", Recommend)
            .Named("Recommend", "The best items for a user, features, context and history, with filters")
            .Accepts<RecommendationRequest>(Json).ProducesProblem(413).ProducesProblem(415);
        group.MapPost("/scores", Score).Named("Score", "The scores of given items, in their order (pre-ranking and ranking)")
            .Accepts<ScoreRequest>(Json).ProducesProblem(413).ProducesProblem(415);
        group.MapPost("/explain", Explain).Named("Explain", "Every term of one score; their sum is the score")
            .Accepts<ExplainRequest>(Json).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415);
        group.MapPost("/trace", Trace).Named("Trace", "An item's score and place in every stage of the cascade")
            .Accepts<ExplainRequest>(Json).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415);
        group.MapGet("/users/{id}/items", SeenByPath).Named("ItemsOfUser", "What a user has already").ProducesProblem(404);
        group.MapGet("/users/items", SeenByQuery).Named("ItemsOfUserByQuery", "What a user has already, whose id a path cannot hold")
            .ProducesProblem(404);
    }

    private static Answer<RecommendationResponse> ForUser(
        string id, HttpContext context, IRecommenderSource source, IOptions<FactoOptions> options,
        [Description("How many items, 1 to 10000")] int count = 10,
        [Description("Reasons per item, 0 to 100")] int reasons = 0,
        [Description("Whether items that the user has may come back; as the service is set when not given")] bool? includeSeen = null,
        [Description("How much an item's own bias counts: 1 as learnt, 0 not at all")] float popularity = 1,
        [Description("Probability of an interval around each prediction, such as 0.9; needs a model of gibbs")] float? interval = null,
        [Description("Explore: order by the posterior draw that this seed chooses; another for each request")] ulong? thompson = null) =>
        List(PathId.Of(context), new ListQuery(count, reasons, includeSeen, popularity, interval, thompson), source, options.Value);

    private static Answer<RecommendationResponse> ForAnyId(
        IRecommenderSource source, IOptions<FactoOptions> options,
        [Description("The user's id; without one the generally best items are listed")] string? user = null,
        [Description("How many items, 1 to 10000")] int count = 10,
        [Description("Reasons per item, 0 to 100")] int reasons = 0,
        [Description("Whether items that the user has may come back; as the service is set when not given")] bool? includeSeen = null,
        [Description("How much an item's own bias counts: 1 as learnt, 0 not at all")] float popularity = 1,
        [Description("Probability of an interval around each prediction, such as 0.9; needs a model of gibbs")] float? interval = null,
        [Description("Explore: order by the posterior draw that this seed chooses; another for each request")] ulong? thompson = null) =>
        List(user, new ListQuery(count, reasons, includeSeen, popularity, interval, thompson), source, options.Value);

    private static Answer<RecommendationResponse> List(string? user, ListQuery query, IRecommenderSource source, FactoOptions options) =>
        Answers.With(source.Current.Recommend(new RecommendationRequest
        {
            User = user,
            Count = query.Count,
            Reasons = query.Reasons,
            IncludeSeen = query.IncludeSeen ?? options.IncludeSeen,
            PopularityDial = query.Popularity,
            Interval = query.Interval,
            Thompson = query.Thompson,
        }));

    private static async Task<Answer<RecommendationResponse>> Recommend(
        HttpContext context, IRecommenderSource source, IOptions<FactoOptions> options) =>
        Answers.With(source.Current.Recommend(await UserBody.RecommendationAsync(context, options.Value)));

    private static async Task<Answer<RecommendationResponse>> Score(
        HttpContext context, IRecommenderSource source, IOptions<FactoOptions> options)
    {
        ScoreRequest request = await UserBody.ScoreAsync(context, options.Value);
        return Answers.With(source.Current.Score(request, request.Items, request.Reasons, request.Interval));
    }

    private static async Task<Answer<IReadOnlyList<Reason>>> Explain(
        HttpContext context, IRecommenderSource source, IOptions<FactoOptions> options)
    {
        ExplainRequest request = await UserBody.ExplainAsync(context, options.Value);
        Recommender recommender = source.Current;
        recommender.Bundle.ItemRow(request.Item);
        return Answers.With(recommender.Explain(request, request.Item));
    }

    private static async Task<Answer<IReadOnlyList<StageTrace>>> Trace(
        HttpContext context, IRecommenderSource source, IOptions<FactoOptions> options)
    {
        ExplainRequest request = await UserBody.ExplainAsync(context, options.Value);
        Recommender recommender = source.Current;
        recommender.Bundle.ItemRow(request.Item);
        return Answers.With(recommender.Trace(request, request.Item));
    }

    private static Answer<IReadOnlyList<ItemName>> SeenByPath(string id, HttpContext context, IRecommenderSource source) =>
        Seen(PathId.Of(context), source);

    private static Answer<IReadOnlyList<ItemName>> SeenByQuery(
        IRecommenderSource source, [Description("The user's id")] string? user = null) =>
        Seen(PathId.Needed(user, "user"), source);

    private static Answer<IReadOnlyList<ItemName>> Seen(string id, IRecommenderSource source)
    {
        Bundle bundle = source.Current.Bundle;
        int user = bundle.Data.UserIds!.IndexOf(id);
        return user >= 0
            ? Answers.With<IReadOnlyList<ItemName>>([.. bundle.Seen[user].ToArray().Select(bundle.Name)])
            : throw new NotThereException($"user '{id}' is unknown");
    }
}
