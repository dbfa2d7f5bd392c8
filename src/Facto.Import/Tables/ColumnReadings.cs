using System.Globalization;
using Facto.Data;

namespace Facto.Import;

/// <summary>Values that a field could not read, or ids without a row in their table.</summary>
/// <param name="Field">The field, or the table.</param>
/// <param name="What">What is wrong with them.</param>
/// <param name="Count">How many.</param>
/// <param name="Of">Of how many that are not empty.</param>
/// <param name="Examples">The first three.</param>
internal sealed record UnreadValues(string Field, string What, long Count, long Of, IReadOnlyList<string> Examples);

/// <summary>
/// Makes the values of a table's number and time columns readable for fields (decimal mark, signs of money, true and false, the weight's
/// scale) and counts those
/// that stay unreadable, by field. A value that a field cannot read adds nothing to the model, so it must not go by unseen.
/// </summary>
internal sealed class ColumnReadings
{
    private readonly char _mark;
    private readonly List<Reading> _readings = [];
    private readonly int[] _ids = [];

    private ColumnReadings(TableSource source, int[] ids)
    {
        _mark = source.Decimal[0];
        _ids = ids;
    }

    private enum Kind
    {
        Number,
        Time,
        Single,
    }

    /// <param name="project">The project.</param>
    /// <param name="source">The table.</param>
    /// <param name="columns">The columns that are read.</param>
    /// <param name="side">Whose fields read them.</param>
    public static ColumnReadings Of(ProjectFile project, TableSource source, IReadOnlyList<string> columns, FieldSide side)
    {
        int ids = source is InteractionSource { IsFlat: true } ? 0 : source is InteractionSource ? 2 : 1;
        var readings = new ColumnReadings(source, project.Ids == IdSpelling.Integers ? [.. Enumerable.Range(0, ids)] : []);
        foreach (FieldSpec spec in ProjectFields.SpecsOf(project).Where(f => f.Side == side && f.Kind != FieldKind.Bag
            && !ProjectFields.IsIdField(project, f)))
        {
            int column = IndexOf(columns, spec.Column ?? spec.Name);
            if (column < 0) { continue; }
            if (spec.Kind == FieldKind.Numeric) { readings._readings.Add(new Reading(spec.Name, column, Kind.Number)); }
            else if (spec.TimePart is not null) { readings._readings.Add(new Reading(spec.Name, column, Kind.Time)); }
            else if (spec.Kind == FieldKind.Categorical) { readings._readings.Add(new Reading(spec.Name, column, Kind.Single)); }
        }

        return readings;
    }

    /// <summary>Whether there is nothing to read: rows may go by untouched.</summary>
    public bool IsEmpty => _ids.Length == 0 && _readings.Count == 0;

    /// <summary>Reads the row's values; those that can be read stand there as the fields read them.</summary>
    public void Apply(string?[] row)
    {
        foreach (int id in _ids) { row[id] = Integer(row[id]); }
        foreach (Reading reading in _readings)
        {
            string? text = row[reading.Column];
            if (string.IsNullOrWhiteSpace(text)) { continue; }
            reading.Of++;
            if (!Read(reading.Kind, ref text)) { reading.Add(text!); }
            row[reading.Column] = text;
        }
    }

    /// <summary>What could not be read, by field.</summary>
    public IEnumerable<UnreadValues> Unread() => _readings.Where(r => r.Count > 0).Select(r => new UnreadValues(r.Field, r.Kind switch
    {
        Kind.Number => "no number",
        Kind.Time => "no time",
        _ => "a list of several values, the field takes one (multiCategorical takes lists)",
    }, r.Count, r.Of, r.Examples));

    /// <summary>A number as invariant text; null when it is none.</summary>
    public static string? Number(string? text, char mark) =>
        NumberText.TryParse(text, mark, out double number) ? number.ToString("R", CultureInfo.InvariantCulture) : null;

    /// <summary>7.0 and 07 as 7; anything else as it is.</summary>
    public static string? Integer(string? text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        bool whole = decimal.TryParse(trimmed, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out decimal number) && decimal.Truncate(number) == number;
        return whole ? number.ToString("0", CultureInfo.InvariantCulture) : text;
    }

    /// <summary>Fails when more is unread than the project tolerates.</summary>
    public static void Check(IEnumerable<UnreadValues> unread, double tolerance, string path)
    {
        foreach (UnreadValues field in unread)
        {
            if (field.Count <= tolerance * field.Of) { continue; }
            string share =
                $"{field.Count} of {field.Of} values ({100.0 * field.Count / field.Of:0.##} %) are {field.What}, such as "
                    + $"{string.Join(", ", field.Examples.Select(e => $"'{e}'"))}";
            string remedy = field.What == "no number" && field.Examples.Any(e => NumberText.TryParse(e, ',', out _))
                ? "if the comma is the decimal mark, set decimal to \",\" for this table"
                : "correct the table, or let the field be another kind";
            throw new FactoException(
                $"{path}: field '{field.Field}': {share}; maxUnread allows {100 * tolerance:0.##} %: {remedy}, or raise maxUnread");
        }
    }

    private bool Read(Kind kind, ref string? text)
    {
        if (kind == Kind.Single)
        {
            if (!ListText.IsList(text)) { return true; }
            List<string> elements = ListText.Elements(text);
            text = string.Join(", ", elements);
            return elements.Count < 2;
        }

        if (kind == Kind.Time) { return TimeText.Format(text, TimePart.Year, stackalloc char[TimeText.MaxLength]).Length > 0; }
        if (Number(text, _mark) is not { } number) { return false; }
        text = number;
        return true;
    }

    private static int IndexOf(IReadOnlyList<string> columns, string name)
    {
        // Behind ids, label, time and weight: fields stand last.
        for (int c = columns.Count - 1; c >= 0; c--)
        {
            if (columns[c] == name) { return c; }
        }

        return -1;
    }

    private sealed class Reading(string name, int column, Kind kind)
    {
        private const int Shown = 3, Longest = 60;

        public string Field => name;

        public int Column => column;

        public Kind Kind => kind;

        public long Count { get; private set; }

        public long Of { get; set; }

        public List<string> Examples { get; } = [];

        public void Add(string text)
        {
            Count++;
            if (Examples.Count < Shown && !Examples.Contains(text)) { Examples.Add(text.Length > Longest ? text[..Longest] + "…" : text); }
        }
    }
}
