using Facto.Data;

namespace Facto.Serving;

/// <summary>For each item feature the items that have it: attribute filters become bitmaps from these lists.</summary>
internal sealed class ItemAttributes
{
    private readonly Dictionary<int, int[]> _itemsOf = [];
    private readonly FeatureSchema _schema;

    /// <summary>Inverts the item table.</summary>
    public ItemAttributes(FeatureSchema schema, SparseRows items)
    {
        _schema = schema;
        ItemCount = items.RowCount;
        var lists = new Dictionary<int, List<int>>();
        for (int item = 0; item < items.RowCount; item++)
        {
            foreach (int feature in items[item].Features)
            {
                if (!lists.TryGetValue(feature, out List<int>? list)) { lists[feature] = list = []; }
                list.Add(item);
            }
        }

        foreach ((int feature, List<int> list) in lists) { _itemsOf[feature] = [.. list]; }
    }

    /// <summary>Number of items.</summary>
    public int ItemCount { get; }

    /// <summary>Words of a bitmap over all items.</summary>
    public int WordCount => (ItemCount + 63) / 64;

    /// <summary>
    /// Leaves in <paramref name="bitmap"/> the items that have one of <paramref name="values"/> of <paramref name="field"/>.
    /// </summary>
    /// <param name="bitmap"><see cref="WordCount"/> words.</param>
    /// <param name="field">An item field with named values.</param>
    /// <param name="values">Any of them suffices; values that no item has match nothing.</param>
    /// <exception cref="FactoException">There is no such item field.</exception>
    public void Keep(Span<ulong> bitmap, string field, IEnumerable<string> values)
    {
        Field? found = _schema.Find(field);
        if (found is not { Spec.Side: FieldSide.Item, Vocabulary: { } vocabulary })
        {
            IEnumerable<string> able = _schema.Fields.Where(f => f.Spec.Side == FieldSide.Item && f.Vocabulary is not null)
                .Select(f => f.Spec.Name);
            throw new FactoException(
                $"filter field '{field}' is not an item field with named values; use one of {string.Join(", ", able)}");
        }

        if (values is null) { throw new FactoException($"filter field '{field}' has no list of values: give one, or leave the field out"); }
        ulong[] match = new ulong[bitmap.Length];
        foreach (string value in values)
        {
            int index = vocabulary.IndexOf(value);
            if (index < 0 || !_itemsOf.TryGetValue(found.Offset + index, out int[]? items)) { continue; }
            foreach (int item in items) { match[item >> 6] |= 1UL << (item & 63); }
        }

        for (int w = 0; w < bitmap.Length; w++) { bitmap[w] &= match[w]; }
    }
}
