using Facto.Numerics;

namespace Facto.Benchmarks.WholeCatalogue;

/// <summary>
/// Positive pairs and, for each, so many random items with label 0 that the same user row did not choose: what a logistic FM learns from.
/// </summary>
internal static class SampledNegatives
{
    public static Dataset Add(Dataset train, int perPositive, ulong seed)
    {
        var random = new SeededRandom(seed, 77);
        var chosen = new HashSet<(int, int)>();
        var pairs = new List<(int U, int T, float Label)>();
        for (int i = 0; i < train.Count; i++) { chosen.Add((train.Interactions.Users![i], train.Interactions.Items![i])); }
        for (int i = 0; i < train.Count; i++)
        {
            int user = train.Interactions.Users![i];
            pairs.Add((user, train.Interactions.Items![i], 1));
            for (int n = 0; n < perPositive; n++)
            {
                int item = random.NextInt(train.Items!.RowCount);
                while (chosen.Contains((user, item))) { item = random.NextInt(train.Items.RowCount); }
                pairs.Add((user, item, 0));
            }
        }

        return train.WithInteractions(IcdData.Interactions(pairs));
    }
}
