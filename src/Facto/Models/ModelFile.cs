using System.Text.Json;
using Facto.Data;

namespace Facto.Models;

/// <summary>Opens and saves models whatever their kind. To add one: give it a file class and a line in each method.</summary>
internal static class ModelFile
{
    /// <summary>Writes <paramref name="model"/>, whole or not at all.</summary>
    public static void Save(ISeparableModel model, string path)
    {
        switch (model)
        {
            case FmModel fm: FmModelFile.Save(fm, path); break;
            case FmPosterior posterior: FmPosteriorFile.Save(posterior, path); break;
            default: throw new ArgumentException($"a {model.GetType().Name} has no file format", nameof(model));
        }
    }

    /// <summary>Maps a model.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, foreign or of another kind.</exception>
    public static ISeparableModel Open(string path) => KindOf(path) switch
    {
        FmPosteriorFile.Kind => FmPosteriorFile.Open(path),
        _ => FmModelFile.Open(path),
    };

    // The word in the description; a file without one goes to the plain model's reader, which says what is wrong with it.
    private static string? KindOf(string path)
    {
        using var reader = new ArtefactReader(path, verify: false);
        try
        {
            var json = new Utf8JsonReader(reader.Meta);
            using JsonDocument meta = JsonDocument.ParseValue(ref json);
            return reader.Kind == ArtefactKind.Model && meta.RootElement.TryGetProperty("model", out JsonElement kind)
                ? kind.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
