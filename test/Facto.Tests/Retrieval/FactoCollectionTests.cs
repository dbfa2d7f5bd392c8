using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;
using Facto.VectorData;
using Microsoft.Extensions.VectorData;

namespace Facto.Tests.Retrieval;

public class FactoCollectionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_search_ranks_by_inner_product_with_filter_skip_and_after_updates_and_deletes()
    {
        RowMatrix items = RandomVectors.Normal(100, 5, 1), user = RandomVectors.Normal(1, 5, 2);
        using FactoCollection collection = await Filled(items);
        float[] query = user.Row(0).ToArray();
        var best = new Scored[30];
        new ExactIndex(items).Search(query, default, best);
        List<VectorSearchResult<ItemRecord>> found = await Search(query, 10, new() { Skip = 3 });
        Assert.Equal(best[3..13].Select(s => Id(s.Index)), found.Select(r => r.Record.Id));
        Assert.Equal(best[3..13].Select(s => (double?)s.Score), found.Select(r => r.Score));

        found = await Search(query, 5, new() { Filter = r => (int)r.Data["number"]! % 2 == 1 });
        Assert.Equal(best.Where(s => s.Index % 2 == 1).Take(5).Select(s => Id(s.Index)), found.Select(r => r.Record.Id));

        await collection.DeleteAsync(Id(best[0].Index), Cancel);
        await collection.UpsertAsync(new ItemRecord { Id = Id(best[1].Index), Vector = new float[5] }, Cancel);
        found = await Search(query, 5, null);
        Assert.Equal(best[2..7].Select(s => Id(s.Index)), found.Select(r => r.Record.Id));
        Assert.Null(await collection.GetAsync(Id(best[0].Index), cancellationToken: Cancel));

        async Task<List<VectorSearchResult<ItemRecord>>> Search(float[] q, int top, VectorSearchOptions<ItemRecord>? options)
        {
            var results = new List<VectorSearchResult<ItemRecord>>();
            await foreach (VectorSearchResult<ItemRecord> result in collection.SearchAsync(q, top, options, Cancel)) { results.Add(result); }
            return results;
        }
    }

    [Fact]
    public async Task Records_are_read_by_key_and_by_filter()
    {
        using FactoCollection collection = await Filled(RandomVectors.Normal(20, 5, 1));
        Assert.Equal("i07", (await collection.GetAsync("i07", cancellationToken: Cancel))!.Id);
        var ids = new List<string>();
        await foreach (ItemRecord record in collection.GetAsync(r => (int)r.Data["number"]! > 15, 2, new() { Skip = 1 }, Cancel)) { ids.Add(record.Id); }
        Assert.Equal(["i17", "i18"], ids);
    }

    [Fact]
    public async Task Vectors_of_another_length_and_missing_collections_are_refused_with_a_sentence()
    {
        using FactoCollection collection = await Filled(RandomVectors.Normal(3, 5, 1));
        Assert.Contains("takes 5", (await Assert.ThrowsAsync<FactoException>(() => collection.UpsertAsync(new ItemRecord { Id = "x", Vector = new float[4] }, Cancel))).Message, StringComparison.Ordinal);
        await collection.EnsureCollectionDeletedAsync(Cancel);
        Assert.False(await collection.CollectionExistsAsync(Cancel));
        Assert.Contains("does not exist", (await Assert.ThrowsAsync<VectorStoreException>(() => collection.DeleteAsync("x", Cancel))).Message, StringComparison.Ordinal);
    }

    private static string Id(int item) => $"i{item:D2}";

    private static async Task<FactoCollection> Filled(RowMatrix items)
    {
        var collection = new FactoCollection("items", items.ColumnCount);
        await collection.EnsureCollectionExistsAsync(Cancel);
        await collection.UpsertAsync(Enumerable.Range(0, items.RowCount).Select(i => new ItemRecord
        {
            Id = Id(i),
            Vector = items.Row(i).ToArray(),
            Data = new Dictionary<string, object?> { ["number"] = i },
        }), Cancel);
        return collection;
    }
}
