using Facto.Data;
using Facto.Numerics;

namespace Facto.Models.Family;

/// <summary>The field of every feature, and the fields that a row of each side may have.</summary>
internal sealed unsafe class FieldSides
{
    private readonly NativeBlock<ushort> _fieldOf;
    private readonly bool[] _mayBeUser, _mayBeItem;
    private readonly FeatureSchema _schema;

    private FieldSides(FeatureSchema schema, int[] user, int[] item)
    {
        (_schema, User, Item) = (schema, user, item);
        (_mayBeUser, _mayBeItem) = (new bool[schema.Fields.Count], new bool[schema.Fields.Count]);
        foreach (int f in user) { _mayBeUser[f] = true; }
        foreach (int f in item) { _mayBeItem[f] = true; }
        _fieldOf = new NativeBlock<ushort>(schema.FeatureCount);
        for (int f = 0; f < schema.Fields.Count; f++)
        {
            Field field = schema.Fields[f];
            for (long start = 0; start < field.Count; start += 1 << 24)
            {
                _fieldOf.Slice(field.Offset + start, (int)Math.Min(1 << 24, field.Count - start)).Fill((ushort)f);
            }
        }
    }

    /// <summary>Fields of users and contexts, and the item ids when a bag of the user is tied to them.</summary>
    public int[] User { get; }

    /// <summary>Fields of items, and the user ids when a bag of the item is tied to them.</summary>
    public int[] Item { get; }

    public NativeBlock<ushort> FieldOf => _fieldOf;

    public static FieldSides Of(FeatureSchema schema)
    {
        if (schema.Fields.Count > ushort.MaxValue)
        {
            throw new FactoException($"{schema.Fields.Count} fields are too many for a model that knows fields; it may have "
                + $"{ushort.MaxValue}");
        }
        return new FieldSides(schema, Side(schema, isItem: false), Side(schema, isItem: true));
    }

    /// <summary>The field of a feature of a user's or context's row.</summary>
    /// <exception cref="FactoException">Such a row has no features of this field.</exception>
    public int OfUser(int feature) => Checked(feature, _mayBeUser, "item");

    /// <summary>The field of a feature of an item's row.</summary>
    /// <exception cref="FactoException">Such a row has no features of this field.</exception>
    public int OfItem(int feature) => Checked(feature, _mayBeItem, "user");

    public int Of(int feature) => _fieldOf[feature];

    private int Checked(int feature, bool[] allowed, string other)
    {
        int field = _fieldOf[feature];
        return allowed[field] ? field
            : throw new FactoException($"feature {_schema.Describe(feature)} belongs to the {other} side, so it cannot stand in a row "
                + $"of the other one; give its field the side it is used on");
    }

    private static int[] Side(FeatureSchema schema, bool isItem)
    {
        bool Mine(Field field) => (field.Spec.Side == FieldSide.Item) == isItem;
        var fields = new List<int>();
        bool tied = schema.Fields.Any(f => Mine(f) && f.Spec is { Kind: FieldKind.Bag, Tied: true });
        Field? ids = tied ? schema.IdField(isItem ? FieldSide.User : FieldSide.Item) : null;
        for (int f = 0; f < schema.Fields.Count; f++)
        {
            if (Mine(schema.Fields[f]) || ReferenceEquals(schema.Fields[f], ids)) { fields.Add(f); }
        }

        return [.. fields];
    }
}
