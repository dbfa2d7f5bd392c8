using Facto.Training;
using Facto.Training.Options;
using static Facto.Outside.Tests.Docs.Shop;

namespace Facto.Outside.Tests.Docs;

/// <summary>The C# of README and docs/tutorials/in-process.md: the pages show these regions, DocsTests holds them equal.</summary>
public class InProcessSnippets
{
    private static readonly IReadOnlyList<Purchase> purchases = Purchases;
    private static readonly IReadOnlyList<Product> products = Products;

    private readonly Output Console = new();

    [Fact]
    public void Ten_lines()
    {
        #region TenLines
        var data = Dataset.From(purchases, p => p.Customer, p => p.Product)
                          .Time(p => p.At)
                          .Items(products, p => p.Sku, f => f.Category("brand", p => p.Brand).Categories("tag", p => p.Tags)
                                                             .Title(p => p.Title))
                          .Build();
        var (train, test) = data.Split(Split.LeaveLast(1));
        var model = FactorizationMachine.Fit(train);
        Console.WriteLine(Evaluator.Evaluate(model, test));
        var recommender = Recommender.Create(model);
        foreach (var item in recommender.Recommend("customer 42", 10))
            Console.WriteLine($"{item.Title} {item.Score:F3} {item.Why}");
        #endregion

        Assert.Contains("popularity", Console.Text, StringComparison.Ordinal);
        Assert.Contains("Product ", Console.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fitting_with_progress_and_options()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        Dataset data = Dataset.From(purchases, p => p.Customer, p => p.Product).Time(p => p.At).Build();

        #region Fit
        var (train, validation, test) = data.Split(Split.LeaveLast(1));
        var progress = new Progress<EpochReport>(e => Console.WriteLine($"epoch {e.Epoch} of {e.Epochs}: {e.Validation}"));
        var model = FactorizationMachine.Fit(train, new BilateralSoftmaxOptions { Factors = 32 }, validation, progress, stop);
        Console.WriteLine(model.Settings);
        #endregion

        Assert.Contains("32", Console.Text, StringComparison.Ordinal);
        string folder = Directory.CreateTempSubdirectory("facto-docs-").FullName;

        #region SaveAndOpen
        Recommender.Create(model).Save(folder);
        var recommender = Recommender.Open(folder);
        #endregion

        Assert.Equal(10, recommender.Recommend("customer 42", 10).Count);
        await Task.CompletedTask;
        Directory.Delete(folder, recursive: true);
    }

    // What a snippet writes, for the test to look at.
    private sealed class Output
    {
        private readonly System.Text.StringBuilder _text = new();

        public string Text { get { lock (_text) { return _text.ToString(); } } }

        public void WriteLine(object line)
        {
            lock (_text) { _text.Append(line).Append('\n'); }
        }
    }
}
