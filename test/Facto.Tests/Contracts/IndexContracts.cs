using Facto.Faiss;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Bounded;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Ivf;

namespace Facto.Tests.Contracts;

public sealed class ExactIndexContract : IndexContract
{
    protected override bool IsExact => true;

    protected override IItemIndex Build(RowMatrix items, RowMatrix? users) => new ExactIndex(items);

    protected override IItemIndex Open(string path) => ScanFile.Open(path);

    protected override bool Save(IItemIndex index, string path)
    {
        ScanFile.Save((ExactIndex)index, path);
        return true;
    }
}

/// <summary>The exact index asked in batches of three, of which one counts.</summary>
public sealed class ExactBatchContract : IndexContract
{
    protected override bool IsExact => true;

    protected override bool IsFree => false;

    protected override IItemIndex Build(RowMatrix items, RowMatrix? users) => new Batches(new ExactIndex(items));

    protected override bool Save(IItemIndex index, string path) => false;

    protected override IItemIndex Open(string path) => throw new NotSupportedException();

    private sealed class Batches(ExactIndex inner) : IItemIndex
    {
        public int Count => inner.Count;

        public int Dimension => inner.Dimension;

        public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
        {
            if (query.Length != Dimension || !float.IsFinite(VectorOps.SumOfSquares(query))) { return inner.Search(query, filter, best); }
            using var queries = new RowMatrix(3, Dimension);
            queries.SetRow(1, query);
            int[] denied = filter.Denied.ToArray();
            ReadOnlySpan<Scored> found = inner.SearchBatch(
                queries, best.Length, new ItemLists(new long[] { 0, 0, denied.Length, denied.Length }, denied), filter.Allowed.ToArray(),
                    workers: 1)[1];
            found.CopyTo(best);
            return found.Length;
        }
    }
}

public sealed class BoundedIndexContract : IndexContract
{
    protected override bool IsExact => true;

    protected override IItemIndex Build(RowMatrix items, RowMatrix? users) => BoundedIndex.Build(items, users, workers: 1);

    protected override IItemIndex Open(string path) => ScanFile.Open(path);
}

public sealed class GraphIndexContract : IndexContract
{
    protected override IItemIndex Build(RowMatrix items, RowMatrix? users) =>
        GraphIndex.Build(items, users, new GraphOptions { M = 8, EfConstruction = 48 });

    protected override IItemIndex Open(string path) => GraphFile.Open(path);
}

public sealed class IvfIndexContract : IndexContract
{
    protected override IItemIndex Build(RowMatrix items, RowMatrix? users) => IvfIndex.Build(items, users, new IvfOptions { Nprobe = 24 });

    protected override IItemIndex Open(string path) => IvfFile.Open(path);
}

public sealed class ProductCodesContract : IndexContract
{
    protected override IItemIndex Build(RowMatrix items, RowMatrix? users) =>
        IvfIndex.Build(items, users, new IvfOptions { Nprobe = 24, CodeBytes = 4 });

    protected override IItemIndex Open(string path) => IvfFile.Open(path);
}

public sealed class PlannedIndexContract : IndexContract
{
    protected override IItemIndex Build(RowMatrix items, RowMatrix? users) =>
        new PlannedIndex(BoundedIndex.Build(items, users, workers: 1), IvfIndex.Build(items, users, new IvfOptions { Nprobe = 24 }), "ivf");

    protected override bool Save(IItemIndex index, string path) => false;

    protected override IItemIndex Open(string path) => throw new NotSupportedException();
}

public sealed class FaissIndexContract : IndexContract
{
    public FaissIndexContract() => Assert.SkipWhen(FaissIndex.Missing is not null, FaissIndex.Missing ?? string.Empty);

    protected override bool IsFree => false;

    protected override IItemIndex Build(RowMatrix items, RowMatrix? users) => FaissIndex.Build(items, "Flat");

    // Faiss's files carry no checksum: what it reads it believes.
    protected override bool Save(IItemIndex index, string path) => false;

    protected override IItemIndex Open(string path) => FaissIndex.Load(path);
}
