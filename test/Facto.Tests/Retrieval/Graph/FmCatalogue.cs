using Facto.Numerics;

namespace Facto.Tests.Retrieval.Graph;

/// <summary>
/// Vectors as a factorization machine gives them: [quality; factors], quality and factor norm falling with popularity rank, queries [1;
/// N(0, 0.35²)]. Items lie in random order.
/// </summary>
internal sealed class FmCatalogue
{
    public FmCatalogue(int items, int users, int factors = 16, ulong seed = 1)
    {
        var random = new SeededRandom(seed);
        Items = new RowMatrix(items, factors + 1);
        Ranks = [.. Enumerable.Range(0, items)];
        random.Shuffle<int>(Ranks);
        for (int item = 0; item < items; item++)
        {
            double popularity = Math.Pow((Ranks[item] + 1.0) / items, -0.35),
                norm = (2 + (3 * Math.Log(popularity) / (0.35 * Math.Log(Math.Max(2, items))))) * Math.Exp(0.15 * random.NextNormal());
            Span<float> vector = Items.Row(item);
            Factors(ref random, vector, norm / Math.Sqrt(factors));
            vector[0] = (float)(Math.Log(popularity) + (0.5 * random.NextNormal()));
        }

        Users = new RowMatrix(users, factors + 1);
        for (int user = 0; user < users; user++)
        {
            Factors(ref random, Users.Row(user), 0.35);
            Users.Row(user)[0] = 1;
        }
    }

    public RowMatrix Items { get; }

    public RowMatrix Users { get; }

    /// <summary>Popularity rank of each item, 0 first.</summary>
    public int[] Ranks { get; }

    /// <summary>Allows the less popular half.</summary>
    public ulong[] UnpopularHalf()
    {
        var bitmap = new ulong[(Items.RowCount + 63) / 64];
        for (int item = 0; item < Items.RowCount; item++)
        {
            if (Ranks[item] >= Items.RowCount / 2) { bitmap[item / 64] |= 1UL << (item % 64); }
        }

        return bitmap;
    }

    private static void Factors(ref SeededRandom random, Span<float> vector, double deviation)
    {
        for (int f = 1; f < vector.Length; f++) { vector[f] = (float)(deviation * random.NextNormal()); }
    }
}
