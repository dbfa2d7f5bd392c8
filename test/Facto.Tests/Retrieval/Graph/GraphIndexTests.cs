using CsCheck;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Graph;
using Facto.Tests.Oracles;

namespace Facto.Tests.Retrieval.Graph;

public class GraphIndexTests
{
    private static readonly FmCatalogue Catalogue = new(12_000, 300);
    private static readonly Lazy<GraphIndex> Shared =
        new(() => GraphIndex.Build(Catalogue.Items, Catalogue.Users, new GraphOptions { Effort = new SearchEffort(120, 256) }));

    [Theory]
    [InlineData(10, 0.98)]
    [InlineData(100, 0.97)]
    public void Recall_of_uneven_norms_stays_above_its_floor(int n, double floor)
    {
        double recall = Recall.Of(Shared.Value, Catalogue.Items, Head(Catalogue.Users, 100), n);
        Assert.True(recall >= floor, $"recall@{n} is {recall:F4}");
    }

    [Fact]
    public void Recall_stays_above_its_floor_when_the_popular_half_is_filtered_out()
    {
        double recall = Recall.Of(Shared.Value, Catalogue.Items, Head(Catalogue.Users, 100), 100, Catalogue.UnpopularHalf());
        Assert.True(recall >= 0.95, $"recall@100 is {recall:F4}");
    }

    [Fact]
    public void Recall_stays_above_its_floor_without_users_to_shape_the_space()
    {
        var index = GraphIndex.Build(Catalogue.Items, null, new GraphOptions { Effort = new SearchEffort(120, 256) });
        double recall = Recall.Of(index, Catalogue.Items, Head(Catalogue.Users, 100), 100);
        Assert.True(recall >= 0.95, $"recall@100 is {recall:F4}");
    }

    [Fact]
    public void Several_workers_reach_the_same_floor()
    {
        var index =
            GraphIndex.Build(Catalogue.Items, Catalogue.Users, new GraphOptions { Effort = new SearchEffort(120, 256), Workers = 4 });
        double recall = Recall.Of(index, Catalogue.Items, Head(Catalogue.Users, 100), 100);
        Assert.True(recall >= 0.97, $"recall@100 is {recall:F4}");
    }

    [Fact]
    public void Scores_are_the_inner_products_in_float32()
    {
        var best = new Scored[50];
        int found = Shared.Value.Search(Catalogue.Users.Row(7), default, best);
        Assert.Equal(50, found);
        foreach (Scored s in best)
        {
            Assert.Equal(BruteForceSearch.Dot(Catalogue.Items.Row(s.Index), Catalogue.Users.Row(7)), s.Score, 1e-4);
        }
        Assert.Equal(best.OrderByDescending(s => s.Score).ThenBy(s => s.Index), best);
    }

    [Fact]
    public void One_worker_builds_the_same_bytes_every_time()
    {
        var small = new FmCatalogue(3000, 50);
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "a", "b" }) { GraphFile.Save(GraphIndex.Build(small.Items, small.Users), folder.File(name)); }
        Assert.Equal(File.ReadAllBytes(folder.File("a")), File.ReadAllBytes(folder.File("b")));
    }

    [Fact]
    public void As_many_items_are_returned_as_wanted_whenever_they_are_admissible() =>
        Gen.Select(
            Gen.Int[0, 900], Gen.Int[1, 40], Gen.Int[1, 120],
            Gen.OneOf(Gen.Const(0.0), Gen.Const(0.01), Gen.Const(0.1), Gen.Const(0.6), Gen.Const(1.0)),
            Gen.OneOf(Gen.Const(0.0), Gen.Const(0.1), Gen.Const(0.95)), Gen.ULong).Sample((items, dimension, n, share, denied, seed) =>
        {
            using RowMatrix vectors = RandomVectors.Normal(items, dimension, seed), query = RandomVectors.Normal(1, dimension, seed + 1);
            var index = GraphIndex.Build(vectors, null, new GraphOptions { M = 4, EfConstruction = 16, Effort = new SearchEffort(8, 16) });
            var filter =
                new ItemFilter
                {
                    Allowed = share == 1
                    ? default
                    : RandomVectors.Bitmap(items, share, seed + 2),
                    Denied = RandomVectors.Denied(items, denied, seed + 3)
                };
            var best = new Scored[n];
            int found = index.Search(query.Row(0), filter, best);
            Assert.Equal(Math.Min(n, filter.CountAdmitted(items)), found);
            Assert.Equal(found, best[..found].Select(s => s.Index).Distinct().Count());
            foreach (Scored s in best[..found]) { Assert.True(filter.Admits(s.Index), $"item {s.Index} is not admitted"); }
        }, iter: 150);

    [Fact]
    public void A_search_allocates_nothing()
    {
        ulong[] allowed = Catalogue.UnpopularHalf(), few = RandomVectors.Bitmap(12_000, 0.01, 4);
        int[] denied = RandomVectors.Denied(12_000, 0.01, 3);
        var best = new Scored[100];
        Assert.Equal(0, Allocation.Of(SearchAll));

        void SearchAll()
        {
            Shared.Value.Search(Catalogue.Users.Row(0), default, best);
            Shared.Value.Search(Catalogue.Users.Row(1), new ItemFilter { Allowed = allowed, Denied = denied }, best);
            Shared.Value.Search(Catalogue.Users.Row(2), new ItemFilter { Allowed = few }, best);
        }
    }

    [Fact]
    public void Wrong_arguments_are_refused_with_a_sentence()
    {
        Assert.Contains(
            "3 coordinates, the index 17",
            Assert.Throws<ArgumentException>(() => Shared.Value.Search(new float[3], default, new Scored[1])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "choose 4 to 64",
            Assert.Throws<FactoException>(() => GraphIndex.Build(Catalogue.Items, null, new GraphOptions { M = 2 })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "users have 4 coordinates, items 17",
            Assert.Throws<FactoException>(() => GraphIndex.Build(Catalogue.Items, new RowMatrix(2, 4))).Message, StringComparison.Ordinal);
        using RowMatrix bad = RandomVectors.Normal(10, 5, 1);
        bad.Row(3)[2] = float.NaN;
        Assert.Contains("vector of row 3", Assert.Throws<FactoException>(() => GraphIndex.Build(bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_build_stops() =>
        Assert.ThrowsAny<OperationCanceledException>(
            () => GraphIndex.Build(Catalogue.Items, null, new GraphOptions { Workers = 2 }, null, new CancellationToken(true)));

    private static RowMatrix Head(RowMatrix rows, int count) => rows.Resized(count);
}
