namespace Facto.Import;

/// <summary>Whether a table's first line is its header: by names that headers have, by a difference from the values below, and never
/// when it has numbers.</summary>
internal static class HeaderGuess
{
    public static TableSource Name(TableSource source, List<string[]> rows)
    {
        int width = rows.Skip(1).GroupBy(r => r.Length).MaxBy(g => g.Count())!.Key;
        if (HasHeader(rows, width))
        {
            return rows[0].Length == width - 1 ? source with { Columns = ["row", .. rows[0].Select(c => c.Trim())] } : source;
        }

        return source with { Header = false, Columns = [.. Enumerable.Range(1, width).Select(c => $"column{c}")] };
    }

    private static bool HasHeader(List<string[]> rows, int width)
    {
        string[] first = [.. rows[0].Select(c => c.Trim())];
        string[][] below = [.. rows.Skip(1).Where(r => r.Length == width).Take(200)];
        // R writes no name above the column of row names, pandas an empty one.
        if (first.Length != width && first.Length != width - 1) { return false; }
        string[] names = [.. first.Where(c => c.Length > 0)];
        if (names.Length < first.Length - 1 || names.Any(c => ColumnProfile.Number(c) is not null) || below.Length == 0) { return false; }
        int known = names.Count(ColumnWords.IsKnown);
        int shift = width - first.Length, different = 0;
        for (int c = 0; c < first.Length; c++)
        {
            string[] values = [.. below.Select(r => r[c + shift].Trim()).Where(v => v.Length > 0)];
            if (values.Length > 0 && Differs(first[c], values)) { different++; }
        }

        // One known word may be a value too ("Brand"); two are names, and so is one over a column of another kind.
        return different > 0 && (known > 0 || different > first.Length / 2) || known >= 2
            && first.Where((c, i) => below.Any(r => r[i + shift].Trim() == c)).ToArray().Length == 0;
    }

    private static bool Differs(string name, string[] values)
    {
        int numbers = values.Count(v => ColumnProfile.Number(v) is not null);
        if (numbers > 0.8 * values.Length) { return true; }
        if (values.Contains(name)) { return false; }
        int digits = values.Count(v => v.Any(char.IsAsciiDigit));
        if (digits > 0.8 * values.Length && !name.Any(char.IsAsciiDigit)) { return true; }
        // All values have the length of codes, or hold a separator that the name has not.
        bool sameLength = values.Length > 5 && values.Select(v => v.Length).Distinct().Count() == 1 && values[0].Length != name.Length;
        return sameLength;
    }
}
