using System.Runtime.Intrinsics;
using Facto.Numerics;

namespace Facto.Retrieval.Ivf;

/// <summary>
/// Product quantisation (Jégou, Douze and Schmid 2011): coordinates fall into groups, and a byte names the centre, out of 256, that a
/// vector is nearest to in a group. Groups are formed so that the product of the variances in each is about the same (as Ge et al. 2013 do
/// for theirs), because every group gets the same byte.
/// </summary>
internal sealed unsafe class ProductCodebook
{
    /// <summary>Centres of a group.</summary>
    public const int CentreCount = 256;

    private const int Passes = 10;

    private readonly float[] _halfSquares;   // (group, centre): ‖centre‖²/2

    public ProductCodebook(int groups, int[] coordinates, NativeBlock<float> centres)
    {
        GroupCount = groups;
        Coordinates = coordinates;
        Centres = centres;
        _halfSquares = new float[groups * CentreCount];
        for (int row = 0; row < coordinates.Length; row++)
        {
            Span<float> half = HalfSquares(row / Width), values = Row(row);
            for (int c = 0; c < CentreCount; c++) { half[c] += 0.5f * values[c] * values[c]; }
        }
    }

    /// <summary>Groups, which is bytes of a code.</summary>
    public int GroupCount { get; }

    /// <summary>Coordinates of a group.</summary>
    public int Width => GroupCount == 0 ? 0 : Coordinates.Length / GroupCount;

    /// <summary>(group, place): which coordinate stands there, −1 for none.</summary>
    public int[] Coordinates { get; }

    /// <summary>(group, place, centre).</summary>
    public NativeBlock<float> Centres { get; }

    /// <summary>Groups that <paramref name="length"/> coordinates fall into when codes shall have at most so many bytes.</summary>
    public static int GroupsOf(int length, int bytes)
    {
        if (length == 0) { return 0; }
        int width = (length + Math.Min(bytes, length) - 1) / Math.Min(bytes, length);
        return (length + width - 1) / width;
    }

    /// <summary>Learns groups and centres.</summary>
    /// <param name="sample">Vectors like those that will be coded.</param>
    /// <param name="bytes">Most bytes of a code, ≥ 1.</param>
    /// <param name="seed">Of the points that k-means begins with.</param>
    /// <param name="cancel">Stops it.</param>
    public static ProductCodebook Train(RowMatrix sample, int bytes, ulong seed, CancellationToken cancel)
    {
        int groups = GroupsOf(sample.ColumnCount, bytes);
        int[] coordinates = Balance(Variances(sample), groups);
        var book = new ProductCodebook(groups, coordinates, new NativeBlock<float>((long)coordinates.Length * CentreCount));
        if (sample.RowCount == 0) { return book; }
        var random = new SeededRandom(seed);
        var nearest = new int[sample.RowCount];
        for (int group = 0; group < groups; group++)
        {
            for (int c = 0; c < CentreCount; c++) { book.Place(group, c, sample.Row(random.NextInt(sample.RowCount))); }
            for (int pass = 0; pass < Passes; pass++)
            {
                cancel.ThrowIfCancellationRequested();
                book.MeasureCentres(group);
                for (int i = 0; i < nearest.Length; i++) { nearest[i] = book.Nearest(group, sample.Row(i)); }
                book.MoveCentres(group, sample, nearest, ref random);
            }

            book.MeasureCentres(group);
        }

        return book;
    }

    /// <summary>
    /// table[g · 256 + c] = ⟨query, centre c of group g⟩: the inner product with a decoded vector is a sum of one entry per group.
    /// </summary>
    public void FillTable(ReadOnlySpan<float> query, Span<float> table)
    {
        table.Clear();
        for (int row = 0; row < Coordinates.Length; row++)
        {
            if (Coordinates[row] >= 0)
            {
                VectorOps.AddScaled(table.Slice(row / Width * CentreCount, CentreCount), query[Coordinates[row]], Row(row));
            }
        }
    }

    /// <summary>Names the nearest centre of every group.</summary>
    public void Encode(ReadOnlySpan<float> vector, Span<byte> code)
    {
        for (int group = 0; group < GroupCount; group++) { code[group] = (byte)Nearest(group, vector); }
    }

    /// <summary>What a code stands for.</summary>
    public void Decode(ReadOnlySpan<byte> code, Span<float> vector)
    {
        for (int row = 0; row < Coordinates.Length; row++)
        {
            if (Coordinates[row] >= 0) { vector[Coordinates[row]] = Row(row)[code[row / Width]]; }
        }
    }

    private Span<float> Row(int row) => Centres.Slice((long)row * CentreCount, CentreCount);

    private Span<float> HalfSquares(int group) => _halfSquares.AsSpan(group * CentreCount, CentreCount);

    // argmin over centres of ‖centre‖²/2 − ⟨x, centre⟩
    private int Nearest(int group, ReadOnlySpan<float> vector)
    {
        float* distances = stackalloc float[CentreCount];
        var all = new Span<float>(distances, CentreCount);
        HalfSquares(group).CopyTo(all);
        for (int row = group * Width; row < (group + 1) * Width; row++)
        {
            if (Coordinates[row] >= 0) { VectorOps.AddScaled(all, -vector[Coordinates[row]], Row(row)); }
        }

        Vector256<float> least = Vector256.Load(distances);
        for (int c = 8; c < CentreCount; c += 8) { least = Vector256.Min(least, Vector256.Load(distances + c)); }
        float smallest = least[0];
        for (int i = 1; i < 8; i++) { smallest = Math.Min(smallest, least[i]); }
        return Math.Max(0, all.IndexOf(smallest));
    }

    private void Place(int group, int centre, ReadOnlySpan<float> vector)
    {
        for (int row = group * Width; row < (group + 1) * Width; row++)
        {
            Row(row)[centre] = Coordinates[row] < 0 ? 0 : vector[Coordinates[row]];
        }
    }

    private void MeasureCentres(int group)
    {
        Span<float> half = HalfSquares(group);
        half.Clear();
        for (int row = group * Width; row < (group + 1) * Width; row++)
        {
            Span<float> values = Row(row);
            for (int c = 0; c < CentreCount; c++) { half[c] += 0.5f * values[c] * values[c]; }
        }
    }

    // A centre that nobody is nearest to starts again at a random vector.
    private void MoveCentres(int group, RowMatrix sample, int[] nearest, ref SeededRandom random)
    {
        Span<int> counts = stackalloc int[CentreCount];
        counts.Clear();
        foreach (int c in nearest) { counts[c]++; }
        for (int row = group * Width; row < (group + 1) * Width; row++)
        {
            Span<float> values = Row(row);
            values.Clear();
            if (Coordinates[row] < 0) { continue; }
            for (int i = 0; i < nearest.Length; i++) { values[nearest[i]] += sample.Row(i)[Coordinates[row]]; }
            for (int c = 0; c < CentreCount; c++) { values[c] /= Math.Max(1, counts[c]); }
        }

        for (int c = 0; c < CentreCount; c++)
        {
            if (counts[c] == 0) { Place(group, c, sample.Row(random.NextInt(sample.RowCount))); }
        }
    }

    private static double[] Variances(RowMatrix sample)
    {
        var squares = new double[sample.ColumnCount];
        for (int i = 0; i < sample.RowCount; i++)
        {
            ReadOnlySpan<float> x = sample.Row(i);
            for (int f = 0; f < x.Length; f++) { squares[f] += x[f] * (double)x[f] / sample.RowCount; }
        }

        return squares;
    }

    // Widest coordinate first, into the group with room whose variances multiply to the least.
    private static int[] Balance(double[] variances, int groups)
    {
        if (groups == 0) { return []; }
        int width = (variances.Length + groups - 1) / groups;
        var coordinates = new int[groups * width];
        Array.Fill(coordinates, -1);
        var filled = new int[groups];
        var logs = new double[groups];
        double least = variances.Max() * 1e-6;
        foreach (int f in Enumerable.Range(0, variances.Length).OrderByDescending(f => variances[f]).ThenBy(f => f))
        {
            int group = Enumerable.Range(0, groups).Where(g => filled[g] < width).MinBy(g => logs[g]);
            coordinates[(group * width) + filled[group]++] = f;
            logs[group] += least > 0 ? Math.Log(Math.Max(variances[f], least) / least) : 0;
        }

        return coordinates;
    }
}
