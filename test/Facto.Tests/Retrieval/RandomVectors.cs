using Facto.Numerics;

namespace Facto.Tests.Retrieval;

/// <summary>Vectors for tests of retrieval.</summary>
internal static class RandomVectors
{
    /// <summary>Small whole numbers: every inner product is exact in float32, and ties are frequent.</summary>
    public static RowMatrix Whole(int rows, int columns, ulong seed, int largest = 4)
    {
        var random = new SeededRandom(seed);
        return Fill(rows, columns, () => random.NextInt((2 * largest) + 1) - largest);
    }

    public static RowMatrix Normal(int rows, int columns, ulong seed)
    {
        var random = new SeededRandom(seed);
        return Fill(rows, columns, () => (float)random.NextNormal());
    }

    /// <summary>Admits about <paramref name="share"/> of the items.</summary>
    public static ulong[] Bitmap(int items, double share, ulong seed)
    {
        var random = new SeededRandom(seed);
        var bitmap = new ulong[(items + 63) / 64];
        for (int item = 0; item < items; item++)
        {
            if (random.NextDouble() < share) { bitmap[item / 64] |= 1UL << (item % 64); }
        }

        return bitmap;
    }

    /// <summary>An ascending list with about <paramref name="share"/> of the items.</summary>
    public static int[] Denied(int items, double share, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, items).Where(_ => random.NextDouble() < share)];
    }

    private static RowMatrix Fill(int rows, int columns, Func<float> draw)
    {
        var matrix = new RowMatrix(rows, columns);
        for (int row = 0; row < rows; row++)
        {
            foreach (ref float value in matrix.Row(row)) { value = draw(); }
        }

        return matrix;
    }
}
