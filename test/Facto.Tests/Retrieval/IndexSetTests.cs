using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Graph;
using Facto.Retrieval.Ivf;
using Facto.Retrieval.Recall;
using Facto.Tests.Retrieval.Graph;

namespace Facto.Tests.Retrieval;

public class IndexSetTests
{
    private static readonly FmCatalogue World = new(items: 3000, users: 120);

    [Theory]
    [InlineData("exact", 0)]
    [InlineData("bounded", 1)]
    [InlineData("graph", 2)]
    [InlineData("ivf", 2)]
    public void A_set_is_saved_opened_and_answers_as_before(string name, int files)
    {
        var kind = new IndexKind(name);
        using var folder = new TemporaryFolder();
        IndexSet built = Build(World.Items, World.Users, Options(kind));
        built.Save(folder.Path);
        Assert.Equal(files, Directory.GetFiles(folder.Path).Length);
        IndexSet opened = IndexSet.Open(folder.Path, kind, World.Items);
        Assert.Equal((kind, built.Recall, built.ToString()), (opened.Kind, opened.Recall, opened.ToString()));
        Scored[] expected = new Scored[20], actual = new Scored[20];
        for (int user = 0; user < 20; user++)
        {
            Assert.Equal(20, built.Planned.Search(World.Users.Row(user), default, expected));
            Assert.Equal(20, opened.Planned.Search(World.Users.Row(user), default, actual));
            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData("graph")]
    [InlineData("ivf")]
    public void The_effort_is_raised_until_the_floor_holds_with_and_without_the_popular_half(string name)
    {
        var kind = new IndexKind(name);
        IndexOptions options = Options(
            kind) with
        { Graph = new GraphOptions { Effort = new SearchEffort(1, 1) }, Ivf = new IvfOptions { Nprobe = 1 }, Floor = 0.99 };
        IndexSet set = Build(World.Items, World.Users, options);
        Assert.True(set.Recall is { Recall: >= 0.99, FilteredRecall: >= 0.99, QueryCount: 60, At: 20 }, set.Recall?.ToString());
        var exact = new ExactIndex(World.Items);
        RecallCertificate again =
            RecallMeter.Measure(set.Planned, exact, World.Users, Leads(World.Items), 20, 0.97, TestContext.Current.CancellationToken);
        Assert.True(again.Holds, again.ToString());
    }

    [Fact]
    public void An_opened_set_still_scans_filtered_requests_when_its_certificate_says_so()
    {
        using var folder = new TemporaryFolder();
        IndexSet set = Build(World.Items, World.Users, Options(IndexKind.Graph));
        set.Save(folder.Path);
        GraphFile.Save((GraphIndex)set.Approximate!, folder.File("graph.facto"), set.Recall! with { FilteredByScan = true });
        IndexSet opened = IndexSet.Open(folder.Path, IndexKind.Graph, World.Items);
        Assert.True(opened.Recall!.FilteredByScan);
        Assert.Contains("by the exact scan", opened.Recall.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "measured below the requested recall", opened.Planned.Explain(new ItemFilter { Allowed = World.UnpopularHalf() }, 20).Reason,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 65, "exact")]
    [InlineData(19_999, 65, "exact")]
    [InlineData(20_000, 65, "bounded")]
    [InlineData(20_000, 5000, "exact")]
    [InlineData(200_000, 65, "graph")]
    public void The_automatic_kind_goes_by_the_number_of_items(int items, int dimension, string kind) =>
        Assert.Equal(new IndexKind(kind), new IndexOptions().Resolve(items, dimension));

    [Fact]
    public void What_cannot_be_built_is_said_in_one_sentence()
    {
        static string Error(IndexOptions options, RowMatrix? users, float[]? popularity = null) =>
            Assert.Throws<FactoException>(() => Build(World.Items, users, options, popularity)).Message;

        Assert.Contains("user vectors", Error(Options(IndexKind.Graph), null), StringComparison.Ordinal);
        Assert.Contains("recall floor is 2", Error(new IndexOptions { Floor = 2 }, World.Users), StringComparison.Ordinal);
        Assert.Contains("users have 5 coordinates", Error(new IndexOptions(), new RowMatrix(1, 5)), StringComparison.Ordinal);
        Assert.Contains("3000 items and 7 popularities", Error(new IndexOptions(), World.Users, new float[7]), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_other_items_are_refused()
    {
        using var folder = new TemporaryFolder();
        Build(World.Items, World.Users, Options(IndexKind.Bounded)).Save(folder.Path);
        Assert.Contains(
            "does not belong to 10 items",
            Assert.Throws<InvalidDataException>(() => IndexSet.Open(folder.Path, IndexKind.Bounded, World.Items.Resized(10))).Message,
            StringComparison.Ordinal);
    }

    private static IndexOptions Options(IndexKind kind) =>
        new() { Kind = kind, At = 20, Queries = 60, Floor = 0.9, Graph = new GraphOptions { M = 8, EfConstruction = 48 } };

    private static float[] Leads(RowMatrix items) => [.. Enumerable.Range(0, items.RowCount).Select(i => items.Row(i)[0])];

    private static IndexSet Build(RowMatrix items, RowMatrix? users, IndexOptions options, float[]? popularity = null) =>
        IndexSet.Build(new IndexSource(items, users, options, null, TestContext.Current.CancellationToken), popularity);
}
