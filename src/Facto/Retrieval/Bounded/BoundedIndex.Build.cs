using Facto.Numerics;

namespace Facto.Retrieval.Bounded;

// The order of the items decides only how much can be skipped: likely items first, then equals together.
internal sealed unsafe partial class BoundedIndex
{
    // Items of equal promise are sorted by norm within bands of this many, so that the items of a panel have much the same quality and
    // norm.
    private const int BandItems = 64 * CodePanels.Rows;

    /// <summary>Builds the index from item vectors.</summary>
    /// <param name="vectors">One row per item; the first coordinate is the item's own quality, as in the vectors of a factorization machine
    /// (any vectors work).</param>
    /// <param name="sampleQueries">A few real queries, from whose length the order of the items is chosen; null assumes that quality and
    /// norm matter alike.</param>
    /// <param name="workers">Threads, or 0 for one per processor. The result does not depend on it.</param>
    /// <param name="cancel">Stops the build.</param>
    /// <exception cref="FactoException">A vector holds a value that is not finite, or the vectors have more than <see cref="MaxDimension"/>
    /// coordinates or none.</exception>
    public static BoundedIndex Build(
        RowMatrix vectors, RowMatrix? sampleQueries = null, int workers = 0, CancellationToken cancel = default)
    {
        int count = vectors.RowCount, dimension = vectors.ColumnCount;
        if (dimension is 0 or > MaxDimension)
        {
            throw new FactoException(
                $"item vectors have {dimension} coordinates; the bounded index takes 1 to {MaxDimension}: use the exact index");
        }

        if (workers <= 0) { workers = Environment.ProcessorCount; }
        SearchArguments.RequireFinite(vectors, "item");
        (float[] leads, float[] norms) = Measure(vectors);
        cancel.ThrowIfCancellationRequested();
        int[] order = Order(leads, norms, sampleQueries);
        cancel.ThrowIfCancellationRequested();
        var items = new NativeBlock<int>(order);
        var positions = new NativeBlock<int>(count);
        var rows = new NativeBlock<float>((long)count * dimension);
        for (int position = 0; position < count; position++)
        {
            positions[order[position]] = position;
            vectors.Row(order[position]).CopyTo(rows.Slice((long)position * dimension, dimension));
        }

        GC.KeepAlive(vectors);

        return new BoundedIndex(CodePanels.Encode(rows, count, dimension, workers), items, positions, rows);
    }

    private static (float[] Leads, float[] Norms) Measure(RowMatrix vectors)
    {
        float[] leads = new float[vectors.RowCount], norms = new float[vectors.RowCount];
        for (int row = 0; row < vectors.RowCount; row++)
        {
            ReadOnlySpan<float> x = vectors.Row(row);
            leads[row] = x[0];
            norms[row] = MathF.Sqrt(VectorOps.SumOfSquares(x[1..]));
            if (!(norms[row] <= 1e18f))
            {
                throw new FactoException(
                    $"the item vector of row {row} is too long to square; train the model anew with a smaller learning rate");
            }
        }

        return (leads, norms);
    }

    private static int[] Order(float[] leads, float[] norms, RowMatrix? sampleQueries)
    {
        double weight = sampleQueries is { RowCount: > 0 } ? MeanNorm(sampleQueries) : Deviation(leads) / Math.Max(Deviation(norms), 1e-12);
        var order = new int[leads.Length];
        var keys = new double[leads.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
            keys[i] = -(leads[i] + (weight * norms[i]));
        }

        Array.Sort(keys, order);
        for (int start = 0; start < order.Length; start += BandItems)
        {
            Span<int> band = order.AsSpan(start, Math.Min(BandItems, order.Length - start));
            band.Sort((a, b) => norms[a] != norms[b] ? norms[b].CompareTo(norms[a]) : a.CompareTo(b));
        }

        return order;
    }

    private static double MeanNorm(RowMatrix queries)
    {
        double sum = 0;
        for (int row = 0; row < queries.RowCount; row++)
        {
            ReadOnlySpan<float> q = queries.Row(row);
            sum += Math.Sqrt(VectorOps.SumOfSquares(q[1..])) / Math.Max(Math.Abs(q[0]), 1e-6);
        }

        return sum / queries.RowCount;
    }

    private static double Deviation(float[] values)
    {
        double sum = 0, squares = 0;
        foreach (float value in values)
        {
            sum += value;
            squares += (double)value * value;
        }

        double mean = sum / Math.Max(values.Length, 1);
        return Math.Sqrt(Math.Max(0, (squares / Math.Max(values.Length, 1)) - (mean * mean)));
    }
}
