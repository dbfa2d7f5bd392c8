using Facto;

// A shop whose customers of odd number buy odd products.
Product[] products =
    [.. Enumerable.Range(0, 40).Select(i => new Product($"sku {i}", $"item {i}", i % 2 == 0 ? "even" : "odd", [$"tag {i % 5}"]))];
Purchase[] purchases = [.. Enumerable.Range(0, 60).SelectMany(u => Enumerable.Range(0, 12).Select(n =>
    new Purchase(
        $"customer {u}", $"sku {(((u * 7) + (n * 3)) % 20 * 2) + (u % 2)}", DateTimeOffset.UnixEpoch.AddDays((u * 20) + n))))];

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

internal sealed record Product(string Sku, string Title, string Brand, string[] Tags);

internal sealed record Purchase(string Customer, string Product, DateTimeOffset At);
