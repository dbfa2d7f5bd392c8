using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Facto.Numerics;

namespace Facto.Data;

/// <summary>
/// Turns the values of a schema's fields into features: the one encoder of import, evaluation, command line and server, so that training
/// and serving cannot differ. An empty value contributes nothing; so does an unknown one, which the buffer names. Nothing is allocated for
/// known values.
/// </summary>
internal sealed class FeatureEncoder
{
    private readonly FeatureSchema _schema;
    private readonly Target[] _targets;

    /// <summary>An encoder into the features of <paramref name="schema"/>.</summary>
    public FeatureEncoder(FeatureSchema schema)
    {
        _schema = schema;
        _targets = [.. schema.Fields.Select(f => new Target(f, Owner(schema, f)))];
    }

    /// <summary>The fields and their features.</summary>
    public FeatureSchema Schema => _schema;

    /// <summary>The position of the field called <paramref name="name"/>, or −1.</summary>
    public int FieldIndex(string name)
    {
        for (int f = 0; f < _targets.Length; f++)
        {
            if (_targets[f].Field.Spec.Name == name) { return f; }
        }

        return -1;
    }

    /// <summary>Adds one value, or several joined by the field's separator.</summary>
    /// <param name="field">Position in the schema's fields.</param>
    /// <param name="text">The value as the source spells it; blanks around it do not count.</param>
    /// <param name="row">Where the features go.</param>
    public void Encode(int field, ReadOnlySpan<char> text, FeatureBuffer row)
    {
        ref readonly Target target = ref _targets[field];
        ReadOnlySpan<char> spelt = text;
        text = text.Trim();
        if (text.IsEmpty) { return; }
        FieldSpec spec = target.Field.Spec;
        if (spec.Kind == FieldKind.Numeric)
        {
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
            {
                AddNumber(target.Field, number, row);
            }
            else { row.AddUnknown(spec.Name, text); }
            return;
        }

        int start = row.Count, distinct = 0;
        if (spec.TimePart is { } timePart)
        {
            ReadOnlySpan<char> value = TimeText.Format(text, timePart, stackalloc char[TimeText.MaxLength]);
            if (value.IsEmpty) { row.AddUnknown(spec.Name, text); }
            else { Add(target, value, start, row, ref distinct); }
        }
        else if (spec.Kind == FieldKind.Categorical || spec.Separator.Length == 0)
        {
            Add(target, spelt, start, row, ref distinct);
        }
        else if (spec.Kind == FieldKind.Bag)
        {
            // From the end: the newest values come last.
            for (ReadOnlySpan<char> rest = text; !rest.IsEmpty && More(spec, distinct);)
            {
                int cut = rest.LastIndexOf(spec.Separator);
                Add(target, cut < 0 ? rest : rest[(cut + spec.Separator.Length)..], start, row, ref distinct);
                rest = cut < 0 ? default : rest[..cut];
            }
        }
        else
        {
            foreach (Range part in text.Split(spec.Separator)) { Add(target, text[part], start, row, ref distinct); }
        }

        Pool(spec, start, distinct, row);
    }

    /// <summary>Adds several values; of a bag field the newest last.</summary>
    /// <inheritdoc cref="Encode(int, ReadOnlySpan{char}, FeatureBuffer)"/>
    public void Encode(int field, IReadOnlyList<string> values, FeatureBuffer row)
    {
        ref readonly Target target = ref _targets[field];
        FieldSpec spec = target.Field.Spec;
        if (spec.Kind is FieldKind.Numeric or FieldKind.Categorical)
        {
            if (values.Count > 1) { throw new FactoException($"field '{spec.Name}' takes one value, {values.Count} were given"); }
            if (values.Count == 1) { Encode(field, values[0], row); }
            return;
        }

        int start = row.Count, distinct = 0;
        bool newestFirst = spec.Kind == FieldKind.Bag;
        for (int i = 0; i < values.Count && (!newestFirst || More(spec, distinct)); i++)
        {
            Add(target, values[newestFirst ? values.Count - 1 - i : i], start, row, ref distinct);
        }

        Pool(spec, start, distinct, row);
    }

    /// <summary>Adds a number: as it is, standardised or bucketed; a categorical field takes it as its text.</summary>
    /// <inheritdoc cref="Encode(int, ReadOnlySpan{char}, FeatureBuffer)"/>
    public void Encode(int field, double number, FeatureBuffer row)
    {
        Span<char> text = stackalloc char[32];
        if (_targets[field].Field.Spec.Kind == FieldKind.Numeric && double.IsFinite(number))
        {
            AddNumber(_targets[field].Field, number, row);
        }
        else if (number.TryFormat(text, out int length, default, CultureInfo.InvariantCulture)) { Encode(field, text[..length], row); }
    }

    private static void AddNumber(Field field, double number, FeatureBuffer row)
    {
        if (field.Count == 0) { return; }
        if (field.Edges is not { } edges)
        {
            row.Add(field.Offset, field.Spec.Standardize ? (float)((number - field.Mean) / field.StandardDeviation) : (float)number);
            return;
        }

        int low = 0, high = edges.Length;   // the number of edges ≤ x
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (edges[middle] <= (float)number) { low = middle + 1; }
            else { high = middle; }
        }

        row.Add(field.Offset + low, 1f);
    }

    /// <summary>Adds an id, every character of which counts: "pad" and " pad " are two.</summary>
    internal void EncodeExact(int field, ReadOnlySpan<char> id, FeatureBuffer row)
    {
        ref readonly Target target = ref _targets[field];
        int index = target.Owner.Vocabulary?.IndexOf(id) ?? -1;
        if (index >= 0) { row.Add(target.Owner.Offset + index, 1f); }
        else if (!id.IsEmpty) { row.AddUnknown(target.Field.Spec.Name, id); }
    }

    // One value of a field whose values are looked up or hashed: as it stands, and when it is unknown so without the blanks around it.
    // `distinct` counts the values that found a feature.
    private static void Add(in Target target, ReadOnlySpan<char> text, int start, FeatureBuffer row, ref int distinct)
    {
        ReadOnlySpan<char> spelt = text;
        text = text.Trim();
        if (text.IsEmpty) { return; }
        FieldSpec spec = target.Field.Spec;
        if (spec.Kind == FieldKind.Hashed)
        {
            int hashed = target.Owner.Offset + (int)(Hash(text) % (ulong)target.Owner.Count);
            int same = row.PositionOf(hashed, start);
            if (same >= 0) { row.Increase(same, 1f); }
            else { row.Add(hashed, 1f); }
            distinct++;
            return;
        }

        int index = target.Owner.Vocabulary?.IndexOf(spelt) ?? -1;
        if (index < 0 && spelt.Length > text.Length) { index = target.Owner.Vocabulary?.IndexOf(text) ?? -1; }
        if (index < 0)
        {
            row.AddUnknown(spec.Name, text);
            return;
        }

        if (row.PositionOf(target.Owner.Offset + index, start) >= 0) { return; }
        row.Add(target.Owner.Offset + index, 1f);
        distinct++;
    }

    private static bool More(FieldSpec spec, int distinct) => spec.Recent == 0 || distinct < spec.Recent;

    private static void Pool(FieldSpec spec, int start, int distinct, FeatureBuffer row)
    {
        if (spec.Kind == FieldKind.Categorical || distinct == 0) { return; }
        row.Scale(start, spec.Pooling switch
        {
            Pooling.Sum => 1f,
            Pooling.Mean => 1f / distinct,
            Pooling.Sqrt => 1f / MathF.Sqrt(distinct),
            _ => throw new InvalidOperationException($"field '{spec.Name}' has the unknown pooling {spec.Pooling}"),
        });
    }

    [SkipLocalsInit]
    private static ulong Hash(ReadOnlySpan<char> text)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= 512)
        {
            Span<byte> small = stackalloc byte[512];
            return StableHash.Fnv1a(small[..Encoding.UTF8.GetBytes(text, small)]);
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(most);
        ulong hash = StableHash.Fnv1a(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    // A tied bag has no features of its own: its values are the other side's ids.
    private static Field Owner(FeatureSchema schema, Field field)
    {
        if (field.Spec.Kind != FieldKind.Bag || !field.Spec.Tied) { return field; }
        FieldSide other = field.Spec.Side == FieldSide.Item ? FieldSide.User : FieldSide.Item;
        return schema.IdField(other)
            ?? throw new FactoException(
                $"bag field '{field.Spec.Name}' is tied to the {other.ToString().ToLowerInvariant()} ids, but no categorical "
                    + $"{other.ToString().ToLowerInvariant()} field is there: add the id field or set tied to false");
    }

    private readonly record struct Target(Field Field, Field Owner);
}
