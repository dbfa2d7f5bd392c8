namespace Facto.Import;

/// <summary>Which columns of a side's table become fields, and of which kind.</summary>
internal sealed class FieldProposals
{
    private static readonly string[] Separators = ["|", ";", ","];

    private readonly HashSet<string> _taken = ["user", "item"];

    /// <summary>The line of a field, or null when there is nothing to learn from the column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="side">user, item or context.</param>
    /// <param name="values">Its values, one per row of the side.</param>
    public string? Line(ColumnProfile column, string side, IReadOnlyList<string> values)
    {
        string[] filled = [.. values.Where(v => v.Trim().Length > 0)];
        if (filled.Length == 0) { return null; }
        string? kind = column.IsList ? ", \"kind\": \"multiCategorical\", \"pooling\": \"mean\"" : Kind(filled);
        if (kind is null) { return null; }
        string name = _taken.Add(column.Name) ? column.Name : $"{side}-{column.Name}";
        string source = name == column.Name ? string.Empty : $", \"column\": {CommentedJson.Quote(column.Name)}";
        return $"{{ \"name\": {CommentedJson.Quote(name)}, \"side\": \"{side}\"{source}{kind} }},";
    }

    private static string? Kind(string[] values)
    {
        int distinct = values.Distinct().Count();
        if (distinct < 2) { return null; }
        foreach (string separator in Separators)
        {
            string[][] lists = [.. values.Select(v => v.Split(separator))];
            bool list = lists.Count(l => l.Length > 1) > 0.1 * values.Length && lists.SelectMany(l => l).Average(v => v.Length) <= 40
                && (separator == "|" || lists.SelectMany(l => l).All(v => v.Trim().Length is > 0 and <= 40));
            if (list && lists.SelectMany(l => l).Select(v => v.Trim()).Distinct().Count() <= Math.Max(50, values.Length / 4))
            {
                return $", \"kind\": \"multiCategorical\", \"separator\": {CommentedJson.Quote(separator)}, \"pooling\": \"mean\"";
            }
        }

        if (distinct <= Math.Max(10, values.Length / 20)) { return string.Empty; }
        bool numbers = values.Count(v => ColumnProfile.Number(v) is not null) >= 0.99 * values.Length;
        return numbers && distinct > 10 && distinct < values.Length / 2 ? ", \"kind\": \"numeric\", \"buckets\": 10" : null;
    }
}
