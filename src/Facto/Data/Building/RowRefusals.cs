using System.Globalization;
using System.Text;

namespace Facto.Data.Building;

/// <summary>
/// Bad rows of a log or a table that comes as objects: counted by reason, the first few kept, refused past the tolerance.
/// </summary>
/// <param name="tolerance">Share of the rows that may be bad.</param>
/// <param name="where">What stands before the row's number.</param>
internal sealed class RowRefusals(double tolerance, string where = "")
{
    private const int Shown = 5;

    private readonly List<string> _first = [];
    private readonly SortedDictionary<string, long> _reasons = new(StringComparer.Ordinal);

    public long Count { get; private set; }

    public IReadOnlyList<string> First => _first;

    public IReadOnlyDictionary<string, long> Reasons => _reasons;

    /// <summary>Counts a bad row; without a tolerance it is refused at once.</summary>
    /// <param name="row">0-based.</param>
    /// <param name="what">What is wrong, the same for all rows of the kind.</param>
    /// <param name="found">The value, or null.</param>
    public void Add(long row, string what, object? found)
    {
        string sentence = $"{where}row {row + 1}: {what}"
            + (found is null ? string.Empty : $", found {Convert.ToString(found, CultureInfo.InvariantCulture)}");
        if (tolerance == 0)
        {
            throw new FactoException($"{sentence}; correct the row, leave it out, or allow a share of bad rows with BadRows");
        }
        Count++;
        _reasons[what] = _reasons.GetValueOrDefault(what) + 1;
        if (_first.Count < Shown) { _first.Add(sentence); }
    }

    public void Check(long rows)
    {
        if (Count <= tolerance * rows) { return; }
        var text = new StringBuilder(
            string.Create(
                CultureInfo.InvariantCulture, $"{where}{Count} of {rows} rows are bad, BadRows allows {100 * tolerance:0.##} %; "));
        throw new FactoException(text.Append("the first are: ").AppendJoin("; ", _first).ToString());
    }
}
