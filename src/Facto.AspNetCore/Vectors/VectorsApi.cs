using System.ComponentModel;
using Facto.AspNetCore.Errors;
using Facto.AspNetCore.Items;
using Facto.AspNetCore.Recommendations;
using Facto.AspNetCore.Requests;
using Facto.Data;
using Facto.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Facto.AspNetCore.Vectors;

/// <summary>A vector of the bundle's recipe: the inner product of a user's and an item's, plus the user's term, is the score.</summary>
/// <param name="Version">The bundle that it belongs to.</param>
/// <param name="Vector">Its elements.</param>
/// <param name="Term">Users only: the term that is the same for every item.</param>
/// <param name="Unknown">Values in the request that the model does not know.</param>
internal sealed record VectorReply(string Version, IReadOnlyList<float> Vector, float? Term, IReadOnlyList<UnknownValue> Unknown);

internal static class VectorsApi
{
    public static void MapVectors(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/v1").WithTags("Vectors");
        group.MapGet("/users/{id}/vector", KnownUser).Named("UserVector", "A known user's vector").ProducesProblem(404);
        group.MapPost("/users/vector", AnyUser).Named("UserVectorFromFeatures", "The vector of a user by id, features, context and history")
            .Accepts<UserQuery>("application/json").ProducesProblem(413).ProducesProblem(415);
        group.MapGet("/items/{id}/vector", ItemByPath).Named("ItemVector", "An item's vector").ProducesProblem(404);
        group.MapGet("/items/vector", ItemByQuery).Named("ItemVectorByQuery", "The vector of an item whose id a path cannot hold")
            .ProducesProblem(404);
    }

    private static Answer<VectorReply> KnownUser(string id, HttpContext context, IRecommenderSource source)
    {
        Recommender recommender = source.Current;
        string user = PathId.Of(context);
        return recommender.Bundle.Data.UserIds!.IndexOf(user) >= 0
            ? Reply(recommender, new UserQuery { User = user })
            : throw new NotThereException($"user '{user}' is unknown; POST features to /v1/users/vector instead");
    }

    private static async Task<Answer<VectorReply>> AnyUser(
        HttpContext context, IRecommenderSource source, IOptions<FactoOptions> options) =>
        Reply(source.Current, await UserBody.QueryAsync(context, options.Value));

    private static Answer<VectorReply> ItemByPath(string id, HttpContext context, IRecommenderSource source) =>
        Item(PathId.Of(context), source);

    private static Answer<VectorReply> ItemByQuery(IRecommenderSource source, [Description("The item's id")] string? item = null) =>
        Item(PathId.Needed(item, "item"), source);

    private static Answer<VectorReply> Item(string id, IRecommenderSource source)
    {
        Recommender recommender = source.Current;
        recommender.Bundle.ItemRow(id);
        return Answers.With(new VectorReply(recommender.Bundle.Manifest.Version, recommender.ItemVector(id), null, []));
    }

    private static Answer<VectorReply> Reply(Recommender recommender, UserQuery query)
    {
        (float[] vector, float term, IReadOnlyList<UnknownValue> unknown) = recommender.UserVector(query);
        return Answers.With(new VectorReply(recommender.Bundle.Manifest.Version, vector, term, unknown));
    }
}
