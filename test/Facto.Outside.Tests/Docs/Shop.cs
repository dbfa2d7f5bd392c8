namespace Facto.Outside.Tests.Docs;

/// <summary>The shop of the documentation: 200 customers, 120 products of six brands; a customer buys mostly from two of them.</summary>
public static class Shop
{
    public sealed record Purchase(string Customer, string Product, DateTime At, decimal Amount);

    public sealed record Product(string Sku, string Title, string Brand, IReadOnlyList<string> Tags, decimal Price);

    public static IReadOnlyList<Product> Products { get; } =
    [
        .. Enumerable.Range(0, 120).Select(p => new Product(
            $"sku {p}", $"Product {p}", $"Brand {p % 6}", p % 4 == 0 ? ["red", "round"] : p % 4 == 1 ? ["blue"] : [], 5 + (p % 17))),
    ];

    public static IReadOnlyList<Purchase> Purchases { get; } = [.. Enumerable.Range(0, 200).SelectMany(Of)];

    private static IEnumerable<Purchase> Of(int customer)
    {
        var bought = new HashSet<int>();
        ulong state = (ulong)customer * 2654435761 + 12345;
        for (int n = 0; n < 16; n++)
        {
            int brand = Draw(5) == 0 ? Draw(6) : Draw(2) == 0 ? customer % 6 : (customer + 1) % 6;
            int product = (Math.Min(Draw(20), Draw(20)) * 6) + brand;
            if (!bought.Add(product)) { continue; }
            yield return new Purchase(
                $"customer {customer}", $"sku {product}", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)
                .AddHours((n * 31) + customer), Products[product].Price);
        }

        int Draw(int below)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            return (int)((state >> 33) % (ulong)below);
        }
    }
}
