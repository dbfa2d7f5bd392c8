using Facto.Numerics;
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
            await foreach (VectorSearchResult<ItemRecord> result in collection.SearchAsync(q, top, options, Cancel))
            {
                results.Add(result);
            }
            return results;
        }
    }

    [Fact]
    public async Task Records_are_read_by_key_and_by_filter()
    {
        using FactoCollection collection = await Filled(RandomVectors.Normal(20, 5, 1));
        Assert.Equal("i07", (await collection.GetAsync("i07", cancellationToken: Cancel))!.Id);
        var ids = new List<string>();
        await foreach (ItemRecord record in collection.GetAsync(r => (int)r.Data["number"]! > 15, 2, new() { Skip = 1 }, Cancel))
        {
            ids.Add(record.Id);
        }
        Assert.Equal(["i17", "i18"], ids);
    }

    [Fact]
    public async Task Vectors_of_another_length_and_missing_collections_are_refused_with_a_sentence()
    {
        using FactoCollection collection = await Filled(RandomVectors.Normal(3, 5, 1));
        Assert.Contains(
            "takes 5",
            (await Assert.ThrowsAsync<FactoException>(
                () =>
                collection.UpsertAsync(new ItemRecord { Id = "x", Vector = new float[4] }, Cancel))).Message, StringComparison.Ordinal);
        await collection.EnsureCollectionDeletedAsync(Cancel);
        Assert.False(await collection.CollectionExistsAsync(Cancel));
        Assert.Contains(
            "does not exist", (await Assert.ThrowsAsync<VectorStoreException>(() => collection.DeleteAsync("x", Cancel))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_threshold_leaves_what_scores_below_it_out()
    {
        using FactoCollection collection = await Filled(RandomVectors.Normal(50, 5, 1));
        float[] query = [1, 2, 3, 4, 5];
        List<VectorSearchResult<ItemRecord>> all = await Found(collection, query, 50, null);
        double least = all[9].Score!.Value;
        List<VectorSearchResult<ItemRecord>> found = await Found(collection, query, 50, new() { ScoreThreshold = least });
        Assert.Equal(all[..10].Select(r => r.Record.Id), found.Select(r => r.Record.Id));
        found = await Found(collection, query, 50, new() { ScoreThreshold = least, Skip = 8 });
        Assert.Equal(all[8..10].Select(r => r.Record.Id), found.Select(r => r.Record.Id));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Vectors_come_only_when_they_are_asked_for(bool? asked, bool come)
    {
        using FactoCollection collection = await Filled(RandomVectors.Normal(5, 5, 1));
        bool include = asked ?? false;
        VectorSearchOptions<ItemRecord>? search = asked is null ? null : new() { IncludeVectors = include };
        int expected = come ? 5 : 0;
        foreach (VectorSearchResult<ItemRecord> result in await Found(collection, new float[5], 5, search))
        {
            Assert.Equal(expected, result.Record.Vector.Length);
        }
        ItemRecord? one = await collection.GetAsync("i03", asked is null ? null : new() { IncludeVectors = include }, Cancel);
        Assert.Equal((expected, 3), (one!.Vector.Length, one.Data["number"]));
        FilteredRecordRetrievalOptions<ItemRecord>? filtered = asked is null ? null : new() { IncludeVectors = include };
        await foreach (ItemRecord record in collection.GetAsync(r => true, 3, filtered, Cancel))
        {
            Assert.Equal(expected, record.Vector.Length);
        }
    }

    [Fact]
    public async Task The_vector_property_may_be_named_and_no_other_may()
    {
        using FactoCollection collection = await Filled(RandomVectors.Normal(5, 5, 1));
        Assert.Equal(5, (await Found(collection, new float[5], 5, new() { VectorProperty = r => r.Vector })).Count);
        Exception error = await Assert.ThrowsAsync<NotSupportedException>(
            () => Found(collection, new float[5], 5, new() { VectorProperty = r => r.Data }));
        Assert.Contains("Vector", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_null_or_unusable_is_refused_and_nothing_changes()
    {
        using FactoCollection collection = await Filled(RandomVectors.Normal(3, 5, 1));
        var good = new ItemRecord { Id = "new", Vector = new float[5] };
        await Assert.ThrowsAsync<ArgumentNullException>(() => collection.UpsertAsync((ItemRecord)null!, Cancel));
        await Assert.ThrowsAsync<ArgumentNullException>(() => collection.UpsertAsync((IEnumerable<ItemRecord>)null!, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => collection.UpsertAsync([good, null!], Cancel));
        await Assert.ThrowsAsync<FactoException>(
            () => collection.UpsertAsync([good, new ItemRecord { Id = null!, Vector = new float[5] }], Cancel));
        await Assert.ThrowsAsync<FactoException>(
            () => collection.UpsertAsync([good, new ItemRecord { Id = "x", Vector = new float[5], Data = null! }], Cancel));
        string message = (await Assert.ThrowsAsync<FactoException>(
            () => collection.UpsertAsync(
                [good, new ItemRecord { Id = "x", Vector = new float[] { 0, 0, float.NaN, 0, 0 } }], Cancel))).Message;
        Assert.Contains("column 2", message, StringComparison.Ordinal);
        Assert.Null(await collection.GetAsync("new", cancellationToken: Cancel));
        await Assert.ThrowsAsync<ArgumentNullException>(() => collection.GetAsync((string)null!, cancellationToken: Cancel));
        await Assert.ThrowsAsync<ArgumentNullException>(() => collection.DeleteAsync((string)null!, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => Found(collection, new float[] { 0, 0, 0, 0, float.PositiveInfinity }, 1, null));
        await Assert.ThrowsAsync<ArgumentException>(() => Found(collection, new float[4], 1, null));
    }

    [Fact]
    public async Task A_record_is_kept_as_it_was_put()
    {
        using FactoCollection collection = await Filled(RandomVectors.Normal(3, 5, 1));
        var vector = new float[] { 100, 0, 0, 0, 0 };
        await collection.UpsertAsync(new ItemRecord { Id = "x", Vector = vector }, Cancel);
        vector[0] = float.NaN;
        Assert.Equal(100, (await Found(collection, new float[] { 1, 0, 0, 0, 0 }, 1, null))[0].Score);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collection.DeleteAsync("x", new CancellationToken(true)));
        Assert.Equal(
            "items", ((VectorStoreCollectionMetadata)collection.GetService(typeof(VectorStoreCollectionMetadata))!).CollectionName);
    }

    private static async Task<List<VectorSearchResult<ItemRecord>>> Found(
        FactoCollection collection, float[] query, int top, VectorSearchOptions<ItemRecord>? options)
    {
        var results = new List<VectorSearchResult<ItemRecord>>();
        await foreach (VectorSearchResult<ItemRecord> result in collection.SearchAsync(query, top, options, Cancel))
        {
            results.Add(result);
        }
        return results;
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
