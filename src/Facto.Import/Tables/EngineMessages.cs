using System.Text.RegularExpressions;

namespace Facto.Import;

/// <summary>Says in our words what the engine that reads Parquet and computes rules says in its own. None of its sentences reaches a
/// user.</summary>
internal static partial class EngineMessages
{
    public static FactoException OfParquet(string path, Exception e) => new($"{path}: {Parquet(e.Message)}", e);

    /// <param name="path">The table.</param>
    /// <param name="when">The rule's condition.</param>
    /// <param name="columns">The table's columns.</param>
    /// <param name="e">What the engine said.</param>
    public static FactoException OfRule(string path, string when, IReadOnlyList<string> columns, Exception e) =>
        new($"{path}: the exclude rule \"{when}\" {Rule(e.Message, columns)}", e);

    internal static string Parquet(string message)
    {
        bool Says(string text) => message.Contains(text, StringComparison.OrdinalIgnoreCase);
        if (Says("No magic bytes") || Says("too small to be a Parquet"))
        {
            return "it is no Parquet file, or its end is missing: fetch or write it again";
        }

        if (Says("encrypted")) { return "the Parquet file is encrypted: write it without encryption"; }
        if (Says("No files found") || Says("Cannot open file") || Says("could not open")) { return "the file cannot be opened"; }
        if (Says("Out of Memory")) { return "there is not enough memory to read the Parquet file: write it with smaller row groups"; }
        if (Says("compression codec") || Says("not supported") || Says("Not implemented"))
        {
            return "the Parquet file uses a compression or type that is not read: write it with snappy, gzip or zstd and plain types";
        }

        return "the Parquet file is damaged or cut off: fetch or write it again";
    }

    internal static string Rule(string message, IReadOnlyList<string> columns)
    {
        Match column = MissingColumn().Match(message);
        if (column.Success)
        {
            return $"names a column '{column.Groups[1].Value}' that is not there; the columns are {string.Join(", ", columns)} (a name "
                + $"with other characters than letters and digits is quoted: \"my column\")";
        }
        if (message.Contains("Parser Error", StringComparison.Ordinal))
        {
            return "is no condition in SQL, such as \"quantity <= '0'\" or \"TRY_CAST(quantity AS DOUBLE) <= 0\"";
        }

        Match function = MissingFunction().Match(message);
        if (function.Success) { return $"calls a function '{function.Groups[1].Value}' that does not exist"; }
        if (message.Contains("Conversion Error", StringComparison.Ordinal))
        {
            return "converts a value that is no number or date: use TRY_CAST(column AS DOUBLE), which gives null instead";
        }

        return "cannot be computed: columns are text, compare them with text or use TRY_CAST(column AS DOUBLE)";
    }

    [GeneratedRegex("Referenced column \"([^\"]*)\" (?:not found|was not found)", RegexOptions.IgnoreCase)]
    private static partial Regex MissingColumn();

    [GeneratedRegex("Function with name ([^ ]+) does not exist", RegexOptions.IgnoreCase)]
    private static partial Regex MissingFunction();
}
