using Facto.Numerics;
using Facto.Retrieval.Approximate;
using Facto.Retrieval.Graph;

namespace Facto.Retrieval.Faiss;

/// <summary>Facto's graph as a Faiss file.</summary>
internal static class FaissExport
{
    /// <summary>
    /// An IndexHNSWFlat of one level inside an IDMap: Facto's vectors and links, item rows (or the given ids) as ids. The links are those
    /// of the conditioned space, but Faiss follows them by the raw inner product from one entry point, without the head of likely items,
    /// the codes and the bridges that Facto's own search has: the results are right, at the same recall it needs a larger efSearch, and
    /// filters that remove popular items cost it far more. Set efSearch to 400 or more and measure.
    /// </summary>
    /// <param name="index">The graph; it is compacted first.</param>
    /// <param name="ids">The id of each item row, or null for the row numbers.</param>
    /// <exception cref="FactoException">The ids do not cover the item rows.</exception>
    public static FaissIndexFile FromGraph(GraphIndex index, long[]? ids = null)
    {
        FaissIndexFile? file = null;
        index.ReadCompacted((graph, _, options) => file = Convert(graph, options, ids));
        return file!;
    }

    private static unsafe FaissIndexFile Convert(CodedItems graph, GraphOptions options, long[]? ids)
    {
        int count = graph.Count, stride = graph.LinkStride;
        var vectors = new RowMatrix(count, graph.Dimension);
        var names = new long[count];
        var links = new int[(long)count * stride];
        Array.Fill(links, -1);
        for (int slot = 0; slot < count; slot++)
        {
            graph.Rows.Row(slot).CopyTo(vectors.Row(slot));
            int row = graph.Items.Pointer[slot];
            names[slot] = ids is null
                ? row
                : row < ids.Length ? ids[row] : throw new FactoException($"there are {ids.Length} ids, the index holds item row {row}");
            int* own = graph.Links.Pointer + ((long)slot * stride);
            new ReadOnlySpan<int>(own + 1, own[0]).CopyTo(links.AsSpan(slot * stride));
        }

        FaissGraph level = FaissGraph.OneLevel(links, stride, entryPoint: 0);
        return new FaissIndexFile(vectors, names)
        {
            Layout = FaissLayout.Hnsw,
            Graph = new FaissGraph
            {
                LevelProbabilities = level.LevelProbabilities,
                CumulativePlaces = level.CumulativePlaces,
                Levels = level.Levels,
                Offsets = level.Offsets,
                Neighbours = level.Neighbours,
                EntryPoint = level.EntryPoint,
                MaxLevel = level.MaxLevel,
                EfConstruction = options.EfConstruction,
                EfSearch = 400,
            },
        };
    }
}
