using Facto.Faiss;
using Facto.Numerics;
using Facto.Tests.Retrieval;
using Facto.VectorData;

namespace Facto.Tests.Docs;

/// <summary>The C# of the pages of Facto.Faiss and Facto.VectorData: the pages show these regions, DocsTests holds them equal.</summary>
public class AdapterSnippets
{
    private readonly StringWriter Console = new();

    [Fact]
    public void Faiss_searches_item_vectors()
    {
        Assert.SkipUnless(FaissIndex.Missing is null, FaissIndex.Missing ?? string.Empty);
        using RowMatrix itemVectors = RandomVectors.Normal(100, 8, 1);
        float[] userVector = itemVectors.Row(0).ToArray();

        #region Faiss
        if (FaissIndex.Missing is { } why) { throw new InvalidOperationException(why); }
        using FaissIndex index = FaissIndex.Build(itemVectors, "HNSW32");   // a string of Faiss's index factory
        var best = new Scored[10];
        int found = index.Search(userVector, default, best);
        #endregion

        Assert.Equal(10, found);
    }

    [Fact]
    public async Task A_collection_finds_the_largest_inner_products()
    {
        float[] vector = [1, 0, 2], query = [1, 1, 1];

        #region VectorData
        var items = new FactoCollection("items", dimension: 3);
        await items.EnsureCollectionExistsAsync();
        await items.UpsertAsync(new ItemRecord { Id = "sku 1", Vector = vector });
        await foreach (var hit in items.SearchAsync(query, top: 10))
            Console.WriteLine($"{hit.Record.Id} {hit.Score}");
        #endregion

        Assert.Equal("sku 1 3" + Environment.NewLine, Console.ToString());
    }
}
