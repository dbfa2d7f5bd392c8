using System.ComponentModel;
using Facto.AspNetCore.Errors;
using Facto.AspNetCore.Requests;
using Facto.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Facto.AspNetCore.Items;

/// <summary>An item and what the model knows of it.</summary>
/// <param name="Id">External id.</param>
/// <param name="Title">Title, or the id.</param>
/// <param name="Features">Its features in words.</param>
internal sealed record ItemInfo(string Id, string Title, IReadOnlyList<string> Features);

internal static class ItemsApi
{
    public static void MapItems(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/v1").WithTags("Items");
        group.MapGet("/items", Search).Named("SearchItems", "Items whose title contains a text");
        group.MapGet("/items/{id}", ByPath).Named("GetItem", "An item's title and features").ProducesProblem(404);
        group.MapGet("/item", ByQuery).Named("GetItemByQuery", "An item whose id a path cannot hold").ProducesProblem(404);
        group.MapGet("/items/{id}/similar", SimilarByPath).Named("SimilarItems", "Items whose factors point the same way")
            .ProducesProblem(404);
        group.MapGet("/similar", SimilarByQuery).Named("SimilarItemsByQuery", "Items like one whose id a path cannot hold")
            .ProducesProblem(404);
    }

    private static Answer<IReadOnlyList<ItemName>> Search(
        IRecommenderSource source, [Description("Part of the title")] string title = "", [Description("How many, 1 to 100")] int count = 20)
    {
        if (count is < 1 or > 100)
        {
            throw new RequestException(StatusCodes.Status400BadRequest, $"count is {count}; it must be 1 to 100");
        }
        Bundle bundle = source.Current.Bundle;
        return Answers.With<IReadOnlyList<ItemName>>([.. Enumerable.Range(0, bundle.Index.Count)
            .Where(i => bundle.Title(i).Contains(title, StringComparison.OrdinalIgnoreCase)).Take(count).Select(bundle.Name)]);
    }

    private static Answer<ItemInfo> ByPath(string id, HttpContext context, IRecommenderSource source) => Get(PathId.Of(context), source);

    private static Answer<ItemInfo> ByQuery(IRecommenderSource source, [Description("The item's id")] string? item = null) =>
        Get(PathId.Needed(item, "item"), source);

    private static Answer<ItemInfo> Get(string id, IRecommenderSource source)
    {
        Bundle bundle = source.Current.Bundle;
        int item = bundle.ItemRow(id);
        return Answers.With(
            new ItemInfo(id, bundle.Title(item), [.. bundle.Data.Items![item].Features.ToArray().Select(bundle.Model.Schema.Describe)]));
    }

    private static Answer<IReadOnlyList<SimilarItem>> SimilarByPath(
        string id, HttpContext context, IRecommenderSource source, [Description("How many, 1 to 10000")] int count = 10) =>
            Similar(PathId.Of(context), count, source);

    private static Answer<IReadOnlyList<SimilarItem>> SimilarByQuery(
        IRecommenderSource source, [Description("The item's id")] string? item = null,
            [Description("How many, 1 to 10000")] int count = 10) =>
        Similar(PathId.Needed(item, "item"), count, source);

    private static Answer<IReadOnlyList<SimilarItem>> Similar(string id, int count, IRecommenderSource source)
    {
        Recommender recommender = source.Current;
        recommender.Bundle.ItemRow(id);
        return Answers.With(recommender.Similar(id, count));
    }
}
