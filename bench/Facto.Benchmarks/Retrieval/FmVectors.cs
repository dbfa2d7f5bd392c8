using Facto.Numerics;

namespace Facto.Benchmarks.Retrieval;

/// <summary>
/// A generated catalogue of a factorization machine: 64 factors, popularity (rank/n)^−0.35, factor norm 2 (tail) to 5 (head) times a
/// lognormal, directions with a falling spectrum, quality ln(popularity) + noise; queries [1; N(0, 0.35²)].
/// </summary>
internal static class FmVectors
{
    private const int Factors = 64;

    public static RowMatrix Items(int count, ulong seed)
    {
        var items = new RowMatrix(count, Factors + 1);
        var order = new int[count];
        for (int i = 0; i < count; i++) { order[i] = i; }
        new SeededRandom(seed).Shuffle<int>(order);
        Parallel.For(0, (count + 4095) / 4096, block =>
        {
            var random = new SeededRandom(seed, (ulong)block + 1);
            for (int rank = block * 4096; rank < Math.Min(count, (block + 1) * 4096); rank++)
            {
                Fill(ref random, items.Row(order[rank]), rank, count);
            }
        });
        return items;
    }

    public static RowMatrix Users(int count, ulong seed)
    {
        var users = new RowMatrix(count, Factors + 1);
        var random = new SeededRandom(seed, ulong.MaxValue);
        for (int user = 0; user < count; user++)
        {
            Span<float> u = users.Row(user);
            u[0] = 1;
            for (int f = 1; f < u.Length; f++) { u[f] = (float)(0.35 * random.NextNormal()); }
        }

        return users;
    }

    private static void Fill(ref SeededRandom random, Span<float> item, int rank, int count)
    {
        double popularity = Math.Pow((rank + 1.0) / count, -0.35), square = 0;
        for (int f = 1; f < item.Length; f++)
        {
            double value = random.NextNormal() / Math.Sqrt(f);
            item[f] = (float)value;
            square += value * value;
        }

        double norm = (2 + (3 * Math.Log(popularity) / Math.Log(Math.Pow(count, 0.35)))) * Math.Exp(0.15 * random.NextNormal());
        for (int f = 1; f < item.Length; f++) { item[f] *= (float)(norm / Math.Sqrt(square)); }
        item[0] = (float)(Math.Log(popularity) + (0.5 * random.NextNormal()));
    }
}
