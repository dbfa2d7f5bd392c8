using Facto.Data;

namespace Facto.Tests.FrontDoor;

public class DatasetFromTests
{
    private sealed record Row(string? User, string? Item, double Label = 1, double Weight = 1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Ids_of_any_type_are_spelt_invariantly()
    {
        Guid guid = new("11112222-3333-4444-5555-666677778888");
        Dataset data = Dataset.From([(guid, 1.5), (guid, 2.5)], r => r.Item1, r => r.Item2).Build(cancellationToken: Stop);
        Assert.Equal([guid.ToString()], data.UserIds!.Values());
        Assert.Equal(["1.5", "2.5"], data.ItemIds!.Values());
        Dataset days = Dataset.From([DayOfWeek.Friday], d => (int?)7, d => d).Build(cancellationToken: Stop);
        Assert.Equal(("7", "Friday"), (days.UserIds![0], days.ItemIds![0]));
    }

    [Fact]
    public void Every_character_of_an_id_counts_as_in_an_import()
    {
        Dataset data = Dataset.From([new Row(" a", "x "), new Row("a", "y")], r => r.User, r => r.Item).Build(cancellationToken: Stop);
        Assert.Equal([" a", "a"], data.UserIds!.Values());
        Assert.Equal(["x ", "y"], data.ItemIds!.Values());
    }

    [Theory]
    [InlineData(null, "x", 1, 1, "row 2: the user id is null or empty")]
    [InlineData("a", "  ", 1, 1, "row 2: the item id is null or empty")]
    [InlineData("a", "x", double.NaN, 1, "row 2: the label is not a finite number, found NaN")]
    [InlineData("a", "x", 1, 0, "row 2: the weight is not a number above 0, found 0")]
    [InlineData("a", "x", 1, double.PositiveInfinity, "row 2: the weight is not a number above 0, found Infinity")]
    public void A_bad_row_is_refused_with_its_number_and_value_or_counted(
        string? user, string? item, double label, double weight, string sentence)
    {
        Row[] rows = [new Row("a", "x"), new Row(user, item, label, weight), new Row("b", "y")];
        DatasetBuilder<Row> builder = Dataset.From(rows, r => r.User, r => r.Item).Label(r => r.Label).Weight(r => r.Weight);
        Assert.StartsWith(
            sentence, Assert.Throws<FactoException>(() => builder.Build(cancellationToken: Stop)).Message, StringComparison.Ordinal);
        DatasetReport report = builder.BadRows(0.5).Build(cancellationToken: Stop).Report!;
        Assert.Equal((3, 1, sentence), (report.Rows, report.BadRows, Assert.Single(report.FirstBadRows)));
        Assert.Contains(
            "1 of 3 rows are bad", Assert.Throws<FactoException>(() => builder.BadRows(0.3).Build(cancellationToken: Stop)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fractions_of_a_second_decide_which_interaction_is_the_last()
    {
        DateTime second = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        (string Item, DateTime At)[] rows =
            [("whole", second.AddSeconds(-5)), ("late", second.AddMicroseconds(3)), ("early", second.AddMicroseconds(2))];
        (Dataset train, Dataset test) = Dataset.From(rows, _ => 1, r => r.Item).Time(r => r.At).Build(cancellationToken: Stop)
            .Split(Split.LeaveLast(1));
        Assert.Equal("late", test.ItemIds![test.Interactions.Items![0]]);
        Assert.Equal(2, train.Count);
        Assert.Equal(5_000_002, train.Interactions.Times![1] - train.Interactions.Times[0]);
    }

    [Fact]
    public void List_elements_keep_their_characters()
    {
        Dataset data = Dataset.From(["a"], x => x, x => x)
            .Items(["a"], x => x, f =>
                f.Categories("genre", _ => ["Hip|Hop", "R, B"], Pooling.Sum).Hashed("hash", _ => ["x|y"], buckets: 7))
                .Build(cancellationToken: Stop);
        Assert.Equal(["Hip|Hop", "R, B"], data.Schema.Find("genre")!.Vocabulary!.Values());
        Assert.Equal(4, data.Items![0].Count);
    }

    [Fact]
    public void Vocabularies_edges_and_histories_come_from_the_training_rows_alone()
    {
        (string User, string Item, int At)[] rows =
            [("u", "a", 1), ("u", "b", 2), ("u", "c", 3), ("v", "a", 1), ("v", "b", 2), ("v", "d", 3)];
        Dataset data = Dataset.From(rows, r => r.User, r => r.Item).Time(r => r.At).History().Build(cancellationToken: Stop);
        Assert.Equal(4, data.Schema.Find("item")!.Count);
        (Dataset train, Dataset validation, Dataset test) = data.Split(Split.LeaveLast(1));
        Assert.Equal(["a"], train.Schema.Find("item")!.Vocabulary!.Values());
        Assert.Equal(["a"], train.Schema.Find("history")!.Vocabulary!.Values());
        Assert.Equal((2, 2, 2), (train.Count, validation.Count, test.Count));
        (Dataset inner, Dataset held) = data.Split(Split.Users(0.49, seed: 1));
        Assert.Equal(6, inner.Count + held.Count);
    }

    [Fact]
    public void A_split_can_be_split_again()
    {
        Shop shop = Shop.Make();
        (Dataset rest, Dataset test) = shop.Builder().Build(cancellationToken: Stop).Split(Split.LeaveLast(1));
        (Dataset train, Dataset validation) = rest.Split(Split.LeaveLast(1));
        Assert.Equal(rest.Count, train.Count + validation.Count);
        Assert.Equal(test.Count, validation.Count);
    }

    [Fact]
    public void Reading_tells_its_progress_and_stops_when_asked()
    {
        var told = new List<long>();
        IEnumerable<int> many = Enumerable.Range(0, 200_000);
        Dataset data = Dataset.From(many, i => i % 1000, i => i / 1000).Build(new Told(told), Stop);
        Assert.Equal([65_536, 131_072, 196_608, 200_000], told);
        Assert.Equal(200_000, data.Count);
        using var stop = new CancellationTokenSource();
        int read = 0;
        IEnumerable<int> endless = Enumerable.Repeat(0, int.MaxValue).Select(_ => { if (read++ == 5000) { stop.Cancel(); } return read; });
        Assert.Throws<OperationCanceledException>(() => Dataset.From(endless, i => i, i => i).Build(cancellationToken: stop.Token));
        Assert.InRange(read, 5000, 7000);
    }

    [Fact]
    public void A_row_allocates_nothing_but_its_stated_bytes()
    {
        // A build of ten times the rows over the same ids costs so much more: user, item, label, time and context, 24 bytes in all, and the
        // row's place in the split, 1 byte and 4. The number of rows is known, so no column grows.
        static long Allocated(int rows)
        {
            DatasetBuilder<int> builder = Dataset.From(Enumerable.Range(0, rows), i => i % 100, i => i / 100 % 100)
                .Time(i => (long)i).Repeated(RepeatedPairs.KeepAll).Context(f => f.Category("hour", i => i % 24));
            long before = GC.GetAllocatedBytesForCurrentThread();
            builder.Build();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // The best of some, because code that the runtime has not optimised yet boxes.
        double perRow = double.MaxValue;
        for (int attempt = 0; attempt < 20 && perRow > 30; attempt++)
        {
            perRow = Math.Min(perRow, (Allocated(1_000_000) - Allocated(100_000)) / 900_000.0);
        }
        Assert.InRange(perRow, 24, 30);
    }

    [Fact]
    public void What_cannot_be_is_told()
    {
        Assert.Contains("above 0 and below 0.5", Assert.Throws<FactoException>(() => Split.Random(0.7)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "no interaction", Assert.Throws<FactoException>(() => Dataset.From(Array.Empty<int>(), i => i, i => i).Build()).Message,
            StringComparison.Ordinal);
        Assert.Contains("occurs twice", Assert.Throws<FactoException>(() => Dataset.From([1], i => i, i => i)
            .Items([1], i => i, f => f.Category("user", i => i)).Build()).Message, StringComparison.Ordinal);
        Assert.Contains(
            "negatives", Assert.Throws<FactoException>(() => Dataset.From([1], i => i, i => i).Label(_ => 3).Negatives().Build()).Message,
            StringComparison.Ordinal);
        Dataset one = Dataset.From([1], i => i, i => i).Build(cancellationToken: Stop);
        Assert.Contains(
            "nothing for test", Assert.Throws<FactoException>(() => { (_, _) = one.Split(Split.LeaveLast(1)); }).Message,
            StringComparison.Ordinal);
    }

    private sealed class Told(List<long> told) : IProgress<long>
    {
        public void Report(long value) => told.Add(value);
    }
}
