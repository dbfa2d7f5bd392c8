using System.Numerics;
using System.Runtime.CompilerServices;
using Facto.Data;
using Facto.Numerics;

namespace Facto.Retrieval.Exact;

/// <summary>
/// Scores every admissible item in float32 and keeps the best: the definition of correct retrieval that every other index is measured by.
/// A score is the chain of multiply-adds over the coordinates in their order, ties go to the lower item, so single and
/// batched searches give the same bytes on one machine whatever the number of threads.
/// </summary>
internal sealed unsafe partial class ExactIndex : IItemIndex
{
    private readonly PanelMatrix _panels;

    /// <summary>Copies the vectors into the layout that the scan wants.</summary>
    /// <exception cref="FactoException">A value is no finite number.</exception>
    public ExactIndex(RowMatrix vectors)
        : this(Packed(vectors))
    {
    }

    /// <summary>Copies the vectors of a table; results name its rows.</summary>
    internal ExactIndex(VectorTable table)
        : this(table.Vectors)
    {
    }

    private static PanelMatrix Packed(RowMatrix vectors)
    {
        SearchArguments.RequireFinite(vectors, "item");
        return PanelMatrix.Pack(vectors);
    }

    internal ExactIndex(PanelMatrix panels) => _panels = panels;

    internal PanelMatrix Panels => _panels;

    /// <inheritdoc/>
    public int Count => _panels.RowCount;

    /// <inheritdoc/>
    public int Dimension => _panels.ColumnCount;

    /// <summary>Copies the vector of an item.</summary>
    /// <param name="item">0-based row.</param>
    /// <param name="vector"><see cref="Dimension"/> floats.</param>
    public void CopyVector(int item, Span<float> vector) => _panels.CopyRow(item, vector);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The query or the bitmap has another length than the index needs.</exception>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
    {
        SearchArguments.Check(this, query, filter);
        if (best.IsEmpty) { return 0; }
        return LaneDispatch.Run<ScanKernel, int>(new ScanKernel(this, query, filter, best));
    }

    private readonly ref struct ScanKernel(ExactIndex index, ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
        : ILaneKernel<int>
    {
        private readonly ReadOnlySpan<float> _query = query;
        private readonly ItemFilter _filter = filter;
        private readonly Span<Scored> _best = best;

        public int Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => index.Scan<TLanes>(_query, _filter, _best);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Scan<TLanes>(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
        where TLanes : struct, ILanes<TLanes>
    {
        const int rows = PanelMatrix.PanelRows;
        float* scores = stackalloc float[rows];
        var top = new TopK(best);
        var admitted = new PanelFilter(filter, Count);
        int dimension = Dimension, panelCount = _panels.PanelCount;
        fixed (float* q = query)
        {
            for (int panel = 0; panel < panelCount; panel++)
            {
                ulong allowed = admitted.Allowed(panel);
                if (allowed == 0) { continue; }
                ulong reached = PanelKernels.Score<TLanes>(_panels.Panel(panel), q, dimension, top.Threshold, scores) & allowed;
                if (reached == 0) { continue; }
                reached = admitted.WithoutDenied(panel, reached);
                for (; reached != 0; reached &= reached - 1)
                {
                    int row = BitOperations.TrailingZeroCount(reached);
                    top.Add((panel * rows) + row, scores[row]);
                }
            }
        }

        GC.KeepAlive(_panels);
        return top.Finish();
    }
}
