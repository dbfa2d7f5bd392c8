using Facto.Numerics;

namespace Facto.Data;

/// <summary>Vectors with their external ids: what export writes and indexes read. Training and retrieval meet only here.</summary>
internal sealed class VectorTable
{
    /// <summary>Joins vectors and ids.</summary>
    /// <param name="vectors">One row per id.</param>
    /// <param name="ids">External ids, row by row; null numbers the rows "0", "1" ….</param>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public VectorTable(RowMatrix vectors, Vocabulary? ids)
    {
        if (ids is not null && ids.Count != vectors.RowCount)
        {
            throw new ArgumentException($"{vectors.RowCount} vectors and {ids.Count} ids do not go together");
        }

        Vectors = vectors;
        Ids = ids;
    }

    /// <summary>The vectors, one row each.</summary>
    public RowMatrix Vectors { get; }

    /// <summary>External ids, or null.</summary>
    public Vocabulary? Ids { get; }

    /// <summary>Number of vectors.</summary>
    public int Count => Vectors.RowCount;

    /// <summary>Length of a vector.</summary>
    public int Dimension => Vectors.ColumnCount;

    /// <summary>The external id of a row.</summary>
    public string Id(int row) => Ids?[row] ?? row.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
