using Facto.Numerics;
using Facto.Retrieval.Exact;

namespace Facto.Retrieval.Faiss;

/// <summary>The coarse part of a Faiss IndexIVF: one centroid per list, and the list of every vector.</summary>
internal sealed class FaissLists
{
    /// <summary>Joins centroids and lists.</summary>
    /// <param name="centroids">One row per list.</param>
    /// <param name="assignment">The list of each vector.</param>
    /// <exception cref="ArgumentException">A vector is assigned to no list.</exception>
    public FaissLists(RowMatrix centroids, int[] assignment)
    {
        for (int i = 0; i < assignment.Length; i++)
        {
            if ((uint)assignment[i] >= (uint)centroids.RowCount)
            {
                throw new ArgumentException($"vector {i} is assigned to list {assignment[i]} of {centroids.RowCount}", nameof(assignment));
            }
        }

        Centroids = centroids;
        Assignment = assignment;
    }

    /// <summary>One row per list.</summary>
    public RowMatrix Centroids { get; }

    /// <summary>The list of each vector.</summary>
    public int[] Assignment { get; }

    /// <summary>Lists that a search visits unless told otherwise.</summary>
    public int ProbeCount { get; init; } = 8;

    /// <summary>Lists by k-means (Lloyd) on the vectors.</summary>
    /// <param name="vectors">The vectors to distribute.</param>
    /// <param name="listCount">Lists, 1 to the number of vectors.</param>
    /// <param name="seed">Which vectors the centroids start from.</param>
    /// <param name="passes">Rounds of assignment and averaging.</param>
    /// <exception cref="FactoException">There are more lists than vectors.</exception>
    public static FaissLists Train(RowMatrix vectors, int listCount, ulong seed = 1, int passes = 10)
    {
        if (listCount < 1 || listCount > vectors.RowCount)
        {
            throw new FactoException(
                $"{listCount} lists of {vectors.RowCount} vectors are impossible; choose 1 to {vectors.RowCount}, about the square root "
                    + $"is usual");
        }
        var random = new SeededRandom(seed);
        int[] order = [.. Enumerable.Range(0, vectors.RowCount)];
        random.Shuffle<int>(order);
        var centroids = new RowMatrix(listCount, vectors.ColumnCount);
        for (int list = 0; list < listCount; list++) { vectors.Row(order[list]).CopyTo(centroids.Row(list)); }
        int[] assignment = Assign(vectors, centroids);
        for (int pass = 0; pass < passes; pass++)
        {
            Average(vectors, assignment, centroids);
            assignment = Assign(vectors, centroids);
        }

        return new FaissLists(centroids, assignment);
    }

    // The nearest centroid has the largest ⟨x,c⟩ − ½‖c‖²: an exact search with one coordinate more.
    private static int[] Assign(RowMatrix vectors, RowMatrix centroids)
    {
        int dimension = vectors.ColumnCount;
        var longer = new RowMatrix(centroids.RowCount, dimension + 1);
        for (int list = 0; list < centroids.RowCount; list++)
        {
            centroids.Row(list).CopyTo(longer.Row(list));
            longer.Row(list)[dimension] = -0.5f * VectorOps.SumOfSquares(centroids.Row(list));
        }

        var queries = new RowMatrix(vectors.RowCount, dimension + 1);
        for (int row = 0; row < vectors.RowCount; row++)
        {
            vectors.Row(row).CopyTo(queries.Row(row));
            queries.Row(row)[dimension] = 1;
        }

        ScoredLists nearest = new ExactIndex(longer).SearchBatch(queries, 1);
        return [.. Enumerable.Range(0, vectors.RowCount).Select(row => nearest[row].IsEmpty ? 0 : nearest[row][0].Index)];
    }

    private static void Average(RowMatrix vectors, int[] assignment, RowMatrix centroids)
    {
        var sums = new double[(long)centroids.RowCount * centroids.ColumnCount];
        var sizes = new int[centroids.RowCount];
        for (int row = 0; row < assignment.Length; row++)
        {
            sizes[assignment[row]]++;
            ReadOnlySpan<float> x = vectors.Row(row);
            for (int d = 0; d < x.Length; d++) { sums[((long)assignment[row] * x.Length) + d] += x[d]; }
        }

        for (int list = 0; list < sizes.Length; list++)
        {
            if (sizes[list] == 0) { continue; }   // an empty list keeps its centroid
            Span<float> centroid = centroids.Row(list);
            for (int d = 0; d < centroid.Length; d++) { centroid[d] = (float)(sums[((long)list * centroid.Length) + d] / sizes[list]); }
        }
    }
}
