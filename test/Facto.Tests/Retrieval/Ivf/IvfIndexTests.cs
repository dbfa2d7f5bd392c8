using CsCheck;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Ivf;
using Facto.Tests.Oracles;
using Facto.Tests.Retrieval.Graph;

namespace Facto.Tests.Retrieval.Ivf;

public class IvfIndexTests
{
    private static readonly FmCatalogue Catalogue = new(12_000, 300);
    private static readonly Lazy<IvfIndex> Shared = new(() => IvfIndex.Build(Catalogue.Items, Catalogue.Users, new IvfOptions { Probes = 60 }));

    [Fact]
    public void Recall_stays_above_its_floor_and_reaches_everything_when_every_list_is_read()
    {
        RowMatrix users = Catalogue.Users.Resized(100);
        double recall = Recall.Of(Shared.Value, Catalogue.Items, users, 100), filtered = Recall.Of(Shared.Value, Catalogue.Items, users, 100, Catalogue.UnpopularHalf());
        Assert.True(recall >= 0.95, $"recall@100 is {recall:F4}");
        Assert.True(filtered >= 0.8, $"recall@100 with the popular half filtered out is {filtered:F4}");
        var all = IvfIndex.Build(Catalogue.Items, Catalogue.Users, new IvfOptions { Lists = 50, Probes = 50 });
        recall = Recall.Of(all, Catalogue.Items, users, 100);
        Assert.True(recall >= 0.999, $"recall@100 with every list is {recall:F4}");
    }

    [Fact]
    public void Scores_are_the_inner_products_in_float32()
    {
        var best = new Scored[50];
        Assert.Equal(50, Shared.Value.Search(Catalogue.Users.Row(7), default, best));
        foreach (Scored s in best) { Assert.Equal(BruteForceSearch.Dot(Catalogue.Items.Row(s.Index), Catalogue.Users.Row(7)), s.Score, 1e-4); }
        Assert.Equal(best.OrderByDescending(s => s.Score).ThenBy(s => s.Index), best);
    }

    [Fact]
    public void As_many_items_are_returned_as_wanted_whenever_they_are_admissible() =>
        Gen.Select(Gen.Int[0, 700], Gen.Int[1, 40], Gen.Int[1, 120], Gen.OneOf(Gen.Const(0.0), Gen.Const(0.01), Gen.Const(0.4), Gen.Const(1.0)), Gen.OneOf(Gen.Const(0.0), Gen.Const(0.1), Gen.Const(0.95)), Gen.ULong).Sample((items, dimension, n, share, denied, seed) =>
        {
            using RowMatrix vectors = RandomVectors.Normal(items, dimension, seed), query = RandomVectors.Normal(1, dimension, seed + 1);
            var index = IvfIndex.Build(vectors, null, new IvfOptions { Probes = 2, Iterations = 2 });
            var filter = new ItemFilter { Allowed = share == 1 ? default : RandomVectors.Bitmap(items, share, seed + 2), Denied = RandomVectors.Denied(items, denied, seed + 3) };
            var best = new Scored[n];
            int found = index.Search(query.Row(0), filter, best);
            Assert.Equal(Math.Min(n, filter.CountAdmitted(items)), found);
            Assert.Equal(found, best[..found].Select(s => s.Index).Distinct().Count());
            foreach (Scored s in best[..found]) { Assert.True(filter.Admits(s.Index), $"item {s.Index} is not admitted"); }
        }, iter: 100);

    [Fact]
    public void An_index_without_items_is_built_and_finds_nothing()
    {
        using RowMatrix none = RandomVectors.Normal(0, 8, 1), query = RandomVectors.Normal(1, 8, 2);
        var best = new Scored[3];
        Assert.Equal(0, IvfIndex.Build(none, null, new IvfOptions { Probes = 2, Iterations = 2 }).Search(query.Row(0), default, best));
    }

    [Fact]
    public void A_search_allocates_nothing()
    {
        ulong[] allowed = Catalogue.UnpopularHalf();
        var best = new Scored[100];
        Assert.Equal(0, Allocation.Of(SearchAll));

        void SearchAll()
        {
            Shared.Value.Search(Catalogue.Users.Row(0), default, best);
            Shared.Value.Search(Catalogue.Users.Row(1), new ItemFilter { Allowed = allowed, Denied = [1, 5, 9] }, best);
        }
    }

    [Fact]
    public void Impossible_options_are_refused_with_a_sentence()
    {
        Assert.Contains("Probes is 0", Assert.Throws<FactoException>(() => IvfIndex.Build(Catalogue.Items, null, new IvfOptions { Probes = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("Probes is 2000", Assert.Throws<FactoException>(() => Shared.Value.Probes = 2000).Message, StringComparison.Ordinal);
    }
}
