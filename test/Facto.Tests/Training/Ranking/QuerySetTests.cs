using Facto.Data;
using Facto.Training.Ranking;

namespace Facto.Tests.Training.Ranking;

public sealed class QuerySetTests
{
    [Fact]
    public void Every_positive_stands_in_the_query_of_its_user_and_context()
    {
        Dataset data = RankingData.Rich();
        QuerySet queries = QuerySet.Of(data, "softmax");
        var expected = Enumerable.Range(0, data.Count).Where(e => data.Interactions.Labels[e] > 0)
            .Select(e => (data.Interactions.Users![e], data.ContextRow(e), data.Interactions.Items![e], data.Interactions.Weights![e]))
                .Order();
        var found = Enumerable.Range(0, queries.Count)
            .SelectMany(
                q =>
                Enumerable.Range(queries.Starts[q], queries.Starts[q + 1] - queries.Starts[q])
                .Select(p => (queries.UserRows[q], queries.ContextRows[q], queries.Items[p], queries.Weights[p]))).Order();
        Assert.Equal(expected, found);
        Assert.Equal(queries.Count, queries.UserRows.Zip(queries.ContextRows).Distinct().Count());
    }

    [Fact]
    public void The_widest_batch_is_the_sum_of_the_largest_queries()
    {
        QuerySet queries = QuerySet.Of(RankingData.Ids(3, 5, [(0, 1), (1, 0), (1, 2), (1, 4), (2, 3), (2, 4)]), "softmax");
        Assert.Equal((3, 5, 6), (queries.MostPositives(1), queries.MostPositives(2), queries.MostPositives(9)));
        Assert.Equal([1, 1, 1, 1, 2], queries.ItemCounts(5));
    }

    [Fact]
    public void Data_without_positives_or_without_sides_are_refused_in_a_sentence()
    {
        Dataset data = RankingData.Ids(2, 2, [(0, 0)]);
        data.Interactions.Labels[0] = 0;
        Assert.Contains("label above 0", Assert.Throws<FactoException>(() => QuerySet.Of(data, "warp")).Message, StringComparison.Ordinal);
        var flat =
            new Dataset(FeatureSchema.Flat(2), new Interactions { Labels = new([1f]) }, contexts: new SparseRows(1, null, new([1]), null));
        Assert.Contains(
            "'warp' ranks items for users", Assert.Throws<FactoException>(() => QuerySet.Of(flat, "warp")).Message,
            StringComparison.Ordinal);
    }
}
