namespace Facto.Import;

/// <summary>Recognises a dense matrix of ratings: many columns of one small scale, most of them alike, many cells empty.</summary>
internal static class DenseMatrix
{
    /// <summary>How the matrix is laid out.</summary>
    /// <param name="Header">Whether the first line holds the items' ids.</param>
    /// <param name="RowNames">Whether the first column holds the users' ids.</param>
    /// <param name="Nothing">The number that stands for no rating (0, 99, −1), or null.</param>
    public sealed record Layout(bool Header, bool RowNames, string? Nothing);

    public static Layout? Recognise(List<string[]> rows, int leastWidth)
    {
        if (rows.Count < 5) { return null; }
        int width = rows[1].Length;
        if (width < leastWidth || Math.Abs(rows[0].Length - width) > 1) { return null; }
        string[][] body = [.. rows.Skip(1).Where(r => r.Length == width)];
        if (body.Length < 0.9 * (rows.Count - 1)) { return null; }
        string[] cells = [.. body.SelectMany(r => r.Skip(1)).Select(c => c.Trim())];
        double?[] numbers = [.. cells.Where(c => c.Length > 0
            && c is not ("NA" or "NaN" or "nan" or "?" or "-")).Select(ColumnProfile.Number)];
        if (numbers.Length == 0 || numbers.Any(n => n is null)) { return null; }
        IGrouping<double?, double?> usual = numbers.GroupBy(n => n).MaxBy(g => g.Count())!;
        bool marked = usual.Key is 0 or 99 or -1 && usual.Count() > 0.1 * cells.Length;
        double[] ratings = [.. numbers.Where(n => !marked || n != usual.Key).Select(n => n!.Value)];
        double empty = 1 - ((double)ratings.Length / cells.Length);
        bool scale = ratings.Length > 0 && ratings.Min() >= -10 && ratings.Max() <= 100
            && (ratings.Distinct().Count() <= 21 || ratings.Max() - ratings.Min() <= 20.5);
        // Few values that are the same in all columns, and holes: a table of measurements has neither.
        if (!scale || empty < 0.2 || !Alike(body, width, marked ? usual.Key : null)) { return null; }
        bool rowNames = body.Select(r => r[0].Trim()).Distinct().Count() == body.Length
            && (ColumnProfile.Number(body[0][0]) is null || body.Any(r => ColumnProfile.Number(r[0]) is > 100) || Counting(body));
        bool header = rows[0].Length == width - 1 || rows[0].Skip(rowNames ? 1 : 0).Any(c => c.Trim().Length > 0
            && (ColumnProfile.Number(c) is not { } n || n > 100)) || Counting(rows[0].Skip(1));
        return new Layout(header, rowNames, marked ? FormattableString.Invariant($"{usual.Key}") : null);
    }

    private static bool Alike(string[][] body, int width, double? nothing)
    {
        int flags = 0;
        for (int c = 1; c < width; c++)
        {
            double[] values = [.. body.Select(r => ColumnProfile.Number(r[c])).OfType<double>().Where(v => v != nothing)];
            if (values.Distinct().Count() <= 1) { flags++; }
        }

        return flags < 0.5 * (width - 1);
    }

    private static bool Counting(string[][] body) => Counting(body.Select(r => r[0]));

    private static bool Counting(IEnumerable<string> values)
    {
        double?[] numbers = [.. values.Select(ColumnProfile.Number)];
        return numbers.Length > 2 && Enumerable.Range(1, numbers.Length - 1).All(i => numbers[i] - numbers[i - 1] == 1);
    }
}
