using Facto.Data;
using Facto.Server.Bundles;
using Facto.Serving;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Facto.Server.Vectors;

/// <summary>A vector of the bundle's recipe: the inner product of a user's and an item's, plus the user's term, is the score.</summary>
/// <param name="Version">The bundle that it belongs to.</param>
/// <param name="Vector">Its elements.</param>
/// <param name="Term">Users only: the term that is the same for every item.</param>
/// <param name="Unknown">Values in the request that the model does not know.</param>
public sealed record VectorReply(string Version, IReadOnlyList<float> Vector, float? Term, IReadOnlyList<UnknownValue> Unknown);

internal static class VectorsApi
{
    public static void MapVectors(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/v1").WithTags("Vectors");
        group.MapGet("/users/{id}/vector", KnownUser).WithName("UserVector").WithSummary("A known user's vector");
        group.MapPost("/users/vector", AnyUser).WithName("UserVectorFromFeatures").WithSummary("The vector of a user described by features, context and history");
        group.MapGet("/items/{id}/vector", Item).WithName("ItemVector").WithSummary("An item's vector");
    }

    private static Ok<VectorReply> KnownUser(string id, BundleStore store)
    {
        Recommender recommender = store.Current;
        if (recommender.Bundle.Data.UserIds!.IndexOf(id) < 0) { throw new NotThereException($"user '{id}' is unknown; POST features to /v1/users/vector instead"); }
        return Reply(recommender, new UserQuery { User = id });
    }

    private static Ok<VectorReply> AnyUser(UserQuery request, BundleStore store) => Reply(store.Current, request);

    private static Ok<VectorReply> Item(string id, BundleStore store)
    {
        Recommender recommender = store.Current;
        if (recommender.Bundle.Data.ItemIds!.IndexOf(id) < 0) { throw new NotThereException($"item '{id}' is unknown"); }
        return TypedResults.Ok(new VectorReply(recommender.Bundle.Manifest.Version, recommender.ItemVector(id), null, []));
    }

    private static Ok<VectorReply> Reply(Recommender recommender, UserQuery query)
    {
        (float[] vector, float term, IReadOnlyList<UnknownValue> unknown) = recommender.UserVector(query);
        return TypedResults.Ok(new VectorReply(recommender.Bundle.Manifest.Version, vector, term, unknown));
    }
}
