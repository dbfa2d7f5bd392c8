using Facto.Data;
using Facto.Retrieval;
using Facto.Serving;

namespace Facto.Tests.FrontDoor;

/// <summary>What nobody means to pass, and somebody will: each kind is refused with a sentence, or means what it says.</summary>
public sealed class OddInputTests
{
    private static readonly int[] Rows = [.. Enumerable.Range(0, 40)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static DatasetBuilder<int> Builder() => Dataset.From(Rows, r => r % 8, r => r % 5);

    [Fact]
    public void Nothing_in_place_of_rows_or_functions_is_told_where_it_was_given()
    {
        Assert.Throws<ArgumentNullException>("rows", () => Dataset.From((IEnumerable<int>)null!, r => r, r => r));
        Assert.Throws<ArgumentNullException>("rows", () => Dataset.From((IAsyncEnumerable<int>)null!, r => r, r => r));
        Action[] calls =
        [
            () => Dataset.From(Rows, (Func<int, int>)null!, r => r), () => Dataset.From(Rows, r => r, (Func<int, int>)null!),
            () => Builder().Label((Func<int, bool>)null!), () => Builder().Label((Func<int, double>)null!),
            () => Builder().Time((Func<int, long>)null!), () => Builder().Time((Func<int, DateTime>)null!),
            () => Builder().Time((Func<int, DateTimeOffset>)null!), () => Builder().Weight((Func<int, double>)null!),
            () => Builder().Context(null!), () => Builder().Items((int[])null!, r => r, f => f.WithoutId()),
            () => Builder().Items(Rows, (Func<int, int>)null!, f => f.WithoutId()), () => Builder().Users(Rows, r => r, null!),
            () => Builder().Items(Rows, r => r, f => f.Category("a", (Func<int, int>)null!)),
            () => Builder().Items(Rows, r => r, f => f.Number("a", (Func<int, int>)null!)),
            () => Builder().Items(Rows, r => r, f => f.Categories("a", null!)), () =>
                Builder().Items(Rows, r => r, f => f.Hashed("a", null!, 3)),
            () => Builder().Items(Rows, r => r, f => f.Title(null!)), () => Builder().Build(cancellationToken: Stop).Split(null!),
            () => Evaluator.Evaluate(null!, null!, cancellationToken: Stop),
            () => IndexKinds.Register(null!, _ => null!, _ => null!), () => IndexKinds.Register("nobody", null!, _ => null!),
            () => IndexKinds.Register("nobody", _ => null!, null!),
        ];
        foreach (Action call in calls) { Assert.Throws<ArgumentNullException>(call); }
    }

    [Fact]
    public void A_builder_builds_as_often_as_it_is_asked_from_many_threads_too()
    {
        var rows = new List<int>(Rows);
        DatasetBuilder<int> Make() => Dataset.From(rows, r => r % 8, r => r % 5).Context(f => f.Category("c", r => r % 3))
            .Items(Rows, r => r, f => f.Category("kind", r => r % 2));
        DatasetBuilder<int> builder = Make();
        string[] first = Ids(builder.Build(cancellationToken: Stop));
        Assert.Equal(first, Ids(builder.Build(cancellationToken: Stop)));
        string[][] at = new string[8][];
        Parallel.For(0, at.Length, i => at[i] = Ids(builder.Build()));
        Assert.All(at, ids => Assert.Equal(first, ids));
        rows.RemoveRange(0, 7);
        string[] shorter = Ids(Make().Build(cancellationToken: Stop));
        Assert.NotEqual(first, shorter);
        Assert.Equal(shorter, Ids(builder.Build(cancellationToken: Stop)));

        static string[] Ids(Dataset data) =>
        [
            .. Enumerable.Range(0, data.Count).SelectMany(r => new[]
            {
                $"u{data.UserIds![data.Interactions.Users![r]]}", $"i{data.ItemIds![data.Interactions.Items![r]]}",
                $"c{data.Contexts![data.Interactions.Contexts![r]].Features[0]}",
            }),
        ];
    }

    [Fact]
    public void An_id_that_is_spelt_by_blanks_is_no_id()
    {
        Assert.Contains(
            "row 1: the user id is null or empty", Fails(() => Dataset.From(" ab".ToCharArray(), c => c, c => 'x').Build()),
            StringComparison.Ordinal);
        Assert.Contains(
            "row 2: the item id is null or empty", Fails(() => Dataset.From(Rows, r => r, r => new Spelt(r)).Build()),
            StringComparison.Ordinal);
        Assert.Contains(
            "item table, row 2: there is no item id",
            Fails(() => Builder().Items(Rows, r => new Spelt(r), f => f.Category("a", r => r)).Build()), StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_rows_of_a_table_are_tolerated_as_those_of_the_log_and_told()
    {
        Dataset Half(double tolerance) =>
            Builder().Items(Rows, r => r % 2 == 0 ? null : $"{r}", f => f.Category("a", r => r)).BadRows(tolerance)
                .Build(cancellationToken: Stop);
        Assert.Contains("item table, 20 of 40 rows are bad, BadRows allows 40 %", Fails(() => Half(0.4)), StringComparison.Ordinal);
        DatasetReport report = Half(0.5).Report!;
        Assert.Equal((40, 20, "item table, row 1: there is no item id"), (report.Rows, report.BadRows, report.FirstBadRows[0]));
        Assert.Equal(20, report.BadReasons["there is no item id"]);
    }

    [Fact]
    public void Rules_and_names_outside_of_what_there_is_are_refused_with_what_there_is()
    {
        Assert.Contains("99 is no rule for repeated pairs", Fails(() => Builder().Repeated((RepeatedPairs)99)), StringComparison.Ordinal);
        Assert.Contains("unknown pooling 99", Fails(() => Builder().History(pooling: (Pooling)99).Build()), StringComparison.Ordinal);
        foreach (string? name in (string?[])[null, "", " "])
        {
            Assert.Contains(
                "a field has no name", Fails(() => Builder().Items(Rows, r => r, f => f.Category(name!, r => r)).Build()),
                    StringComparison.Ordinal);
        }

        Assert.Contains(
            "there are more than 2147483647 features",
            Fails(() => Builder().Items(Rows, r => r, f => f.Hashed("h", r => ["a"], int.MaxValue)).Build()), StringComparison.Ordinal);
        Assert.Contains(
            "add up to more than a number can hold",
            Fails(() => Dataset.From(Rows, r => 1, r => 1).Label(r => 3e38).Repeated(RepeatedPairs.Sum).Build()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1 << 29)]
    [InlineData(1 << 30)]
    [InlineData(int.MaxValue)]
    public void More_held_out_than_anybody_has_leaves_nothing_to_judge_by(int count)
    {
        Splits splits = Builder().Build(cancellationToken: Stop).Split(Split.LeaveLast(count));
        Assert.Contains("leaves nothing for test", Fails(() => { (_, _) = splits; }), StringComparison.Ordinal);
        Assert.Contains("leaves nothing for validation", Fails(() => { (_, _, _) = splits; }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_is_not_judged_by_data_of_other_users_or_items()
    {
        Dataset train = Builder().Build(cancellationToken: Stop);
        FactorizationMachine model = FactorizationMachine.Fit(train, cancellationToken: Stop);
        foreach (Dataset other in (
            Dataset[])[Dataset.From(Rows, r => (r % 8) + 1, r => r % 5).Build(cancellationToken: Stop),
            Dataset.From(Rows, r => r % 8, r => (r % 5) + 1).Build(cancellationToken: Stop)])
        {
            Assert.Equal(train.Schema.FeatureCount, other.Schema.FeatureCount);
            Assert.Contains("has other users, items or features", Fails(() => Evaluator.Evaluate(model, other)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Whatever_takes_a_token_looks_at_it_before_it_begins()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Dataset ratings = Builder().Label(r => r % 5).Build(cancellationToken: Stop);
        FactorizationMachine model = FactorizationMachine.Fit(ratings, cancellationToken: Stop);
        Assert.Throws<OperationCanceledException>(() => Evaluator.Evaluate(model, ratings, cancellationToken: cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => Recommender.Create(model, cancellationToken: cancelled.Token));
        Assert.NotNull(Evaluator.Evaluate(model, ratings, threads: int.MaxValue, cancellationToken: Stop));
    }

    [Fact]
    public void A_request_without_what_it_names_is_refused()
    {
        Dataset data = Builder().Users(Rows, r => r, f => f.Category("city", r => r % 2))
            .Items(Rows, r => r, f => f.Category("kind", r => r % 2))
            .Build(cancellationToken: Stop);
        Recommender recommender = Recommender.Create(FactorizationMachine.Fit(data, cancellationToken: Stop), cancellationToken: Stop);
        Assert.Throws<ArgumentNullException>(() => recommender.Recommend((RecommendationRequest)null!));
        Assert.Throws<ArgumentNullException>(() => recommender.Score(null!, ["1"]));
        Assert.Throws<ArgumentNullException>(() => recommender.Score(new UserQuery(), null!));
        Assert.Throws<ArgumentNullException>(() => recommender.Explain((UserQuery)null!, "1"));
        Assert.Contains(
            "filter field 'kind' has no list of values",
            Fails(() => recommender.Recommend(new RecommendationRequest { Where = Nothing("kind") })), StringComparison.Ordinal);
        Assert.Contains(
            "field 'city' has no list of values",
            Fails(() => recommender.Recommend(new RecommendationRequest { Features = Nothing("city") })), StringComparison.Ordinal);

        static Dictionary<string, IReadOnlyList<string>> Nothing(string field) => new() { [field] = null! };
    }

    private static string Fails(Action act) => Assert.Throws<FactoException>(act).Message;

    // One of them is spelt by nothing.
    private readonly record struct Spelt(int Number)
    {
        public override string? ToString() => Number == 1 ? null : $"n{Number}";
    }
}
