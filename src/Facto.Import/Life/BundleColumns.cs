using System.Text.Json;
using Facto.Serving;

namespace Facto.Import.Life;

/// <summary>project.json of a bundle: the project's name and what it calls the two ids.</summary>
/// <param name="Name">Of the project.</param>
/// <param name="User">Column of the user id.</param>
/// <param name="Item">Column of the item id.</param>
internal sealed record BundleColumns(string Name, string User = "user", string Item = "item")
{
    /// <summary>How the log's files are laid out, its path left empty: tables to predict are read the same way.</summary>
    public TableSource? Layout { get; init; }

    /// <summary>How ids are spelt.</summary>
    public IdSpelling Ids { get; init; }

    public static JsonSerializerOptions Style { get; } = new(JsonSerializerDefaults.Web);

    /// <summary>What a bundle of the project shall keep of it.</summary>
    public static BundleColumns Of(ProjectFile file) => new(file.Name, file.Interactions.User, file.Interactions.Item)
    {
        // Rules leave rows of the log out; of a table to predict every row gets its prediction.
        Layout = file.Interactions with { Path = string.Empty, Exclude = [] },
        Ids = file.Ids,
    };

    public static BundleColumns Of(Bundle bundle)
    {
        string path = Path.Combine(bundle.Folder, "project.json");
        return File.Exists(path) && JsonSerializer.Deserialize<BundleColumns>(File.ReadAllText(path), Style) is { } columns
            ? columns
            : new BundleColumns("project");
    }
}
