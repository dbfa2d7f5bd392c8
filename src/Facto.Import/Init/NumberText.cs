using System.Globalization;

namespace Facto.Import;

/// <summary>Reads numbers as tables spell them: with a sign of money before or behind, true and false as 1 and 0, and with the decimal
/// mark that the project names.</summary>
internal static class NumberText
{
    public const char Point = '.';

    private static readonly string[] Currencies = ["$", "€", "£", "¥", "₹", "₽", "USD", "EUR", "GBP", "CHF", "kr"];

    /// <param name="text">The text.</param>
    /// <param name="mark">What stands before decimals: a point, or a comma (then points between groups of three digits are passed
    /// over).</param>
    /// <param name="number">Finite.</param>
    public static bool TryParse(ReadOnlySpan<char> text, char mark, out double number)
    {
        text = text.Trim();
        if (Plain(text, mark, out number)) { return true; }
        if (text.Equals("true", StringComparison.OrdinalIgnoreCase)) { number = 1; }
        else if (text.Equals("false", StringComparison.OrdinalIgnoreCase)) { number = 0; }
        else { return Money(text, mark, out number); }
        return true;
    }

    private static bool Plain(ReadOnlySpan<char> text, char mark, out double number)
    {
        number = 0;
        if (mark == Point)
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
        }

        if (text.IsEmpty || text.Length > 64) { return false; }
        Span<char> pointed = stackalloc char[text.Length];
        int count = 0, comma = text.IndexOf(mark);
        for (int i = 0; i < text.Length; i++)
        {
            bool group = text[i] == '.' && i > 0 && IsGroup(text[(i + 1)..]) && (comma < 0 || i < comma);
            if (group) { continue; }
            if (text[i] == '.') { return false; }
            pointed[count++] = text[i] == mark ? '.' : text[i];
        }

        return double.TryParse(pointed[..count], NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
    }

    private static bool IsGroup(ReadOnlySpan<char> text) =>
        text.Length >= 3 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2])
            && (text.Length == 3 || !char.IsAsciiDigit(text[3]));

    private static bool Money(ReadOnlySpan<char> text, char mark, out double number)
    {
        number = 0;
        bool negative = text.StartsWith("-");
        ReadOnlySpan<char> amount = negative ? text[1..].TrimStart() : text;
        foreach (string currency in Currencies)
        {
            bool before = amount.StartsWith(currency, StringComparison.Ordinal),
                behind = amount.EndsWith(currency, StringComparison.Ordinal);
            if (!before && !behind) { continue; }
            bool good = Plain((before ? amount[currency.Length..] : amount[..^currency.Length]).Trim(), mark, out number);
            number = negative ? -number : number;
            return good;
        }

        return false;
    }
}
