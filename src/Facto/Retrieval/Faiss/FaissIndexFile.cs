using Facto.Numerics;

namespace Facto.Retrieval.Faiss;

/// <summary>How a Faiss file keeps its vectors.</summary>
internal enum FaissLayout
{
    /// <summary>IndexFlatIP.</summary>
    Flat,

    /// <summary>IndexHNSWFlat.</summary>
    Hnsw,

    /// <summary>IndexIVFFlat.</summary>
    IvfFlat,

    /// <summary>IndexIVFScalarQuantizer with 8 bits per coordinate, not residual.</summary>
    IvfSq8,
}

/// <summary>
/// An index file in Faiss's own format (as of 1.7.3, layout read by later versions too): an IDMap over a flat, HNSW or IVF index with the
/// inner-product metric. Faiss files carry no checksum: lengths and references are checked, damaged floats cannot be noticed.
/// </summary>
internal sealed class FaissIndexFile
{
    /// <summary>Joins the parts of a file.</summary>
    /// <param name="vectors">One row per vector.</param>
    /// <param name="ids">Ids to map the rows to, or null for row numbers.</param>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public FaissIndexFile(RowMatrix vectors, long[]? ids = null)
    {
        if (ids is not null && ids.Length != vectors.RowCount)
        {
            throw new ArgumentException($"{vectors.RowCount} vectors and {ids.Length} ids do not go together", nameof(ids));
        }
        Vectors = vectors;
        Ids = ids;
    }

    /// <summary>One row per vector; for <see cref="FaissLayout.IvfSq8"/> read from a file, what the codes stand for.</summary>
    public RowMatrix Vectors { get; }

    /// <summary>The id of each row, or null for row numbers.</summary>
    public long[]? Ids { get; }

    /// <summary>How the vectors are kept.</summary>
    public FaissLayout Layout { get; init; }

    /// <summary>The graph, for <see cref="FaissLayout.Hnsw"/>.</summary>
    public FaissGraph? Graph { get; init; }

    /// <summary>The lists, for the IVF layouts.</summary>
    public FaissLists? Lists { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or holds something that Facto does not read; the message says
    /// what.</exception>
    public static FaissIndexFile Read(string path)
    {
        if (!File.Exists(path)) { throw new FileNotFoundException($"{path}: there is no such file", path); }
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        var reader = new FaissReader(path, stream);
        string tag = reader.Tag();
        FaissIndexFile file;
        if (tag is "IxMp" or "IxM2")
        {
            (int dimension, int count) = reader.IndexHeader();
            file = FaissParts.Read(reader, reader.Tag());
            if ((file.Vectors.RowCount, file.Vectors.ColumnCount) != (count, dimension))
            {
                throw reader.Damaged(
                    $"its id map is for {count} × {dimension}, the index inside has {file.Vectors.RowCount} × {file.Vectors.ColumnCount}");
            }
            long[] ids = reader.Vector<long>("the id map", count);
            file = new FaissIndexFile(file.Vectors, ids) { Layout = file.Layout, Graph = file.Graph, Lists = file.Lists };
        }
        else
        {
            file = FaissParts.Read(reader, tag);
        }

        return reader.Left == 0 ? file : throw reader.Damaged($"{reader.Left} bytes follow its end");
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="FactoException">The layout needs a graph or lists and there are none.</exception>
    public void Save(string path)
    {
        using var writer = new FaissWriter(path);
        if (Ids is not null)
        {
            writer.Tag("IxMp");
            writer.IndexHeader(Vectors.ColumnCount, Vectors.RowCount);
        }

        FaissParts.Write(writer, this);
        if (Ids is not null) { writer.Vector<long>(Ids); }
        writer.Commit();
    }
}
