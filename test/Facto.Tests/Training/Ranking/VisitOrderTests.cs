using CsCheck;
using Facto.Data;
using Facto.Numerics;
using Facto.Training.Ranking;

namespace Facto.Tests.Training.Ranking;

public sealed class VisitOrderTests
{
    private const int Run = 8;

    [Fact]
    public void Every_positive_is_visited_once_and_neighbours_are_of_one_query_up_to_a_run() => Gen.Int[1, 40].Array[1, 30].Sample(sizes =>
    {
        QuerySet queries = Queries(sizes);
        var order = new VisitOrder(queries, Run);
        for (ulong seed = 0; seed < 3; seed++)
        {
            order.Shuffle(new SeededRandom(seed));
            Assert.Equal(Enumerable.Range(0, queries.PositiveCount), order.Positives.Order());
            int[] query = [.. order.Positives.Select(p => Enumerable.Range(0, queries.Count).First(q => p < queries.Starts[q + 1]))];
            int changes = query.Zip(query.Skip(1)).Count(pair => pair.First != pair.Second);
            Assert.True(changes < sizes.Sum(size => (size + Run - 1) / Run));
        }
    });

    [Fact]
    public void The_order_is_the_seeds_alone_and_another_seed_cuts_other_runs()
    {
        QuerySet queries = Queries([30, 5, 17]);
        int[] first = Shuffled(1), again = Shuffled(1), other = Shuffled(2);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        int[] Shuffled(ulong seed)
        {
            var order = new VisitOrder(queries, Run);
            order.Shuffle(new SeededRandom(99));
            order.Shuffle(new SeededRandom(seed));
            return order.Positives;
        }
    }

    // Each place of a short list is equally likely to be visited first: no query and no positive comes early for its number.
    [Fact]
    public void Every_positive_is_as_often_first_as_its_run_is_chosen()
    {
        QuerySet queries = Queries([4, 4, 4]);
        var order = new VisitOrder(queries, Run);
        int[] first = new int[12];
        for (ulong seed = 0; seed < 6000; seed++)
        {
            order.Shuffle(new SeededRandom(seed));
            first[order.Positives[0]]++;
        }

        Assert.All(first, n => Assert.InRange(n, 380, 620));   // 500 ± 5.6 deviations
    }

    private static QuerySet Queries(int[] sizes)
    {
        Dataset data = RankingData.Checkerboard().Train;
        (int User, int Item)[] pairs = [.. sizes.SelectMany((size, user) => Enumerable.Range(0, size).Select(item => (user, item)))];
        return QuerySet.Of(data.WithInteractions(new Interactions
        {
            Users = new([.. pairs.Select(p => p.User)]),
            Items = new([.. pairs.Select(p => p.Item)]),
            Labels = new([.. pairs.Select(_ => 1f)]),
        }), "test");
    }
}
