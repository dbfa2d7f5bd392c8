using Facto.Numerics;

namespace Facto.Retrieval.Faiss;

/// <summary>The index inside a Faiss file: flat, graph or lists.</summary>
internal static class FaissParts
{
    public static FaissIndexFile Read(FaissReader reader, string tag)
    {
        switch (tag)
        {
            case "IxFI" or "IxFl":
                return new FaissIndexFile(reader.FlatIndex(tag));
            case "IHNf":
                (int dimension, int count) = reader.IndexHeader();
                FaissGraph graph = FaissGraph.Read(reader, count);
                RowMatrix vectors = reader.FlatIndex(reader.Tag());
                if ((vectors.RowCount, vectors.ColumnCount) != (count, dimension))
                {
                    throw reader.Damaged(
                        $"its graph is for {count} × {dimension}, its vectors are {vectors.RowCount} × {vectors.ColumnCount}");
                }
                return new FaissIndexFile(vectors) { Layout = FaissLayout.Hnsw, Graph = graph };
            case "IwFl" or "IwSq":
                return ReadLists(reader, tag == "IwSq");
            default:
                throw reader.Damaged(
                    $"it begins with '{FaissReader.Printable(tag)}'; this reader takes flat (IxFI), HNSW over flat (IHNf), IVF flat "
                        + $"(IwFl) and IVF SQ8 (IwSq) inner-product indexes, with or without an id map");
        }
    }

    public static void Write(FaissWriter writer, FaissIndexFile file)
    {
        RowMatrix vectors = file.Vectors;
        switch (file.Layout)
        {
            case FaissLayout.Flat:
                writer.FlatIndex(vectors);
                break;
            case FaissLayout.Hnsw:
                FaissGraph graph = file.Graph
                    ?? throw new FactoException("a Faiss HNSW file needs a graph; give one, or write the flat layout");
                if (graph.Levels.Length != vectors.RowCount)
                {
                    throw new FactoException(
                        $"the graph has {graph.Levels.Length} vectors, the table {vectors.RowCount}; build it from this table");
                }
                writer.Tag("IHNf");
                writer.IndexHeader(vectors.ColumnCount, vectors.RowCount);
                graph.Write(writer);
                writer.FlatIndex(vectors);
                break;
            default:
                WriteLists(writer, file);
                break;
        }
    }

    private static void WriteLists(FaissWriter writer, FaissIndexFile file)
    {
        RowMatrix vectors = file.Vectors;
        FaissLists lists = file.Lists ?? throw new FactoException("a Faiss IVF file needs lists; train them, or write the flat layout");
        if (lists.Assignment.Length != vectors.RowCount)
        {
            throw new FactoException(
                $"the lists hold {lists.Assignment.Length} vectors, the table {vectors.RowCount}; train them on this table");
        }
        bool coded = file.Layout == FaissLayout.IvfSq8;
        writer.Tag(coded ? "IwSq" : "IwFl");
        writer.IndexHeader(vectors.ColumnCount, vectors.RowCount);
        writer.Value((long)lists.Centroids.RowCount);
        writer.Value((long)lists.ProbeCount);
        writer.FlatIndex(lists.Centroids);
        writer.Value((byte)0);   // no direct map
        writer.Vector<long>([]);
        FaissScalarCodes? codes = coded ? FaissScalarCodes.Train(vectors) : null;
        int codeSize = coded ? vectors.ColumnCount : vectors.ColumnCount * sizeof(float);
        if (codes is not null)
        {
            codes.Write(writer);
            writer.Value((long)codeSize);
            writer.Value((byte)0);   // codes of the vectors, not of their distance from the centroid
        }

        List<int>[] members = [.. Enumerable.Range(0, lists.Centroids.RowCount).Select(_ => new List<int>())];
        for (int row = 0; row < vectors.RowCount; row++) { members[lists.Assignment[row]].Add(row); }
        writer.Tag("ilar");
        writer.Value((long)members.Length);
        writer.Value((long)codeSize);
        writer.Tag("full");
        writer.Vector<long>([.. members.Select(m => (long)m.Count)]);
        byte[] code = new byte[vectors.ColumnCount];
        foreach (List<int> list in members)
        {
            foreach (int row in list)
            {
                if (codes is null)
                {
                    writer.Raw<float>(vectors.Row(row));
                    continue;
                }

                codes.Encode(vectors.Row(row), code);
                writer.Raw<byte>(code);
            }

            writer.Raw<long>([.. list.Select(row => (long)row)]);
        }
    }

    private static FaissIndexFile ReadLists(FaissReader reader, bool coded)
    {
        (int dimension, int count) = reader.IndexHeader();
        long listCount = reader.Value<long>(), probes = reader.Value<long>();
        RowMatrix centroids = reader.FlatIndex(reader.Tag());
        if (centroids.RowCount != listCount || centroids.ColumnCount != dimension)
        {
            throw reader.Damaged(
                $"{listCount} lists of {dimension} coordinates have {centroids.RowCount} × {centroids.ColumnCount} centroids");
        }
        if (reader.Value<byte>() != 0) { throw reader.Damaged("it keeps a direct map, which this reader does not take"); }
        reader.Vector<long>("the direct map", 0);
        FaissScalarCodes? codes = null;
        long codeSize = dimension * (long)sizeof(float);
        if (coded)
        {
            codes = FaissScalarCodes.Read(reader, dimension);
            codeSize = reader.Value<long>();
            if (codeSize != dimension) { throw reader.Damaged($"a code has {codeSize} bytes, expected {dimension}"); }
            if (reader.Value<byte>() != 0)
            {
                throw reader.Damaged("its codes are residuals, this reader takes codes of whole vectors (by_residual = false)");
            }
        }

        long[] sizes = ReadSizes(reader, listCount, codeSize, count);
        RowMatrix vectors = new(count, dimension);
        int[] assignment = new int[count];
        Array.Fill(assignment, -1);
        for (int list = 0; list < listCount; list++)
        {
            byte[] bytes = reader.Raw<byte>(sizes[list] * codeSize, $"list {list}");
            long[] rows = reader.Raw<long>(sizes[list], $"the ids of list {list}");
            for (int i = 0; i < rows.Length; i++)
            {
                if ((ulong)rows[i] >= (ulong)count || assignment[rows[i]] != -1)
                {
                    throw reader.Damaged($"list {list} names vector {rows[i]} of {count}, or one that another list has");
                }
                assignment[rows[i]] = list;
                ReadOnlySpan<byte> code = bytes.AsSpan((int)(i * codeSize), (int)codeSize);
                if (codes is not null) { codes.Decode(code, vectors.Row((int)rows[i])); }
                else { System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(code).CopyTo(vectors.Row((int)rows[i])); }
            }
        }

        return new FaissIndexFile(vectors)
        {
            Layout = coded ? FaissLayout.IvfSq8 : FaissLayout.IvfFlat,
            Lists = new FaissLists(centroids, assignment) { ProbeCount = (int)Math.Clamp(probes, 1, int.MaxValue) },
        };
    }

    private static long[] ReadSizes(FaissReader reader, long listCount, long codeSize, int count)
    {
        if (reader.Tag() != "ilar") { throw reader.Damaged("its lists are not kept in the file"); }
        if (reader.Value<long>() != listCount || reader.Value<long>() != codeSize)
        {
            throw reader.Damaged("its lists are not those of its header");
        }
        string kind = reader.Tag();
        long[] sizes = new long[listCount];
        if (kind == "full")
        {
            sizes = reader.Vector<long>("the list sizes", listCount);
        }
        else
        {
            if (kind != "sprs") { throw reader.Damaged($"its list sizes are kept as '{FaissReader.Printable(kind)}'"); }
            long[] pairs = reader.Vector<long>("the list sizes");
            for (int i = 0; i + 1 < pairs.Length; i += 2)
            {
                if ((ulong)pairs[i] >= (ulong)listCount) { throw reader.Damaged($"it names list {pairs[i]} of {listCount}"); }
                sizes[pairs[i]] = pairs[i + 1];
            }
        }

        long total = 0;
        foreach (long size in sizes)
        {
            if (size < 0 || size > count) { throw reader.Damaged($"a list has {size} of {count} vectors"); }
            total += size;
        }

        return total == count && count <= reader.Left / (codeSize + sizeof(long))
            ? sizes
            : throw reader.Damaged($"its lists hold {total} vectors, its header says {count}, {reader.Left} bytes are left");
    }
}
