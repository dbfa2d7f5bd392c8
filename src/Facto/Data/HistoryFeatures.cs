namespace Facto.Data;

/// <summary>
/// Which features of a user's row say "the user had this item": those of the user side's bag fields, which are the item ids' own features
/// when the bag is tied.
/// </summary>
internal sealed class HistoryFeatures
{
    private readonly int[] _itemOf;   // feature → item row, −1 for what is in no bag
    private readonly int[] _bagOf;    // feature → position of its bag field

    private HistoryFeatures(int featureCount)
    {
        (_itemOf, _bagOf) = (new int[featureCount], new int[featureCount]);
        Array.Fill(_itemOf, -1);
        Array.Fill(_bagOf, -1);
    }

    /// <summary>Null when no user field is a bag of items with ids.</summary>
    /// <exception cref="FactoException">Two bags are tied to the item ids, so that a feature does not tell which it is of.</exception>
    public static HistoryFeatures? Of(FeatureSchema schema, Vocabulary? itemIds)
    {
        HistoryFeatures? history = null;
        for (int f = 0; f < schema.Fields.Count && itemIds is not null; f++)
        {
            Field field = schema.Fields[f];
            if (field.Spec is not { Kind: FieldKind.Bag, Side: FieldSide.User }) { continue; }
            if ((field.Spec.Tied ? schema.IdField(FieldSide.Item) : field) is not { Vocabulary: { } items } owner) { continue; }
            history ??= new HistoryFeatures(schema.FeatureCount);
            for (int v = 0; v < owner.Count; v++)
            {
                if (history._bagOf[owner.Offset + v] >= 0)
                {
                    throw new FactoException(
                        $"fields '{schema.Fields[history._bagOf[owner.Offset + v]].Spec.Name}' and '{field.Spec.Name}' are both tied to "
                            + $"the item ids; tie one of them");
                }
                history._itemOf[owner.Offset + v] = itemIds.IndexOf(items[v]);
                history._bagOf[owner.Offset + v] = f;
            }
        }

        return history;
    }

    /// <summary>The item row that a feature of a user's row stands for; −1 when it is no part of a history.</summary>
    public int ItemOf(int feature) => _itemOf[feature];

    /// <summary>The position of the bag field that a feature of a user's row belongs to; −1 when it is no part of a history.</summary>
    public int BagOf(int feature) => _bagOf[feature];
}
