namespace Facto.Training.Options;

/// <summary>Names that are typed on a command line and written into files.</summary>
internal static class RegistryNames
{
    private const int MostCharacters = 40;

    /// <exception cref="FactoException">The name cannot be one.</exception>
    public static void Check(string kind, string name)
    {
        bool good = name is { Length: > 0 and <= MostCharacters } && char.IsAsciiLetterLower(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        if (!good)
        {
            throw new FactoException($"'{name}' cannot be the name of a {kind}; "
                + $"take lower-case letters, digits and hyphens, a letter first, {MostCharacters} characters at most");
        }
    }
}
