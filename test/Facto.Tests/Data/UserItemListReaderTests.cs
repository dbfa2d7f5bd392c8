using Facto.Data;

namespace Facto.Tests.Data;

public sealed class UserItemListReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("facto-lists").FullName;

    [Fact]
    public void Several_files_share_users_items_and_schema()
    {
        string train = Write("train.txt", "7 a b c\r\n3 b\n\n9 c a\n"), test = Write("test.txt", "3 a d \n8\n7 d\n");
        IReadOnlyList<Dataset> parts = UserItemListReader.Read(train, test);
        Assert.Equal(["7:a", "7:b", "7:c", "3:b", "9:c", "9:a"], Pairs(parts[0]));
        Assert.Equal(["3:a", "3:d", "7:d"], Pairs(parts[1]));
        Assert.Same(parts[0].Schema, parts[1].Schema);
        Assert.Equal(4, parts[0].Users!.RowCount);     // user 8 is known although no item of it is
        Assert.Equal(4, parts[0].Items!.RowCount);
        Assert.Equal(8, parts[0].Schema.FeatureCount);
        Assert.Equal("item=d", parts[1].Schema.Describe(parts[1].Items![3].Features[0]));
        Assert.All(parts[1].Interactions.Labels.Span.ToArray(), label => Assert.Equal(1f, label));
    }

    [Fact]
    public void A_missing_or_empty_file_is_named()
    {
        Assert.Contains(
            "nowhere.txt", Assert.Throws<FactoException>(() => UserItemListReader.Read("nowhere.txt")).Message, StringComparison.Ordinal);
        string empty = Write("empty.txt", "5\n\n");
        Assert.Contains("empty.txt", Assert.Throws<FactoException>(() => UserItemListReader.Read(empty)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_gowalla_split_has_its_published_size()
    {
        string? data = Environment.GetEnvironmentVariable("FACTO_DATA");
        Assert.SkipWhen(data is null, "FACTO_DATA names no folder of data sets");
        IReadOnlyList<Dataset> parts =
            UserItemListReader.Read(Path.Combine(data!, "gowalla", "train.txt"), Path.Combine(data!, "gowalla", "test.txt"));
        Assert.Equal((29_858, 40_981), (parts[0].Users!.RowCount, parts[0].Items!.RowCount));
        Assert.Equal((810_128, 217_242), (parts[0].Count, parts[1].Count));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static string[] Pairs(Dataset data) =>
        [.. Enumerable.Range(0, data.Count)
            .Select(i => $"{data.UserIds![data.Interactions.Users![i]]}:{data.ItemIds![data.Interactions.Items![i]]}")];
}
