using System.Globalization;

namespace Facto.Tests.Oracles;

/// <summary>A libFM and libFFM reader as one would write it with string.Split; the fast parser must agree with it on every line.</summary>
internal static class NaiveSparseText
{
    /// <summary>null for a blank or comment line; an error's 1-character kind, or the row.</summary>
    public static (bool Skip, bool Bad, float Label, (int Field, int Feature, float Value)[] Row) ParseLine(string line, bool withFields)
    {
        int comment = CommentStart(line);
        if (comment >= 0) { line = line[..comment]; }
        string[] tokens = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (tokens.Length == 0) { return (true, false, 0, []); }
        if (!Number(tokens[0], out float label)) { return (false, true, 0, []); }
        var row = new List<(int, int, float)>();
        foreach (string token in tokens[1..])
        {
            string[] parts = token.Split(':');
            if (parts.Length != (withFields ? 3 : 2)) { return (false, true, 0, []); }
            int field = 0;
            if (withFields && !Index(parts[0], out field)) { return (false, true, 0, []); }
            if (!Index(parts[^2], out int feature) || !Number(parts[^1], out float value)) { return (false, true, 0, []); }
            row.Add((field, feature, value));
        }

        bool duplicate = row.Select(r => (r.Item1, r.Item2)).Distinct().Count() < row.Count;
        return (false, duplicate, label, [.. row]);
    }

    // A comment begins where a token would begin.
    private static int CommentStart(string line)
    {
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '#' && (i == 0 || line[i - 1] is ' ' or '\t' or '\r')) { return i; }
        }

        return -1;
    }

    private static bool Index(string text, out int value)
    {
        value = -1;
        if (text.Length == 0 || !text.All(char.IsAsciiDigit)) { return false; }
        if (!System.Numerics.BigInteger.TryParse(text, CultureInfo.InvariantCulture, out System.Numerics.BigInteger big)
            || big > uint.MaxValue)
        {
            return false;
        }
        value = (int)(uint)big;
        return true;
    }

    private static bool Number(string text, out float value)
    {
        bool good = double.TryParse(
            text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out double number);
        value = (float)number;
        return good && float.IsFinite(value) && text.All(c => !char.IsAsciiLetter(c) || c is 'e' or 'E');
    }
}
