using Facto.Numerics;
using Facto.Retrieval.Graph;

namespace Facto.Tests.Retrieval.Graph;

public class GraphFileTests
{
    [Fact]
    public void An_index_survives_the_round_trip_and_can_be_updated_afterwards()
    {
        var catalogue = new FmCatalogue(2000, 50);
        using var folder = new TemporaryFolder();
        var index = GraphIndex.Build(catalogue.Items, catalogue.Users, new GraphOptions { Effort = new SearchEffort(77, 333) });
        index.Delete(11);
        GraphFile.Save(index, folder.File("g.facto"));
        foreach (bool verify in new[] { true, false })
        {
            GraphIndex opened = GraphFile.Open(folder.File("g.facto"), verify);
            Assert.Equal((1999, 17, new SearchEffort(77, 333)), (opened.Count, opened.Dimension, opened.Effort));
            Scored[] a = new Scored[40], b = new Scored[40];
            for (int user = 0; user < 50; user++)
            {
                index.Search(catalogue.Users.Row(user), default, a);
                opened.Search(catalogue.Users.Row(user), default, b);
                Assert.Equal(a, b);
            }

            Assert.False(opened.Delete(11));
            Assert.True(opened.Delete(12));
            opened.Put(11, catalogue.Items.Row(11));
            Assert.Equal(1999, opened.Count);
        }
    }

    [Fact]
    public void Damage_is_reported_by_one_clear_error()
    {
        var catalogue = new FmCatalogue(60, 10, 4);
        using var folder = new TemporaryFolder();
        GraphFile.Save(GraphIndex.Build(catalogue.Items, catalogue.Users), folder.File("g.facto"));
        CorruptionChecks.EveryDamageIsReported(folder.File("g.facto"), path => GraphFile.Open(path), CorruptionChecks.ManyFlips);
    }
}
