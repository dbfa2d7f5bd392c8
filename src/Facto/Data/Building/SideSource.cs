namespace Facto.Data.Building;

/// <summary>
/// A side of the dataset as it was described: its id field, the fields of its table, and how the table is read when the dataset is built.
/// </summary>
internal sealed class SideSource(FieldSide side)
{
    private Func<double, CancellationToken, (EntityTable Table, RowRefusals Refusals)>? _read;
    private IReadOnlyList<(FieldSpec Spec, bool IsList)> _fields = [];
    private bool _hasId = true, _hasTitle;

    public int IdMinCount { get; set; } = 1;

    public FieldSpec? Bag { get; set; }

    /// <summary>Takes the description of a table of objects; nothing is read yet.</summary>
    public void Describe<TRow>(IEnumerable<TRow> rows, KeyColumn<TRow> id, FieldsBuilder<TRow> fields)
    {
        if (_read is not null) { throw new FactoException($"the {Word} table is given twice: describe all its fields in one call"); }
        _fields = [.. fields.Columns.Select(c => (c.Spec, c.IsList))];
        (_hasId, _hasTitle) = (fields.HasId, fields.TitleColumn is not null);
        Action<TRow,
            TextBuffer>[] columns = [
                .. fields.Columns.Select(c => c.Append),
                .. fields.TitleColumn is { } title ? [title] : Array.Empty<Action<TRow, TextBuffer>>()];
        string[] names = [.. fields.Columns.Select(c => c.Spec.Name), .. _hasTitle ? ["title"] : Array.Empty<string>()];
        _read = (tolerance, cancellation) => Read(rows, id.Fresh(), columns, names, tolerance, cancellation);
    }

    /// <summary>Reads the table, or null when there is none.</summary>
    /// <exception cref="FactoException">More of its rows are bad than are tolerated.</exception>
    public (EntityTable? Table, RowRefusals? Refusals) Read(double tolerance, CancellationToken cancellation) =>
        _read is { } read ? read(tolerance, cancellation) : default((EntityTable?, RowRefusals?));

    /// <summary>The side's fields: its id, its table's, its bag.</summary>
    public IEnumerable<FieldValues> Bind(EntityTable? table)
    {
        if (_hasId) { yield return FieldValues.OfId(new FieldSpec { Name = Word, Side = side, MinCount = IdMinCount }); }
        for (int f = 0; f < _fields.Count; f++) { yield return FieldValues.OfTable(_fields[f].Spec, f, table!, _fields[f].IsList); }
        if (Bag is { } bag) { yield return FieldValues.OfBag(bag); }
    }

    public Func<string, string?>? Title(EntityTable? table) => _hasTitle ? id => table!.Value(id, _fields.Count) : null;

    private string Word => side == FieldSide.User ? "user" : "item";

    private (EntityTable Table, RowRefusals Refusals) Read<TRow>(
        IEnumerable<TRow> rows, KeyColumn<TRow> id, Action<TRow, TextBuffer>[] columns, string[] names, double tolerance,
            CancellationToken cancellation)
    {
        var table = new EntityTable(names);
        var refusals = new RowRefusals(tolerance, $"{Word} table, ");
        var text = new TextBuffer();
        long number = 0;
        foreach (TRow row in rows)
        {
            if ((number & 1023) == 0) { cancellation.ThrowIfCancellationRequested(); }
            if (row is null || !id.Read(row)) { refusals.Add(number, $"there is no {Word} id", null); }
            else
            {
                string?[] values = new string?[columns.Length + 1];
                values[0] = id.Text;
                for (int c = 0; c < columns.Length; c++)
                {
                    text.Clear();
                    columns[c](row, text);
                    values[c + 1] = text.Text.IsEmpty ? null : text.Text.ToString();
                }

                table.Take(values);
            }

            number++;
        }

        refusals.Check(number);
        return (table, refusals);
    }
}
