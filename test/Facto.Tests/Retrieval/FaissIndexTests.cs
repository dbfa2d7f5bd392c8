using Facto.Faiss;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Faiss;

namespace Facto.Tests.Retrieval;

public class FaissIndexTests
{
    private const int Items = 500, Dimension = 12;

    [Theory]
    [InlineData("Flat")]
    [InlineData("IDMap,Flat")]
    [InlineData("IVF4,Flat")]
    [InlineData("HNSW16")]
    [InlineData("IDMap,HNSW16")]
    public void Searches_with_and_without_a_filter_agree_with_the_exact_index_when_everything_is_visited(string description)
    {
        SkipWithoutFaiss();
        using RowMatrix items = RandomVectors.Normal(Items, Dimension, 1), queries = RandomVectors.Normal(10, Dimension, 2);
        using FaissIndex index = FaissIndex.Build(items, description);
        index.SetBreadth(description.Contains("IVF", StringComparison.Ordinal) ? 4 : Items);
        Assert.Equal((Items, Dimension), (index.Count, index.Dimension));
        var exact = new ExactIndex(items);
        ulong[] half = RandomVectors.Bitmap(Items, 0.5, 3);
        int[] denied = RandomVectors.Denied(Items, 0.2, 4);
        // Faiss 1.7.3 walks graphs through admissible vectors alone or ignores filters there: then recall, not equality, is its promise.
        bool whole = !description.Contains("HNSW", StringComparison.Ordinal);
        for (int q = 0; q < 10; q++)
        {
            foreach (bool filtered in new[] { false, true })
            {
                ItemFilter filter = filtered ? new ItemFilter { Allowed = half, Denied = denied } : default;
                Scored[] expected = new Scored[10], actual = new Scored[10];
                int wanted = exact.Search(queries.Row(q), filter, expected), found = index.Search(queries.Row(q), filter, actual);
                int hits = expected.Select(s => s.Index).Intersect(actual[..found].Select(s => s.Index)).Count();
                Assert.InRange(hits, whole ? wanted : 8, wanted);
                foreach (Scored s in actual[..found]) { Assert.True(filter.IsEmpty || filter.Admits(s.Index)); }
            }
        }
    }

    [Fact]
    public void A_saved_index_is_loaded_again_and_read_by_Facto_itself()
    {
        SkipWithoutFaiss();
        using var folder = new TemporaryFolder();
        using RowMatrix items = RandomVectors.Normal(Items, Dimension, 1), query = RandomVectors.Normal(1, Dimension, 2);
        Scored[] expected = new Scored[10], actual = new Scored[10];
        using (FaissIndex index = FaissIndex.Create(Dimension, "IDMap,Flat"))
        {
            index.Add(items, [.. Enumerable.Range(0, Items).Select(i => (long)(2 * i))]);
            index.Search(query.Row(0), default, expected);
            index.Save(folder.File("x.faiss"));
        }

        using FaissIndex loaded = FaissIndex.Load(folder.File("x.faiss"));
        loaded.Search(query.Row(0), default, actual);
        Assert.Equal(expected, actual);
        FaissIndexFile file = FaissIndexFile.Read(folder.File("x.faiss"));
        new ExactIndex(file.Vectors).Search(query.Row(0), default, actual);
        Assert.Equal(expected.Select(s => (long)s.Index), actual.Select(s => file.Ids![s.Index]));
    }

    [Fact]
    public void Faiss_s_own_words_come_with_its_refusals()
    {
        SkipWithoutFaiss();
        Assert.Contains(
            "'nonsense'", Assert.Throws<FactoException>(() => FaissIndex.Create(4, "nonsense")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "reading /no/such/file", Assert.Throws<FactoException>(() => FaissIndex.Load("/no/such/file")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_native_library_one_sentence_says_what_to_do()
    {
        Assert.SkipWhen(FaissIndex.Missing is null, "the native library is there");
        Assert.Contains(
            "eng/build-faiss-shim.sh", Assert.Throws<FactoException>(() => FaissIndex.Create(4, "Flat")).Message, StringComparison.Ordinal);
    }

    private static void SkipWithoutFaiss() => Assert.SkipUnless(FaissIndex.Missing is null, FaissIndex.Missing ?? "");
}
