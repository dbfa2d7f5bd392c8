using Facto.Data;
using Facto.Data.Building;

namespace Facto;

/// <summary>Names the fields that a user, an item or a request has, and how each value is read from an object.</summary>
/// <typeparam name="T">The object: a user, an item, or a row of the log for context fields.</typeparam>
public sealed class FieldsBuilder<T>
{
    private readonly FieldSide _side;
    private readonly List<FieldColumn<T>> _columns = [];

    internal FieldsBuilder(FieldSide side) => _side = side;

    internal IReadOnlyList<FieldColumn<T>> Columns => _columns;

    internal Action<T, TextBuffer>? TitleColumn { get; private set; }

    internal bool HasId { get; private set; } = true;

    /// <summary>One value: one feature. A null or empty value says nothing.</summary>
    /// <param name="name">The field's name, unique in the dataset.</param>
    /// <param name="value">The value, of any type; it is spelt by the invariant culture.</param>
    /// <param name="minCount">Values seen in fewer training examples share no feature, ≥ 1.</param>
    public FieldsBuilder<T> Category<TValue>(string name, Func<T, TValue> value, int minCount = 1) =>
        AddValue(new FieldSpec { Name = name, MinCount = minCount }, value);

    /// <summary>Several values, such as tags.</summary>
    /// <param name="name">The field's name, unique in the dataset.</param>
    /// <param name="values">The values; null is none. They may hold any character but U+001E.</param>
    /// <param name="pooling">How m values weigh: 1 each, 1/m or 1/√m.</param>
    /// <param name="minCount">Values seen in fewer training examples share no feature, ≥ 1.</param>
    public FieldsBuilder<T> Categories(
        string name, Func<T, IEnumerable<string>?> values, Pooling pooling = Pooling.Mean, int minCount = 1) =>
        AddList(new FieldSpec { Name = name, Kind = FieldKind.MultiCategorical, Pooling = pooling, MinCount = minCount }, values);

    /// <summary>A number: in buckets of equal weight, standardised, or as it is.</summary>
    /// <param name="name">The field's name, unique in the dataset.</param>
    /// <param name="value">The number, of any numeric type; null and what is not finite say nothing.</param>
    /// <param name="buckets">Quantile buckets of the training examples, ≥ 2; 0 for none.</param>
    /// <param name="standardize">Subtract the training mean and divide by the training standard deviation; not together with
    /// buckets.</param>
    public FieldsBuilder<T> Number<TValue>(string name, Func<T, TValue> value, int buckets = 0, bool standardize = false) =>
        AddValue(new FieldSpec { Name = name, Kind = FieldKind.Numeric, Buckets = buckets, Standardize = standardize }, value);

    /// <summary>Values that are hashed into a fixed number of features, for vocabularies too large to keep.</summary>
    /// <param name="name">The field's name, unique in the dataset.</param>
    /// <param name="values">The values; null is none.</param>
    /// <param name="buckets">Features, ≥ 1.</param>
    /// <param name="pooling">How m values weigh: 1 each, 1/m or 1/√m.</param>
    public FieldsBuilder<T> Hashed(string name, Func<T, IEnumerable<string>?> values, int buckets, Pooling pooling = Pooling.Mean) =>
        AddList(new FieldSpec { Name = name, Kind = FieldKind.Hashed, HashBuckets = buckets, Pooling = pooling }, values);

    /// <summary>The title of an item, shown instead of its id.</summary>
    public FieldsBuilder<T> Title(Func<T, string?> title)
    {
        ArgumentNullException.ThrowIfNull(title);
        if (_side != FieldSide.Item) { throw new FactoException("only items have a title: call Title inside Items"); }
        TitleColumn = (row, text) => text.Append(title(row));
        return this;
    }

    /// <summary>
    /// Leaves the id itself out of the features: the side is described by its other fields alone, so that whoever is new is not different.
    /// </summary>
    public FieldsBuilder<T> WithoutId()
    {
        if (_side == FieldSide.Context) { throw new FactoException("a context has no id: call WithoutId inside Users or Items"); }
        HasId = false;
        return this;
    }

    private FieldsBuilder<T> AddValue<TValue>(FieldSpec spec, Func<T, TValue> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Add(spec, (row, text) => text.AppendValue(value(row)));
    }

    private FieldsBuilder<T> AddList(FieldSpec spec, Func<T, IEnumerable<string>?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Add(spec, (row, text) =>
        {
            bool isFirst = true;
            foreach (string value in values(row) ?? [])
            {
                if (!isFirst) { text.Append(FieldValues.ListSeparator); }
                text.Append(value);
                isFirst = false;
            }
        }, isList: true);
    }

    private FieldsBuilder<T> Add(FieldSpec spec, Action<T, TextBuffer> append, bool isList = false)
    {
        _columns.Add(new FieldColumn<T>(spec with { Side = _side }, append, isList));
        return this;
    }
}
