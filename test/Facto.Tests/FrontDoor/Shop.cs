using System.Globalization;
using System.Text;

namespace Facto.Tests.FrontDoor;

/// <summary>A small shop as objects and as the same rows in files.</summary>
internal sealed record Shop(
    IReadOnlyList<Shop.Purchase> Purchases, IReadOnlyList<Shop.Product> Products, IReadOnlyList<Shop.Customer> Customers)
{
    internal sealed record Purchase(int Customer, string Product, DateTime At, decimal Amount, string Device);

    internal sealed record Product(string Sku, string? Brand, IReadOnlyList<string> Tags, double? Price, string Name);

    internal sealed record Customer(int Id, string City, int Age);

    // Customers of a kind buy the products of that kind, and every tenth purchase is of any.
    public static Shop Make(int customers = 60, int products = 40, int perCustomer = 8)
    {
        var random = new Random(7);
        string[] devices = ["phone", "tv", "desk, top"];
        var purchases = new List<Purchase>();
        for (int c = 0; c < customers; c++)
        {
            for (int n = 0; n < perCustomer; n++)
            {
                int product = random.Next(10) == 0 ? random.Next(products) : (random.Next(products / 4) * 4) + (c % 4);
                DateTime at = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(random.Next(300))
                    .AddMicroseconds(random.Next(1_000_000));
                purchases.Add(new Purchase(100 + c, $"p{product}", at, random.Next(1, 50) / 4m, devices[random.Next(3)]));
            }
        }

        var shuffled = purchases.ToArray();
        random.Shuffle(shuffled);
        Product[] catalogue = [.. Enumerable.Range(0, products + 2).Select(p => new Product(
            $"p{p}", p % 7 == 0
                ? null
                : $"brand{p % 4}", p % 3 == 0 ? ["new", $"tag{p % 5}"] : [$"tag{p % 5}"], p % 5 == 0 ? null : p * 1.25, $"Product {p}"))];
        return new Shop(
            shuffled, catalogue, [.. Enumerable.Range(0, customers).Select(c => new Customer(100 + c, $"city{c % 4}", 20 + (c % 40)))]);
    }

    public DatasetBuilder<Purchase> Builder() => Dataset.From(Purchases, p => p.Customer, p => p.Product)
        .Time(p => p.At).Weight(p => p.Amount)
        .Users(Customers, c => c.Id, f => f.Category("city", c => c.City).Number("age", c => c.Age, standardize: true))
        .Items(Products, p => p.Sku, f =>
            f.Category("brand", p => p.Brand).Categories("tag", p => p.Tags).Number("price", p => p.Price, buckets: 4).Title(p => p.Name))
        .Context(f => f.Category("device", p => p.Device));

    public void WriteProject(TemporaryFolder folder)
    {
        var log = new StringBuilder("user,item,at,amount,device\n");
        foreach (Purchase p in Purchases)
        {
            log.Append(
                CultureInfo.InvariantCulture, $"{p.Customer},{p.Product},{p.At:yyyy-MM-ddTHH:mm:ss.ffffff},{p.Amount},\"{p.Device}\"\n");
        }
        File.WriteAllText(folder.File("log.csv"), log.ToString());
        var products = new StringBuilder("id,brand,tag,price,name\n");
        foreach (Product p in Products)
        {
            products.Append(CultureInfo.InvariantCulture, $"{p.Sku},{p.Brand},{string.Join('|', p.Tags)},{p.Price},{p.Name}\n");
        }
        File.WriteAllText(folder.File("products.csv"), products.ToString());
        var customers = new StringBuilder("id,city,age\n");
        foreach (Customer c in Customers) { customers.Append(CultureInfo.InvariantCulture, $"{c.Id},{c.City},{c.Age}\n"); }
        File.WriteAllText(folder.File("customers.csv"), customers.ToString());
        File.WriteAllText(folder.File("facto.json"), """
            { "interactions": { "path": "log.csv", "user": "user", "item": "item", "time": "at", "weight": "amount" },
              "users": { "path": "customers.csv", "id": "id" }, "items": { "path": "products.csv", "id": "id", "title": "name" },
              "fields": [ { "name": "user", "side": "user" }, { "name": "city", "side": "user" }, { "name": "age", "side": "user", "kind": "numeric", "standardize": true },
                          { "name": "item", "side": "item" }, { "name": "brand", "side": "item" }, { "name": "tag", "side": "item", "kind": "multiCategorical" },
                          { "name": "price", "side": "item", "kind": "numeric", "buckets": 4 }, { "name": "device", "side": "context" } ],
              "split": { "kind": "leaveLast" } }
            """);
    }
}
