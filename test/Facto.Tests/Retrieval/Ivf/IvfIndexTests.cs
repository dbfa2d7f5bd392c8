using Facto.Numerics;
using Facto.Retrieval.Ivf;
using Facto.Tests.Oracles;
using Facto.Tests.Retrieval.Graph;

namespace Facto.Tests.Retrieval.Ivf;

public class IvfIndexTests
{
    private static readonly FmCatalogue Catalogue = new(12_000, 300);
    private static readonly Lazy<IvfIndex> Shared =
        new(() => IvfIndex.Build(Catalogue.Items, Catalogue.Users, new IvfOptions { Nprobe = 60 }));

    [Fact]
    public void Recall_stays_above_its_floor_and_reaches_everything_when_every_list_is_read()
    {
        RowMatrix users = Catalogue.Users.Resized(100);
        double recall = Recall.Of(Shared.Value, Catalogue.Items, users, 100),
            filtered = Recall.Of(Shared.Value, Catalogue.Items, users, 100, Catalogue.UnpopularHalf());
        Assert.True(recall >= 0.95, $"recall@100 is {recall:F4}");
        Assert.True(filtered >= 0.8, $"recall@100 with the popular half filtered out is {filtered:F4}");
        var all = IvfIndex.Build(Catalogue.Items, Catalogue.Users, new IvfOptions { Nlist = 50, Nprobe = 50 });
        recall = Recall.Of(all, Catalogue.Items, users, 100);
        Assert.True(recall >= 0.999, $"recall@100 with every list is {recall:F4}");
    }

    [Fact]
    public void Scores_are_the_inner_products_in_float32()
    {
        var best = new Scored[50];
        Assert.Equal(50, Shared.Value.Search(Catalogue.Users.Row(7), default, best));
        foreach (Scored s in best)
        {
            Assert.Equal(BruteForceSearch.Dot(Catalogue.Items.Row(s.Index), Catalogue.Users.Row(7)), s.Score, 1e-4);
        }
        Assert.Equal(best.OrderByDescending(s => s.Score).ThenBy(s => s.Index), best);
    }

    [Fact]
    public void Impossible_options_are_refused_with_a_sentence()
    {
        Assert.Contains(
            "Nprobe is 0",
            Assert.Throws<FactoException>(() => IvfIndex.Build(Catalogue.Items, null, new IvfOptions { Nprobe = 0 })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Nprobe is 2000", Assert.Throws<FactoException>(() => Shared.Value.Nprobe = 2000).Message, StringComparison.Ordinal);
    }
}
