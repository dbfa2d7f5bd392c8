using System.Text;

namespace Facto.Import;

/// <summary>Takes one line of delimited text apart, for headers and for looking at files.</summary>
internal static class DelimitedLine
{
    public static List<string> Split(string line, string delimiter, string quote)
    {
        var values = new List<string>();
        var value = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (quote.Length == 1 && line[i] == quote[0])
            {
                bool doubled = quoted && i + 1 < line.Length && line[i + 1] == quote[0];
                if (doubled) { value.Append(line[i++]); }
                else { quoted = !quoted; }
            }
            else if (!quoted && string.CompareOrdinal(line, i, delimiter, 0, delimiter.Length) == 0)
            {
                values.Add(value.ToString());
                value.Clear();
                i += delimiter.Length - 1;
            }
            else { value.Append(line[i]); }
        }

        values.Add(value.ToString());
        return values;
    }

    /// <summary>
    /// The 1-based line on which a data row begins. Rows are counted from 1 without the header; a quoted line feed does not end one.
    /// </summary>
    /// <param name="path">The file, not compressed.</param>
    /// <param name="row">A row that was read, or with <paramref name="rejected"/> null the reader's own number of a row that it rejected (it counts empty lines and the header).</param>
    /// <param name="rejected">The reader's numbers of the rows that it rejected.</param>
    /// <param name="header">Whether the first line is a header.</param>
    /// <param name="quote">The quote, or empty.</param>
    public static long LineOf(string path, long row, IReadOnlySet<long>? rejected, bool header, string quote)
    {
        long line = 0, record = 0, rows = 0;
        bool quoted = false;
        foreach (string text in File.ReadLines(path, Encoding.Latin1))
        {
            line++;
            if (!quoted)
            {
                record++;
                bool counts = text.Length > 0 && !(header && record == 1) && rejected?.Contains(record) == false;
                if (rejected is null ? record == row : counts && ++rows == row) { return line; }
            }

            if (quote.Length == 1 && text.Count(c => c == quote[0]) % 2 == 1) { quoted = !quoted; }
        }

        return line;
    }
}
