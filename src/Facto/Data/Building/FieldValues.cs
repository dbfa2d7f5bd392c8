namespace Facto.Data.Building;

/// <summary>
/// One field and where its values stand: the id itself, a column of a side's table or of the context tuples, or the interactions (a bag).
/// </summary>
internal sealed class FieldValues
{
    /// <summary>
    /// Stands between the elements of a list in a table that was made from objects, where no separator of the source's can be meant.
    /// </summary>
    public const char ListSeparator = '\u001e';

    private const int IsId = -1, IsBag = -2;

    private readonly int _column;
    private readonly EntityTable? _table;

    private FieldValues(FieldSpec spec, int column, EntityTable? table)
    {
        Spec = spec;
        _column = column;
        _table = table;
    }

    public FieldSpec Spec { get; }

    public bool IsBagField => _column == IsBag;

    /// <summary>
    /// True when a value is a list with <see cref="ListSeparator"/> between its elements, whatever characters these have.
    /// </summary>
    public bool IsList { get; private init; }

    public static FieldValues OfId(FieldSpec spec) => new(spec, IsId, null);

    public static FieldValues OfBag(FieldSpec spec) => new(spec, IsBag, null);

    /// <summary>A field whose values are one column of the context tuples.</summary>
    public static FieldValues OfContext(FieldSpec spec, int column, bool isList = false) => new(spec, column, null) { IsList = isList };

    public static FieldValues OfTable(FieldSpec spec, int column, EntityTable table, bool isList = false) =>
        new(spec, column, table) { IsList = isList };

    /// <summary>The text of a user, item or context; bags have none.</summary>
    public string? Text(string id) => _column switch
    {
        IsId => id,
        IsBag => null,
        _ when _table is not null => _table.Value(id, _column),
        _ => ListText.At(id, _column).ToString(),
    };

    /// <summary>Shows the field's value for an id to what learns the field.</summary>
    public void Fit(FieldFitter fitter, string id, int examples)
    {
        string? text = Text(id);
        if (_column == IsId && Spec.Kind == FieldKind.Categorical) { fitter.AddExact(id, examples); }
        else if (ListText.IsList(text))
        {
            foreach (string value in Spec.Kind == FieldKind.Hashed ? [] : ListText.Elements(text)) { fitter.AddOne(value, examples); }
        }
        else if (!IsList) { fitter.Add(text, examples); }
        else if (text is not null && Spec.Kind != FieldKind.Hashed)
        {
            foreach (string value in text.Split(ListSeparator)) { fitter.AddOne(value, examples); }
        }
    }

    /// <summary>Adds the field's value for an id to a row.</summary>
    /// <param name="encoder">Of the schema that this field is in.</param>
    /// <param name="field">This field's position in the schema.</param>
    /// <param name="id">External id or context tuple.</param>
    /// <param name="row">Where the features go.</param>
    public void Encode(FeatureEncoder encoder, int field, string id, FeatureBuffer row)
    {
        string? text = Text(id);
        if (_column == IsId && Spec.Kind == FieldKind.Categorical) { encoder.EncodeExact(field, id, row); }
        else if (ListText.IsList(text)) { encoder.Encode(field, ListText.Elements(text), row); }
        else if (!IsList) { encoder.Encode(field, text, row); }
        else if (text is not null) { encoder.Encode(field, text.Split(ListSeparator), row); }
    }
}
