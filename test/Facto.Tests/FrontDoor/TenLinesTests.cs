using Facto.Training;

namespace Facto.Tests.FrontDoor;

/// <summary>The ten lines of the README, compiled and run.</summary>
public sealed class TenLinesTests
{
    private sealed record Purchase(string Customer, string Product, DateTime At, decimal Amount);

    private sealed record Product(string Sku, string Brand, string[] Tags, decimal Price);

    [Fact]
    public void Ten_lines_learn_judge_and_recommend()
    {
        List<Purchase> purchases = [];
        Product[] products = [.. Enumerable.Range(0, 40).Select(p => new Product($"p{p}", $"brand{p % 4}", [$"tag{p % 4}"], p))];
        for (int c = 0; c < 80; c++)
        {
            for (int n = 0; n < 6; n++)
            {
                purchases.Add(
                    new Purchase($"customer {c}", $"p{(((c + (7 * n)) % 10) * 4) + (c % 4)}", new DateTime(2024, 1, 1 + n), 1 + n));
            }
        }

        var progress = new Told();
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var console = new StringWriter();

        var data = Dataset.From(purchases, p => p.Customer, p => p.Product)
                          .Time(p => p.At).Weight(p => p.Amount)
                          .Items(products, p => p.Sku, f =>
                              f.Category("brand", p => p.Brand).Categories("tag", p => p.Tags)
                              .Number("price", p => p.Price, standardize: true))
                          .Build(cancellationToken: stop);
        var (train, test) = data.Split(Split.LeaveLast(1));
        var model = FactorizationMachine.Fit(train, progress: progress, cancellationToken: stop);
        EvaluationReport report = Evaluator.Evaluate(model, test, cancellationToken: stop);
        console.WriteLine(report);
        var recommender = Recommender.Create(model, cancellationToken: stop);
        foreach (var item in recommender.Recommend("customer 42", 10)) { console.WriteLine($"{item.Id} {item.Score:F3} {item.Why}"); }

        string[] lines = console.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Equal(16, lines.Length);
        Assert.Equal(["model", "popularity", "item neighbours", "chance"], report.Names);
        Assert.True(report["recall@10"] > 2 * report["chance", "recall@10"]);
        Assert.Equal(model.History.Count, progress.Epochs);
        // Customer 42 buys products of kind 2, and so is the first that it does not have.
        IReadOnlyList<Recommendation> best = recommender.Recommend("customer 42", 3);
        Assert.All(best, i => Assert.Equal(2, int.Parse(i.Id[1..]) % 4));
        Assert.All(best, i => Assert.StartsWith("because you have p", i.Why, StringComparison.Ordinal));
        Assert.DoesNotContain(best, i => purchases.Any(p => p.Customer == "customer 42" && p.Product == i.Id));
    }

    private sealed class Told : IProgress<EpochReport>
    {
        public int Epochs { get; private set; }

        public void Report(EpochReport value) => Epochs++;
    }
}
