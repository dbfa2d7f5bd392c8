using System.Globalization;
using Facto.Import;

namespace Facto.Tests.Import;

/// <summary>The split leaks nothing: whatever the held-out rows say, everything that is learnt from data stays the same.</summary>
public sealed class ImportLeakTests : IDisposable
{
    private const string Json = """
        { "interactions": { "path": "log.csv", "user": "u", "item": "i", "time": "t" },
          "fields": [ { "name": "user", "side": "user" }, { "name": "history", "side": "user", "kind": "bag", "pooling": "sqrt" },
            { "name": "item", "side": "item", "minCount": 2 }, { "name": "audience", "side": "item", "kind": "bag" },
            { "name": "price", "side": "context", "kind": "numeric", "standardize": true }, { "name": "cheap", "column": "price", "side": "context", "kind": "numeric", "buckets": 4 },
            { "name": "hour", "side": "context" } ] }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("random")]
    [InlineData("leaveLast")]
    [InlineData("time")]
    [InlineData("users")]
    public void Whatever_the_held_out_rows_of_any_split_say_features_and_tables_stay_the_same(string kind)
    {
        Dictionary<string, Dataset> before = Read(kind, changed: []);
        HashSet<(string, string)> held = [.. before.Where(p => p.Key != "train").SelectMany(p => Pairs(p.Value))];
        Assert.InRange(held.Count, 8, 100);
        Dictionary<string, Dataset> after = Read(kind, held);
        Dataset a = before["train"], b = after["train"];
        Assert.Equal(Pairs(a), Pairs(b));   // the same rows are held out, whatever they say
        Assert.Equal(
            a.Schema.Fields.Select(f => (f.Spec.Name, f.Offset, f.Count, f.Mean, f.StandardDeviation)),
            b.Schema.Fields.Select(f => (f.Spec.Name, f.Offset, f.Count, f.Mean, f.StandardDeviation)));
        Assert.Equal(a.Schema.Fields.Select(f => f.Edges), b.Schema.Fields.Select(f => f.Edges));
        Assert.Equal(a.Schema.Fields.Select(f => f.Vocabulary?.Values()), b.Schema.Fields.Select(f => f.Vocabulary?.Values()));
        Facto.Tests.Data.RandomDatasets.AssertSame(a.Users, b.Users);
        foreach ((_, string item) in Pairs(a)) { Assert.Equal(Features(a, item), Features(b, item)); }

        // The test means something: the same change in a training row is seen.
        Dictionary<string, Dataset> seen = Read(kind, [Pairs(a)[0]]);
        Assert.NotEqual(a.Schema.Find("price")!.Mean, seen["train"].Schema.Find("price")!.Mean);
    }

    // 20 users × 6 items; a changed row tells of another item, price and hour.
    private Dictionary<string, Dataset> Read(string kind, HashSet<(string, string)> changed)
    {
        string log = "u,i,t,price,hour\n" + string.Concat(Enumerable.Range(0, 120).Select(row =>
        {
            (int user, int n) = (row / 6, row % 6);
            string item = $"i{(user + (n * 5)) % 17}";
            bool other = changed.Contains(($"u{user}", item));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"u{user},{(other ? $"new{row}" : item)},{(n * 50) + user},{(other ? 999 : n + user)},{(other ? 77 : n)}\n");
        }));
        File.WriteAllText(_folder.File("log.csv"), log);
        File.WriteAllText(_folder.File("facto.json"), Json);
        ProjectFile project = ProjectFile.Load(_folder.Path, [$"split={{\"kind\": \"{kind}\", \"validation\": 0.2, \"test\": 0.2}}"]);
        return ProjectImporter.Read(project, null, TestContext.Current.CancellationToken).Parts;
    }

    private static (string, string)[] Pairs(Dataset data) =>
        [.. Enumerable.Range(0, data.Count)
            .Select(i => (data.UserIds![data.Interactions.Users![i]], data.ItemIds![data.Interactions.Items![i]]))];

    private static string[] Features(Dataset data, string item) =>
        [.. data.Items![data.ItemIds!.IndexOf(item)].Features.ToArray().Select(data.Schema.Describe)];
}
