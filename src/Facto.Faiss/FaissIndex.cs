using System.Buffers;
using System.Runtime.InteropServices;
using Facto.Data;
using Facto.Numerics;
using Facto.Retrieval;

namespace Facto.Faiss;

/// <summary>
/// A Faiss index of any kind behind <see cref="IItemIndex"/>, ranking by inner product. Ids are item rows. It finds what Faiss finds:
/// approximate kinds may miss items, and under a filter return fewer than exist. Any number of searches may run at once, but none beside
/// <see cref="Add"/>.
/// </summary>
public sealed unsafe class FaissIndex : SafeHandle, IItemIndex
{
    private const int InnerProduct = 0, AddRows = 4096;

    private volatile bool _ignoresFilters;   // known after Faiss has refused a filter once

    private FaissIndex(nint index)
        : base(0, ownsHandle: true)
    {
        SetHandle(index);
        Dimension = FaissNative.facto_faiss_dimension(index);
    }

    /// <summary>Null when the native library is there, otherwise why not and what to do.</summary>
    public static string? Missing => FaissNative.Missing;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    public int Count => checked((int)FaissNative.facto_faiss_count(Handle));

    /// <inheritdoc/>
    public int Dimension { get; }

    private nint Handle => IsInvalid || IsClosed ? throw new ObjectDisposedException(nameof(FaissIndex)) : handle;

    /// <summary>Builds an index over all rows.</summary>
    /// <param name="items">Item vectors; they also train the index.</param>
    /// <param name="description">A string of Faiss's index factory, such as "Flat", "HNSW32", "IVF256,SQ8" or "IVF1024,PQ16".</param>
    /// <exception cref="FactoException">The native library is missing, or Faiss refuses the description or the vectors; the message carries
    /// Faiss's words.</exception>
    public static FaissIndex Build(RowMatrix items, string description)
    {
        SearchArguments.RequireFinite(items, "item");
        FaissIndex index = Create(items.ColumnCount, description);
        try
        {
            index.Train(items);
            index.Add(items, []);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Makes an empty index.</summary>
    /// <param name="dimension">Length of the vectors.</param>
    /// <param name="description">A string of Faiss's index factory; begin it with "IDMap," to add flat or graph vectors with ids.</param>
    /// <exception cref="FactoException">The native library is missing, or Faiss refuses the description.</exception>
    public static FaissIndex Create(int dimension, string description)
    {
        FaissNative.Require();
        FaissNative.Check(
            FaissNative.facto_faiss_create(dimension, description, out nint index),
            $"making an index '{description}' of {dimension} coordinates");
        return new FaissIndex(index);
    }

    /// <summary>Reads an index that Faiss wrote.</summary>
    /// <exception cref="FactoException">The native library is missing, Faiss cannot read the file, or the index does not rank by inner
    /// product.</exception>
    public static FaissIndex Load(string path)
    {
        FaissNative.Require();
        FaissNative.Check(FaissNative.facto_faiss_load(path, out nint index), $"reading {path}");
        int metric = FaissNative.facto_faiss_metric(index);
        if (metric == InnerProduct) { return new FaissIndex(index); }
        FaissNative.facto_faiss_free(index);
        throw new FactoException($"{path}: its metric is {metric}, Facto ranks by inner product (0); build it with METRIC_INNER_PRODUCT");
    }

    /// <summary>Trains an index that needs it; others are left alone.</summary>
    /// <exception cref="FactoException">Faiss refuses the vectors.</exception>
    public void Train(RowMatrix vectors)
    {
        RequireDimension(vectors);
        float[] rows = new float[(long)vectors.RowCount * Dimension];
        CopyRows(vectors, 0, vectors.RowCount, rows);
        fixed (float* x = rows) { FaissNative.Check(FaissNative.facto_faiss_train(Handle, vectors.RowCount, x), "training"); }
        GC.KeepAlive(this);
    }

    /// <summary>Adds vectors.</summary>
    /// <param name="vectors">One per row.</param>
    /// <param name="ids">An item row for each, or empty to number them on.</param>
    /// <exception cref="FactoException">Faiss refuses, for example ids in an index that keeps none.</exception>
    public void Add(RowMatrix vectors, ReadOnlySpan<long> ids)
    {
        RequireDimension(vectors);
        if (!ids.IsEmpty && ids.Length != vectors.RowCount)
        {
            throw new ArgumentException($"{vectors.RowCount} vectors and {ids.Length} ids do not go together", nameof(ids));
        }
        float[] rows = new float[(long)Math.Min(AddRows, vectors.RowCount) * Dimension];
        for (int first = 0; first < vectors.RowCount; first += AddRows)
        {
            int count = Math.Min(AddRows, vectors.RowCount - first);
            CopyRows(vectors, first, count, rows);
            fixed (float* x = rows)
            fixed (long* i = ids)
            {
                FaissNative.Check(FaissNative.facto_faiss_add(Handle, count, x, ids.IsEmpty ? null : i + first), "adding vectors");
            }
        }

        GC.KeepAlive(this);
    }

    /// <summary>Writes the index in Faiss's own format.</summary>
    /// <exception cref="FactoException">Faiss cannot write the file.</exception>
    public void Save(string path)
    {
        using var file = new DurableFile(path);
        FaissNative.Check(FaissNative.facto_faiss_save(Handle, file.TemporaryPath), $"writing {path}");
        file.Commit();
        GC.KeepAlive(this);
    }

    /// <summary>Sets how broadly a search looks: efSearch of a graph, nprobe of an inverted file.</summary>
    /// <param name="breadth">≥ 1.</param>
    public void SetBreadth(int breadth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(breadth, 1);
        FaissNative.Check(FaissNative.facto_faiss_set_breadth(Handle, breadth), "setting the breadth of searches");
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <exception cref="FactoException">Faiss failed.</exception>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
    {
        SearchArguments.CheckQuery(Dimension, query);
        int count = Count, wanted = Math.Min(best.Length, count);
        if (wanted == 0) { return 0; }
        int found = Ask(query, filter, best, wanted, !filter.IsEmpty);
        // This kind of index takes no filter: ask for more until enough are admissible.
        for (int breadth = wanted; found < 0 || (_ignoresFilters && found < wanted && breadth < count);)
        {
            _ignoresFilters = true;
            breadth = (int)Math.Min(count, 4L * breadth);
            found = Ask(query, filter, best, breadth, filtered: false);
            if (found < 0) { FaissNative.Check(-1, "searching"); }
        }

        // Faiss leaves equal scores in any order.
        best[..found].Sort(static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Index.CompareTo(b.Index));
        GC.KeepAlive(this);
        return found;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        FaissNative.facto_faiss_free(handle);
        return true;
    }

    // Admissible items among the best that Faiss returns, or −1 when it refuses.
    private int Ask(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best, int wanted, bool filtered)
    {
        float[] scores = ArrayPool<float>.Shared.Rent(wanted);
        long[] ids = ArrayPool<long>.Shared.Rent(wanted);
        try
        {
            fixed (float* q = query, s = scores)
            fixed (long* i = ids)
            fixed (ulong* allowed = filter.Allowed)
            fixed (int* denied = filter.Denied)
            {
                bool inside = filtered && !_ignoresFilters;
                int result = FaissNative.facto_faiss_search(
                    Handle, q, wanted, inside ? 1 : 0, allowed, filter.Allowed.Length, denied, filter.Denied.Length, s, i);
                if (result != 0) { return -1; }
            }

            int found = 0;
            for (int place = 0; place < wanted && found < best.Length; place++)
            {
                // Faiss fills up with −1 when it found no more.
                if (ids[place] < 0) { continue; }
                int item = checked((int)ids[place]);
                if (filter.IsEmpty || filter.Admits(item)) { best[found++] = new Scored(item, scores[place]); }
            }

            return found;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scores);
            ArrayPool<long>.Shared.Return(ids);
        }
    }

    private void RequireDimension(RowMatrix vectors)
    {
        if (vectors.ColumnCount != Dimension)
        {
            throw new ArgumentException($"the vectors have {vectors.ColumnCount} coordinates, the index {Dimension}", nameof(vectors));
        }
    }

    private void CopyRows(RowMatrix vectors, int first, int count, Span<float> target)
    {
        for (int row = 0; row < count; row++) { vectors.Row(first + row).CopyTo(target.Slice(row * Dimension, Dimension)); }
    }
}
