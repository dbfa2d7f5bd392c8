using System.ComponentModel;
using Facto.Server.Bundles;
using Facto.Server.Recommendations;
using Facto.Serving;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Facto.Server.Items;

/// <summary>An item and what the model knows of it.</summary>
/// <param name="Id">External id.</param>
/// <param name="Title">Title, or the id.</param>
/// <param name="Features">Its features in words.</param>
public sealed record ItemInfo(string Id, string Title, IReadOnlyList<string> Features);

internal static class ItemsApi
{
    public static void MapItems(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/v1/items").WithTags("Items");
        group.MapGet("/", Search).WithName("SearchItems").WithSummary("Items whose title contains a text");
        group.MapGet("/{id}", Get).WithName("GetItem").WithSummary("An item's title and features");
        group.MapGet("/{id}/similar", Similar).WithName("SimilarItems").WithSummary("Items whose factors point the same way");
    }

    private static Ok<IReadOnlyList<ItemName>> Search(BundleStore store, [Description("Part of the title")] string title = "", [Description("How many, 1 to 100")] int count = 20)
    {
        if (count is < 1 or > 100) { throw new FactoException($"count is {count}; it must be 1 to 100"); }
        Bundle bundle = store.Current.Bundle;
        return TypedResults.Ok<IReadOnlyList<ItemName>>([.. Enumerable.Range(0, bundle.Index.Count)
            .Where(i => bundle.Title(i).Contains(title, StringComparison.OrdinalIgnoreCase)).Take(count).Select(i => new ItemName(bundle.Data.ItemIds![i], bundle.Title(i)))]);
    }

    private static Ok<ItemInfo> Get(string id, BundleStore store)
    {
        Bundle bundle = store.Current.Bundle;
        int item = Row(bundle, id);
        return TypedResults.Ok(new ItemInfo(id, bundle.Title(item), [.. bundle.Data.Items![item].Features.ToArray().Select(bundle.Model.Schema.Describe)]));
    }

    private static Ok<IReadOnlyList<SimilarItem>> Similar(string id, BundleStore store, [Description("How many, 1 to 10000")] int count = 10)
    {
        Recommender recommender = store.Current;
        Row(recommender.Bundle, id);
        return TypedResults.Ok(recommender.Similar(id, count));
    }

    private static int Row(Bundle bundle, string id)
    {
        int item = bundle.Data.ItemIds!.IndexOf(id);
        return item >= 0 ? item : throw new NotThereException($"item '{id}' is unknown");
    }
}
