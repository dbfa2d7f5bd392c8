using Facto.Serving;

namespace Facto.Tests.FrontDoor;

public sealed class RecommenderDoorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private static Recommender Make(Func<DatasetBuilder<Shop.Purchase>, DatasetBuilder<Shop.Purchase>>? more = null)
    {
        DatasetBuilder<Shop.Purchase> builder = Shop.Make().Builder();
        (Dataset train, _) = (more?.Invoke(builder) ?? builder).Build(cancellationToken: Stop).Split(Split.LeaveLast(1));
        return Recommender.Create(FactorizationMachine.Fit(train, cancellationToken: Stop), cancellationToken: Stop);
    }

    private static (string, float, string?)[] Answers(Recommender recommender) =>
        [.. Enumerable.Range(95, 30).SelectMany(u => recommender.Recommend($"{u}", 12)).Select(i => (i.Id, i.Score, i.Why))];

    [Fact]
    public void In_memory_saved_and_opened_answer_alike_and_have_the_same_bytes()
    {
        Recommender made = Make();
        made.Save(_folder.File("bundles"));
        Recommender opened = Recommender.Open(_folder.File("bundles"));
        Assert.Equal(Answers(made), Answers(opened));
        Assert.Equal(made.Version, opened.Version);
        made.Save(_folder.File("bundles"));   // once more: it is there
        opened.Save(_folder.File("again"));
        string[] files = [.. Directory.GetFiles(_folder.File(Path.Combine("bundles", made.Version))).Select(f => Path.GetFileName(f)!)];
        Assert.Contains("model.facto", files);
        foreach (string file in files)
        {
            Assert.Equal(
                File.ReadAllBytes(_folder.File(Path.Combine("bundles", made.Version, file))),
                File.ReadAllBytes(_folder.File(Path.Combine("again", made.Version, file))));
        }
    }

    [Fact]
    public void Somebody_unknown_gets_what_most_people_have()
    {
        Shop shop = Shop.Make();
        Recommender recommender = Make();
        RecommendationResponse response = recommender.Recommend(new RecommendationRequest { User = "nobody", Count = 3, Reasons = 1 });
        Assert.False(response.UserKnown);
        Assert.Equal("popular with everyone", response.Items[0].Why);
        (Dataset train, _) = shop.Builder().Build(cancellationToken: Stop).Split(Split.LeaveLast(1));
        int most = train.Interactions.Items!.Span.ToArray().CountBy(i => i).Max(c => c.Value);
        int first = train.ItemIds!.IndexOf(response.Items[0].Id);
        Assert.Equal(most, train.Interactions.Items.Span.ToArray().Count(i => i == first));
    }

    [Fact]
    public void Features_alone_describe_a_user()
    {
        Shop shop = Shop.Make();
        Dataset data = Dataset.From(shop.Purchases, p => p.Customer, p => p.Product)
            .Users(shop.Customers, c => c.Id, f => f.Category("city", c => c.City).WithoutId()).Build(cancellationToken: Stop);
        Recommender recommender = Recommender.Create(FactorizationMachine.Fit(data, cancellationToken: Stop), cancellationToken: Stop);
        for (int kind = 0; kind < 4; kind++)
        {
            var features = new Dictionary<string, IReadOnlyList<string>> { ["city"] = [$"city{kind}"] };
            IReadOnlyList<Recommendation> items =
                recommender.Recommend(new RecommendationRequest { Features = features, Count = 5, Reasons = 1 }).Items;
            Assert.True(items.Count(i => int.Parse(i.Id[1..]) % 4 == kind) >= 4);
            Assert.Equal($"because city=city{kind} goes with item={items[0].Id}", items[0].Why);
        }
    }

    [Fact]
    public void With_a_history_the_reason_is_the_item_with_the_largest_term()
    {
        Recommender recommender = Make(b => b.History());
        Recommendation item = recommender.Recommend(new RecommendationRequest { History = ["p1", "p2"], Count = 1, Reasons = 5 }).Items[0];
        Reason largest = item.Reasons.Where(r => r.Text.Contains("history=", StringComparison.Ordinal)).MaxBy(r => r.Value)!;
        Assert.True(item.Why is "because you have Product 1" or "because you have Product 2", item.Why);
        Assert.NotNull(largest);
    }

    [Fact]
    public void What_a_user_met_in_any_split_and_with_any_label_does_not_come_back()
    {
        (string User, string Item, int Stars, int At)[] log =
            [.. from u in Enumerable.Range(0, 20) from n in Enumerable.Range(0, 7) select (
                $"u{u}", $"i{(u + (3 * n)) % 12}", 1 + (n % 5), n)];
        (Dataset train, Dataset validation, Dataset test) = Dataset.From(log, l => l.User, l => l.Item).Label(l => l.Stars >= 4)
            .Time(l => l.At).Build().Split(Split.LeaveLast(1));
        Recommender recommender =
            Recommender.Create(FactorizationMachine.Fit(train, validation: validation, cancellationToken: Stop), cancellationToken: Stop);
        foreach (string user in log.Select(l => l.User).Distinct())
        {
            string[] met = [.. log.Where(l => l.User == user).Select(l => l.Item).Distinct()];
            RecommendationResponse response = recommender.Recommend(new RecommendationRequest { User = user, Count = 12 });
            Assert.Empty(response.Items.Select(i => i.Id).Intersect(met));
            Assert.Equal((met.Length, 12 - met.Length), (response.LeftOut, response.Items.Count));
            Assert.Equal(12, recommender.Recommend(new RecommendationRequest { User = user, Count = 12, IncludeSeen = true }).Items.Count);
        }

        Assert.Equal(20, test.Count);
    }

    [Fact]
    public void Drawn_negatives_are_not_what_a_user_has()
    {
        Shop shop = Shop.Make(perCustomer: 4);
        Dataset data = Dataset.From(shop.Purchases, p => p.Customer, p => p.Product).Negatives(5).Build(cancellationToken: Stop);
        Recommender recommender = Recommender.Create(FactorizationMachine.Fit(data, cancellationToken: Stop), cancellationToken: Stop);
        int has = shop.Purchases.Where(p => p.Customer == 100).Select(p => p.Product).Distinct().Count();
        Assert.Equal(has, recommender.Recommend(new RecommendationRequest { User = "100" }).LeftOut);
    }

    [Fact]
    public void A_history_without_a_field_for_it_is_told()
    {
        RecommendationResponse response = Make().Recommend(new RecommendationRequest { History = ["p1"] });
        Assert.Contains(response.Unknown, u => u.Field == "history");
    }

    [Fact]
    public async Task A_recommender_is_swapped_under_its_readers()
    {
        Recommender a = Make(), b = Make(d => d.History());
        var expected = new Dictionary<string, string[]> { [a.Version] = Ids(a), [b.Version] = Ids(b) };
        Assert.Equal(2, expected.Count);
        var source = new RecommenderSource(a);
        using var end = new CancellationTokenSource();
        int answered = 0;
        Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                Recommender current = source.Current;
                Assert.Equal(expected[current.Version], Ids(current));
                Interlocked.Increment(ref answered);
            }
        }))];
        for (int swap = 0; swap < 200 || Volatile.Read(ref answered) < 100; swap++)
        {
            Recommender next = swap % 2 == 0 ? b : a;
            Assert.Same(swap % 2 == 0 ? a : b, source.Swap(next));
            Assert.Same(next, source.Current);
            await Task.Yield();
        }

        await end.CancelAsync();
        await Task.WhenAll(readers);

        static string[] Ids(Recommender recommender) => [.. recommender.Recommend("101", 5).Select(i => i.Id)];
    }
}
