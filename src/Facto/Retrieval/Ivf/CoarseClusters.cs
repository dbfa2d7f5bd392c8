using Facto.Numerics;
using Facto.Retrieval.Approximate;

namespace Facto.Retrieval.Ivf;

/// <summary>
/// k-means of items by how alike users score them (coordinates [ρ; h] of <see cref="ItemSpace"/>): Lloyd's passes over a sample, then one
/// over all. Points meet centres as blocks of a matrix product: ‖x − c‖² = ‖x‖² − 2⟨x, c⟩ + ‖c‖².
/// </summary>
internal sealed unsafe class CoarseClusters
{
    private const int Block = 64;
    private const int SamplePerList = 48;

    private readonly RowMatrix _centres;   // (list, [ρ; h])

    private CoarseClusters(RowMatrix centres) => _centres = centres;

    /// <summary>Centres, one row per list: ρ, then h.</summary>
    public RowMatrix Centres => _centres;

    public static CoarseClusters Train(RowMatrix items, ItemSpace space, int lists, int iterations, ulong seed, CancellationToken cancel)
    {
        var random = new SeededRandom(seed);
        int[] rows = [.. Enumerable.Range(0, items.RowCount)];
        random.Shuffle<int>(rows);
        int sampled = (int)Math.Min(items.RowCount, (long)lists * SamplePerList);
        var sample = new RowMatrix(sampled, space.Dimension);
        for (int i = 0; i < sampled; i++) { Map(space, items.Row(rows[i]), sample.Row(i)); }
        var clusters = new CoarseClusters(sample.Resized(lists));
        var nearest = new int[sampled];
        for (int pass = 0; pass < iterations; pass++)
        {
            cancel.ThrowIfCancellationRequested();
            clusters.Assign(sample, nearest);
            clusters.MoveCentres(sample, nearest, ref random);
        }

        return clusters;
    }

    /// <summary>The nearest list of every item.</summary>
    public int[] AssignAll(RowMatrix items, ItemSpace space, CancellationToken cancel)
    {
        const int chunk = 8192;
        var nearest = new int[items.RowCount];
        var points = new RowMatrix(Math.Min(chunk, items.RowCount), space.Dimension);
        for (int start = 0; start < items.RowCount; start += chunk)
        {
            cancel.ThrowIfCancellationRequested();
            int count = Math.Min(chunk, items.RowCount - start);
            for (int i = 0; i < count; i++) { Map(space, items.Row(start + i), points.Row(i)); }
            Assign(points, nearest.AsSpan(start, count));
        }

        return nearest;
    }

    private static void Map(ItemSpace space, ReadOnlySpan<float> item, Span<float> point) => point[^1] = space.MapItem(item, point[..^1]);

    private void Assign(RowMatrix points, Span<int> nearest)
    {
        int lists = _centres.RowCount, stride = (lists + 31) / 32 * 32;
        var squares = new float[lists];
        for (int list = 0; list < lists; list++) { squares[list] = VectorOps.SumOfSquares(_centres.Row(list)); }
        using var products = new NativeBlock<float>((long)Block * stride);
        for (int start = 0; start < nearest.Length; start += Block)
        {
            int count = Math.Min(Block, nearest.Length - start);
            MatrixProduct.MultiplyTransposed(
                points.Storage.Pointer + ((long)start * points.Stride), points.Stride, _centres.Storage.Pointer, _centres.Stride,
                    products.Pointer, stride, count, lists, points.ColumnCount);
            for (int i = 0; i < count; i++) { nearest[start + i] = Smallest(products.Pointer + ((long)i * stride), squares); }
        }

        GC.KeepAlive(points);
        GC.KeepAlive(this);
    }

    private static int Smallest(float* products, float[] squares)
    {
        int best = 0;
        float least = float.PositiveInfinity;
        for (int list = 0; list < squares.Length; list++)
        {
            float distance = squares[list] - (2 * products[list]);
            if (distance < least)
            {
                least = distance;
                best = list;
            }
        }

        return best;
    }

    // A list that nobody is nearest to starts again at a random point.
    private void MoveCentres(RowMatrix points, int[] nearest, ref SeededRandom random)
    {
        if (points.RowCount == 0) { return; }   // an index without items keeps its centres at the origin
        var counts = new int[_centres.RowCount];
        _centres.Storage.Span.Clear();
        for (int i = 0; i < nearest.Length; i++)
        {
            VectorOps.AddScaled(_centres.Row(nearest[i]), 1, points.Row(i));
            counts[nearest[i]]++;
        }

        for (int list = 0; list < counts.Length; list++)
        {
            Span<float> centre = _centres.Row(list);
            if (counts[list] == 0)
            {
                points.Row(random.NextInt(points.RowCount)).CopyTo(centre);
                continue;
            }

            foreach (ref float value in centre) { value /= counts[list]; }
        }
    }
}
