using Facto.Numerics;
using Facto.Retrieval.Ivf;
using Facto.Tests.Retrieval.Graph;

namespace Facto.Tests.Retrieval.Ivf;

public class IvfFileTests
{
    [Fact]
    public void An_index_survives_the_round_trip()
    {
        var catalogue = new FmCatalogue(2000, 50);
        using var folder = new TemporaryFolder();
        var index = IvfIndex.Build(catalogue.Items, catalogue.Users, new IvfOptions { Probes = 9, Lists = 40 });
        IvfFile.Save(index, folder.File("i.facto"));
        foreach (bool verify in new[] { true, false })
        {
            IvfIndex opened = IvfFile.Open(folder.File("i.facto"), verify);
            Assert.Equal((2000, 17, 40, 9), (opened.Count, opened.Dimension, opened.ListCount, opened.Probes));
            Scored[] a = new Scored[40], b = new Scored[40];
            for (int user = 0; user < 50; user++)
            {
                Assert.Equal(40, index.Search(catalogue.Users.Row(user), default, a));
                Assert.Equal(40, opened.Search(catalogue.Users.Row(user), default, b));
                Assert.Equal(a, b);
            }
        }
    }

    [Fact]
    public void Damage_is_reported_by_one_clear_error()
    {
        var catalogue = new FmCatalogue(60, 10, 4);
        using var folder = new TemporaryFolder();
        IvfFile.Save(IvfIndex.Build(catalogue.Items, catalogue.Users), folder.File("i.facto"));
        CorruptionChecks.EveryDamageIsReported(folder.File("i.facto"), path => IvfFile.Open(path), CorruptionChecks.ManyFlips);
    }
}
