using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Facto.Data;

/// <summary>
/// Several texts in one that keeps each as it is, whatever characters it has: "3:Pop7:Hip|Hop", every text behind its length. A list
/// from JSON or Parquet
/// begins with a mark that no text begins with, so that it can be told from text whose separator is the field's.
/// </summary>
internal static class ListText
{
    private const char Mark = '\uFFFE';

    /// <summary>Texts as one; a null is an empty text.</summary>
    public static string Join(IEnumerable<string?> values)
    {
        var text = new StringBuilder();
        foreach (string? value in values) { text.Append(CultureInfo.InvariantCulture, $"{value?.Length ?? 0}:{value}"); }
        return text.ToString();
    }

    /// <summary>A list as the text of one cell.</summary>
    public static string Cell(IEnumerable<string?> values) => Mark + Join(values);

    /// <summary>A text as the text of one cell: itself, unless it could be taken for a list.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Cell(string? text) => text is { Length: > 0 } && text[0] == Mark ? Cell([text]) : text;

    /// <summary>Whether a cell holds a list.</summary>
    public static bool IsList(ReadOnlySpan<char> cell) => cell.Length > 0 && cell[0] == Mark;

    /// <summary>The texts of a cell that holds a list.</summary>
    public static List<string> Elements(ReadOnlySpan<char> cell) => Split(cell[1..]);

    /// <summary>The texts that <see cref="Join"/> put together.</summary>
    public static List<string> Split(ReadOnlySpan<char> text)
    {
        var values = new List<string>();
        while (text.Length > 0) { values.Add(Take(ref text).ToString()); }
        return values;
    }

    /// <summary>One of the texts that <see cref="Join"/> put together.</summary>
    public static ReadOnlySpan<char> At(ReadOnlySpan<char> text, int index)
    {
        ReadOnlySpan<char> value = default;
        for (int i = 0; i <= index; i++) { value = text.IsEmpty ? default : Take(ref text); }
        return value;
    }

    private static ReadOnlySpan<char> Take(scoped ref ReadOnlySpan<char> rest)
    {
        int colon = rest.IndexOf(':');
        int length = int.Parse(rest[..colon], NumberStyles.None, CultureInfo.InvariantCulture);
        ReadOnlySpan<char> value = rest.Slice(colon + 1, length);
        rest = rest[(colon + 1 + length)..];
        return value;
    }
}
