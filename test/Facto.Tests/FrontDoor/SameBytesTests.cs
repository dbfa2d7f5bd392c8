using Facto.Data;
using Facto.Import;

namespace Facto.Tests.FrontDoor;

/// <summary>One encoder: what is built of objects is, byte for byte, what an import of the same rows writes.</summary>
public sealed class SameBytesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private byte[] Bytes(Dictionary<string, Dataset> datasets, string name)
    {
        DatasetFile.Save(datasets.Where(d => d.Key is not SeenLog.Name).ToDictionary(), _folder.File(name));
        return File.ReadAllBytes(_folder.File(name));
    }

    private static Dictionary<string, Dataset> Split(Dataset data)
    {
        (Dataset train, Dataset validation, Dataset test) = data.Split(Facto.Split.LeaveLast(1));
        return new() { ["train"] = train, ["validation"] = validation, ["test"] = test };
    }

    [Fact]
    public void Objects_with_tables_times_weights_and_contexts_give_the_bytes_of_their_import()
    {
        Shop shop = Shop.Make();
        shop.WriteProject(_folder);
        (Dictionary<string, Dataset> imported, ImportReport report) =
            ProjectImporter.Read(ProjectFile.Load(_folder.Path), null, TestContext.Current.CancellationToken);
        Assert.Equal(0, report.BadRows);
        Assert.True(report.Repeated > 0);
        Dataset data = shop.Builder().Build(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(report.Repeated, data.Report!.Repeated);
        Assert.Equal(Bytes(imported, "a"), Bytes(Split(data), "b"));
    }

    [Fact]
    public async Task An_asynchronous_source_gives_the_same_dataset()
    {
        Shop shop = Shop.Make();
        Dataset expected = Dataset.From(shop.Purchases, p => p.Customer, p => p.Product).Time(p => p.At)
            .Build(cancellationToken: TestContext.Current.CancellationToken);
        Dataset data = await Dataset.From(Stream(shop.Purchases), p => p.Customer, p => p.Product).Time(p => p.At)
            .BuildAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(DatasetFingerprint.Of(expected), DatasetFingerprint.Of(data));
    }

    [Theory]
    [InlineData(RepeatedPairs.KeepLast)]
    [InlineData(RepeatedPairs.Sum)]
    [InlineData(RepeatedPairs.KeepAll)]
    public void Repeated_pairs_negatives_and_histories_are_those_of_an_import(RepeatedPairs rule)
    {
        Shop shop = Shop.Make();
        shop.WriteProject(_folder);
        bool draws = rule == RepeatedPairs.KeepLast;
        File.WriteAllText(_folder.File("facto.json"), $$"""
            { "interactions": { "path": "log.csv", "user": "user", "item": "item", "time": "at", "repeated": "{{rule}}" },
              {{(draws ? "\"negatives\": { \"perPositive\": 3, \"popularityExponent\": 0.5, \"seed\": 9 }," : string.Empty)}}
              "fields": [ { "name": "user", "side": "user", "minCount": 2 }, { "name": "history", "side": "user", "kind": "bag", "pooling": "mean", "recent": 4 },
                          { "name": "item", "side": "item", "minCount": 3 } ],
              "split": { "kind": "leaveLast" } }
            """);
        (Dictionary<string, Dataset> imported, _) =
            ProjectImporter.Read(ProjectFile.Load(_folder.Path), null, TestContext.Current.CancellationToken);
        DatasetBuilder<Shop.Purchase> builder = Dataset.From(shop.Purchases, p => p.Customer, p => p.Product)
            .Time(p => p.At).Repeated(rule).MinCount(users: 2, items: 3).History(pooling: Pooling.Mean, recent: 4);
        if (draws) { builder.Negatives(3, 0.5, 9); }
        Assert.Equal(Bytes(imported, "a"), Bytes(Split(builder.Build(cancellationToken: TestContext.Current.CancellationToken)), "b"));
    }

    [Fact]
    public void MovieLens_100K_read_by_hand_gives_the_bytes_of_its_import()
    {
        string? root = Environment.GetEnvironmentVariable("FACTO_DATA");
        Assert.SkipWhen(root is null, "FACTO_DATA is not set: real data is not checked");
        string folder = Path.Combine(root!, "ml-100k");
        File.WriteAllText(_folder.File("facto.json"), """
            { "interactions": { "path": "u.data", "delimiter": "\t", "header": false, "columns": ["u", "i", "stars", "at"], "user": "u", "item": "i", "label": "stars", "time": "at" },
              "users": { "path": "u.user", "delimiter": "|", "header": false, "columns": ["id", "age", "sex", "job", "zip"], "id": "id" },
              "fields": [ { "name": "user", "side": "user" }, { "name": "age", "side": "user", "kind": "numeric", "buckets": 6 }, { "name": "job", "side": "user" },
                          { "name": "item", "side": "item" } ],
              "split": { "kind": "leaveLast" } }
            """);
        (Dictionary<string, Dataset> imported, _) =
            ProjectImporter.Read(ProjectFile.Load(_folder.Path, dataFolder: folder), null, TestContext.Current.CancellationToken);
        IEnumerable<long[]> ratings = File.ReadLines(Path.Combine(folder, "u.data"))
            .Select(l => Array.ConvertAll(l.Split('\t'), long.Parse));
        IEnumerable<string[]> users = File.ReadLines(Path.Combine(folder, "u.user")).Select(l => l.Split('|'));
        Dataset data = Dataset.From(ratings, r => r[0], r => r[1]).Label(r => r[2]).Time(r => r[3])
            .Users(users, u => u[0], f => f.Number("age", u => int.Parse(u[1]), buckets: 6).Category("job", u => u[3]))
            .Build(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(100_000, data.Count);
        Assert.Equal(Bytes(imported, "a"), Bytes(Split(data), "b"));
    }

    private static async IAsyncEnumerable<T> Stream<T>(IEnumerable<T> rows)
    {
        foreach (T row in rows)
        {
            await Task.Yield();
            yield return row;
        }
    }
}
