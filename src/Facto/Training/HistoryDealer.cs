using Facto.Data;
using Facto.Numerics;

namespace Facto.Training;

/// <summary>Deals users' items and makes the context rows that hold what is left of their bags.</summary>
internal sealed class HistoryDealer(Dataset data, HistoryFeatures history, int folds)
{
    /// <summary>One row per user, fold and former context that an example needs.</summary>
    public SparseRowsBuilder Contexts { get; } = new();

    /// <summary>The context row of each example.</summary>
    public NativeBlock<int> ContextOf { get; } = new((long)data.Count);

    /// <summary>One user: deal the items, then one context row per (fold, former context) that an example needs.</summary>
    public void Fold(int user, int[] examples, SeededRandom random)
    {
        SparseRow bag = data.Users![user];
        Dictionary<int, int> foldOf = Deal(bag, ref random);
        int used = Math.Clamp(foldOf.Count, 1, folds);
        var made = new Dictionary<(int Fold, int Context), int>();
        foreach (int example in examples)
        {
            if (!foldOf.TryGetValue(data.Interactions.Items![example], out int fold)) { fold = random.NextInt(used); }
            int former = data.ContextRow(example);
            if (!made.TryGetValue((fold, former), out int row))
            {
                made[(fold, former)] = row = Contexts.RowCount;
                AddContext(former < 0 ? default : data.Contexts![former], bag, foldOf, fold);
            }

            ContextOf[example] = row;
        }
    }

    // Item row → fold, for the items of the bag: shuffled and dealt out one by one, so that folds differ by one item at most.
    private Dictionary<int, int> Deal(SparseRow user, ref SeededRandom random)
    {
        var items = new SortedSet<int>();
        foreach (int feature in user.Features)
        {
            if (history.ItemOf(feature) is >= 0 and int item) { items.Add(item); }
        }

        int[] shuffled = [.. items];
        random.Shuffle(shuffled.AsSpan());
        var foldOf = new Dictionary<int, int>(shuffled.Length);
        for (int i = 0; i < shuffled.Length; i++) { foldOf[shuffled[i]] = i % Math.Min(folds, shuffled.Length); }
        return foldOf;
    }

    private void AddContext(SparseRow former, SparseRow user, Dictionary<int, int> foldOf, int fold)
    {
        for (int i = 0; i < former.Count; i++) { Contexts.Add(former.Features[i], former.Value(i)); }
        IReadOnlyList<Field> fields = data.Schema.Fields;
        var whole = new int[fields.Count];
        var kept = new int[fields.Count];
        foreach (int feature in user.Features)
        {
            if (history.BagOf(feature) is not (>= 0 and int field)) { continue; }
            whole[field]++;
            if (Keeps(feature)) { kept[field]++; }
        }

        for (int i = 0; i < user.Count; i++)
        {
            int feature = user.Features[i], field = history.BagOf(feature);
            if (field < 0 || !Keeps(feature)) { continue; }
            float share = (float)whole[field] / kept[field];
            float scale = fields[field].Spec.Pooling switch { Pooling.Mean => share, Pooling.Sqrt => MathF.Sqrt(share), _ => 1 };
            Contexts.Add(feature, scale * user.Value(i));
        }

        Contexts.EndRow();

        bool Keeps(int feature) => !foldOf.TryGetValue(history.ItemOf(feature), out int own) || own != fold;
    }
}
