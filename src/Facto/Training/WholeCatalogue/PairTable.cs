using Facto.Numerics;

namespace Facto.Training.WholeCatalogue;

/// <summary>The observed pairs S seen from one side: row c met the partner rows Partners[Offsets[c] … Offsets[c+1]−1].</summary>
internal sealed class PairTable
{
    private PairTable(int rowCount, int count, bool weighted)
    {
        RowCount = rowCount;
        Offsets = new NativeBlock<int>(rowCount + 1L);
        Partners = new NativeBlock<int>((long)count);
        Targets = new NativeBlock<float>((long)count);
        RootWeights = weighted ? new NativeBlock<float>((long)count) : null;
    }

    public int RowCount { get; }

    public NativeBlock<int> Offsets { get; }

    public NativeBlock<int> Partners { get; }

    /// <summary>What the score of the pair should be.</summary>
    public NativeBlock<float> Targets { get; }

    /// <summary>√ω; null when every pair weighs 1.</summary>
    public NativeBlock<float>? RootWeights { get; }

    public int Count => (int)Partners.Length;

    /// <summary>Sorts pairs by their row, and within a row by partner, so that sweeps gather in one direction.</summary>
    public static PairTable Group(
        int rowCount, ReadOnlySpan<int> rows, int partnerCount, ReadOnlySpan<int> partners, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights)
    {
        int[] byPartner = CountingSort(partners, partnerCount, null);
        int[] order = CountingSort(rows, rowCount, byPartner);
        var table = new PairTable(rowCount, rows.Length, weighted: !weights.IsEmpty);
        foreach (int row in rows) { table.Offsets[row + 1L]++; }
        for (int r = 0; r < rowCount; r++) { table.Offsets[r + 1L] += table.Offsets[r]; }
        for (int i = 0; i < order.Length; i++)
        {
            table.Partners[i] = partners[order[i]];
            table.Targets[i] = targets[order[i]];
            if (table.RootWeights is not null) { table.RootWeights[i] = MathF.Sqrt(weights[order[i]]); }
        }

        return table;
    }

    /// <summary>Σ ω over the pairs of a row.</summary>
    public double Weight(int row)
    {
        int start = Offsets[row], end = Offsets[row + 1L];
        if (RootWeights is null) { return end - start; }
        double sum = 0;
        for (int i = start; i < end; i++) { sum += (double)RootWeights[i] * RootWeights[i]; }
        return sum;
    }

    /// <summary>Positions in ascending order of key; equal keys keep the order of <paramref name="first"/>.</summary>
    private static int[] CountingSort(ReadOnlySpan<int> keys, int bound, int[]? first)
    {
        int[] starts = new int[bound + 1], order = new int[keys.Length];
        foreach (int key in keys) { starts[key + 1]++; }
        for (int k = 0; k < bound; k++) { starts[k + 1] += starts[k]; }
        for (int i = 0; i < keys.Length; i++)
        {
            int position = first is null ? i : first[i];
            order[starts[keys[position]]++] = position;
        }

        return order;
    }
}
