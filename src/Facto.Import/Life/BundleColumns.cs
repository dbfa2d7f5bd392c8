using System.Text.Json;
using Facto.Serving;

namespace Facto.Import.Life;

/// <summary>project.json of a bundle: the project's name and what it calls the two ids.</summary>
/// <param name="Name">Of the project.</param>
/// <param name="User">Column of the user id.</param>
/// <param name="Item">Column of the item id.</param>
internal sealed record BundleColumns(string Name, string User = "user", string Item = "item")
{
    public static JsonSerializerOptions Style { get; } = new(JsonSerializerDefaults.Web);

    public static BundleColumns Of(Bundle bundle)
    {
        string path = Path.Combine(bundle.Folder, "project.json");
        return File.Exists(path) && JsonSerializer.Deserialize<BundleColumns>(File.ReadAllText(path), Style) is { } columns
            ? columns
            : new BundleColumns("project");
    }
}
