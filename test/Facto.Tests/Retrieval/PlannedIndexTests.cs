using Facto.Numerics;
using Facto.Retrieval;

namespace Facto.Tests.Retrieval;

public class PlannedIndexTests
{
    private const int Items = 200_000;

    [Fact]
    public void The_route_follows_catalogue_size_selectivity_and_wanted_count()
    {
        var planned = new PlannedIndex(new Fake(Items), new Fake(Items, most: 1000), "graph");
        ulong[] few = RandomVectors.Bitmap(Items, 0.001, 1), half = RandomVectors.Bitmap(Items, 0.5, 1);
        Assert.Equal("graph", planned.Explain(default, 100).Route);
        Assert.Equal("graph", planned.Explain(new ItemFilter { Allowed = half }, 100).Route);
        Assert.Equal(PlannedIndex.Scan, planned.Explain(new ItemFilter { Allowed = few }, 100).Route);
        Assert.Equal(PlannedIndex.Scan, planned.Explain(default, 5000).Route);
        Assert.Equal(PlannedIndex.Scan, planned.Explain(default, Items).Route);
        Assert.Equal(PlannedIndex.Scan, new PlannedIndex(new Fake(500), new Fake(500)).Explain(default, 10).Route);
        Assert.Equal(PlannedIndex.Scan, new PlannedIndex(new Fake(Items)).Explain(default, 10).Route);
    }

    [Fact]
    public void Requests_with_a_bitmap_are_scanned_when_the_index_was_measured_too_low_on_them()
    {
        Fake scan = new(Items), graph = new(Items);
        var planned = new PlannedIndex(scan, graph, "graph", scansFiltered: true);
        var filter = new ItemFilter { Allowed = RandomVectors.Bitmap(Items, 0.5, 1) };
        Assert.Equal(100, planned.Search([0f], filter, new Scored[100]));
        Assert.Equal((0, 1), (graph.Searches, scan.Searches));
        Assert.Contains("measured below the requested recall", planned.Explain(filter, 100).Reason, StringComparison.Ordinal);
        Assert.Equal("graph", planned.Explain(new ItemFilter { Denied = [1, 2, 3] }, 100).Route);
    }

    [Fact]
    public void A_planned_search_allocates_nothing()
    {
        var planned = new PlannedIndex(new Fake(Items), new Fake(Items, most: 40));
        ulong[] half = RandomVectors.Bitmap(Items, 0.5, 1);
        float[] query = [0f];
        var best = new Scored[100];
        Assert.Equal(0, Allocation.Of(() => planned.Search(query, new ItemFilter { Allowed = half }, best)));
    }

    [Fact]
    public void A_plan_says_why_with_its_numbers()
    {
        SearchPlan plan = new PlannedIndex(new Fake(Items), new Fake(Items)).Explain(default, 100);
        Assert.Contains("200000 of 200000 items are admissible and 100 are wanted", plan.Reason, StringComparison.Ordinal);
        Assert.True(plan.RouteCost < plan.ScanCost);
    }

    [Fact]
    public void The_scan_completes_what_a_graph_could_not_find()
    {
        Fake scan = new(Items), graph = new(Items, most: 40);
        var best = new Scored[100];
        Assert.Equal(100, new PlannedIndex(scan, graph).Search([0f], default, best));
        Assert.Equal((1, 1), (graph.Searches, scan.Searches));
    }

    [Fact]
    public void A_graph_that_finds_enough_is_not_followed_by_a_scan()
    {
        Fake scan = new(Items), graph = new(Items);
        Assert.Equal(100, new PlannedIndex(scan, graph).Search([0f], default, new Scored[100]));
        Assert.Equal((1, 0), (graph.Searches, scan.Searches));
    }

    [Fact]
    public void Indexes_over_different_items_are_refused() =>
        Assert.Contains(
            "do not hold the same items", Assert.Throws<ArgumentException>(() => new PlannedIndex(new Fake(10), new Fake(11))).Message,
            StringComparison.Ordinal);

    // Returns the first admissible items, at most so many.
    private sealed class Fake(int count, int most = int.MaxValue) : IApproximateIndex
    {
        public int Searches { get; private set; }

        public int Count => count;

        public int Dimension => 1;

        public bool TrySetEffort(int level) => level == 0;

        public double SearchCost(int wanted, double admitted) => Math.Max(160, wanted) * 12 / admitted;

        public void Save(string path) => throw new NotSupportedException();

        public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Scored> best)
        {
            Searches++;
            int found = 0;
            for (int item = 0; item < count && found < Math.Min(best.Length, most); item++)
            {
                if (filter.Admits(item)) { best[found++] = new Scored(item, -item); }
            }

            return found;
        }
    }
}
