namespace Facto.Models;

/// <summary>Opens and saves models whatever their kind. To add one: give it a file class and a line in each method.</summary>
public static class ModelFile
{
    /// <summary>Writes <paramref name="model"/>, whole or not at all.</summary>
    public static void Save(ISeparableModel model, string path)
    {
        switch (model)
        {
            case FmModel fm: FmModelFile.Save(fm, path); break;
            default: throw new ArgumentException($"a {model.GetType().Name} has no file format", nameof(model));
        }
    }

    /// <summary>Maps a model.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, foreign or of another kind.</exception>
    public static ISeparableModel Open(string path) => FmModelFile.Open(path);
}
