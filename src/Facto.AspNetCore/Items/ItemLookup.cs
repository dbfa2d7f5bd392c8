using Facto.AspNetCore.Errors;
using Facto.Serving;

namespace Facto.AspNetCore.Items;

/// <summary>An item as a person knows it.</summary>
/// <param name="Id">External id.</param>
/// <param name="Title">Title, or the id.</param>
internal sealed record ItemName(string Id, string Title);

internal static class ItemLookup
{
    /// <summary>The row of an item id.</summary>
    /// <exception cref="NotThereException">The bundle has no such item.</exception>
    public static int ItemRow(this Bundle bundle, string id)
    {
        int item = bundle.Data.ItemIds!.IndexOf(id);
        return item >= 0 ? item : throw new NotThereException($"item '{id}' is unknown");
    }

    public static ItemName Name(this Bundle bundle, int item) => new(bundle.Data.ItemIds![item], bundle.Title(item));
}
