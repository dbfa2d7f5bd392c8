using Facto.Data;
using Facto.Models;
using Facto.Retrieval;
using Facto.Serving;

namespace Facto.Tests.Serving;

public sealed class BundleFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Versions_stand_side_by_side_and_one_is_in_use()
    {
        Write("v1", 1);
        Write("v2", 2);
        Assert.Equal(["v1", "v2"], BundleFolder.Versions(_folder.Path));
        Assert.Equal("v2", BundleFolder.Open(_folder.Path).Manifest.Version);
        BundleFolder.SetCurrent(_folder.Path, "v1");
        Assert.Equal("v1", BundleFolder.Open(_folder.Path).Manifest.Version);
        Assert.Equal("v2", BundleFolder.Open(_folder.File("v2")).Manifest.Version);
    }

    [Fact]
    public void A_version_is_never_written_twice()
    {
        Write("v1", 1);
        Assert.Contains("exists already", Assert.Throws<FactoException>(() => Write("v1", 2)).Message, StringComparison.Ordinal);
        Assert.Contains("no name for a bundle", Assert.Throws<FactoException>(() => Write("../v3", 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trainings_in_one_second_keep_each_its_own_bundle()
    {
        (FmModel model, Dataset train) = SmallWorld.Create(1);
        var manifest =
            new BundleManifest
            {
                Version = string.Empty,
                Created = DateTimeOffset.UnixEpoch,
                DataFingerprint = DatasetFingerprint.Of(train)
            };
        await Task.WhenAll(
            Enumerable.Range(0, 5).Select(_ => Task.Run(() => BundleFolder.Write(_folder.Path, manifest, model, train, "{}", 1))));
        string[] expected = ["19700101-000000", "19700101-000000-2", "19700101-000000-3", "19700101-000000-4", "19700101-000000-5"];
        Assert.Equal(expected, BundleFolder.Versions(_folder.Path));
        foreach (string version in expected) { Assert.Equal(version, Bundle.Open(Path.Combine(_folder.Path, version)).Manifest.Version); }
        Assert.Contains(BundleFolder.Current(_folder.Path), expected);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path, ".*"));
    }

    [Fact]
    public void What_a_killed_writer_left_is_not_a_bundle_and_is_cleared_away()
    {
        Write("v1", 1);
        string left = _folder.File(".facto-0123456789abcdef.tmp");
        Directory.CreateDirectory(left);
        File.WriteAllText(Path.Combine(left, "lock"), "");
        File.WriteAllText(Path.Combine(left, "model.facto"), "half");
        Assert.Equal(["v1"], BundleFolder.Versions(_folder.Path));
        Assert.Equal("v1", BundleFolder.Open(_folder.Path).Manifest.Version);
        Write("v2", 2);
        Assert.False(Directory.Exists(left));
    }

    [Fact]
    public void Every_damaged_file_of_a_bundle_is_reported_by_name()
    {
        string bundle = Write("v1", 1).Folder;
        foreach (string file in Directory.GetFiles(bundle))
        {
            byte[] good = File.ReadAllBytes(file);
            byte[] bad = [.. good];
            bad[bad.Length / 3] ^= 0x10;
            File.WriteAllBytes(file, bad);
            Exception? error = Record.Exception(() => Bundle.Open(bundle));
            Assert.True(error is InvalidDataException, $"{file}: {error}");
            File.WriteAllBytes(file, good[..^1]);
            Assert.IsType<InvalidDataException>(Record.Exception(() => Bundle.Open(bundle)));
            File.WriteAllBytes(file, good);
        }

        Bundle.Open(bundle);
        File.Delete(Path.Combine(bundle, "items.facto"));
        Assert.Contains("items.facto", Assert.Throws<InvalidDataException>(() => Bundle.Open(bundle)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bounded")]
    [InlineData("graph")]
    [InlineData("ivf")]
    public void A_bundle_with_an_index_recommends_what_one_without_does_and_keeps_its_recall(string name)
    {
        var kind = new IndexKind(name);
        Bundle plain = Write("plain", 1), indexed = Write("indexed", 1, new IndexOptions { Kind = kind, At = 10, Floor = 0.99 });
        Assert.Equal((1, IndexKind.Exact), (plain.Manifest.Format, plain.Indexes.Kind));
        Assert.Equal((2, kind), (indexed.Manifest.Format, indexed.Indexes.Kind));
        Assert.Equal(kind == IndexKind.Bounded, indexed.Manifest.Recall is null);
        Assert.Equal(indexed.Manifest.Recall, indexed.Indexes.Recall);
        var request = new RecommendationRequest { User = "u3", Count = 5, Reasons = 1 };
        RecommendationResponse expected = new Recommender(plain).Recommend(request), actual = new Recommender(indexed).Recommend(request);
        Assert.Equal(expected.Items.Select(i => (i.Id, i.Score)), actual.Items.Select(i => (i.Id, i.Score)));
        Assert.Contains("items are admissible and 5 are wanted", actual.Plan!.Reason, StringComparison.Ordinal);
        Assert.Null(new Recommender(plain).Recommend(new RecommendationRequest { User = "u3", Count = 5 }).Plan);
        foreach (string file in indexed.Manifest.Files.Keys)
        {
            string path = Path.Combine(indexed.Folder, file);
            byte[] good = File.ReadAllBytes(path), bad = [.. good];
            bad[bad.Length / 3] ^= 0x10;
            File.WriteAllBytes(path, bad);
            Assert.IsType<InvalidDataException>(Record.Exception(() => Bundle.Open(indexed.Folder)));
            File.WriteAllBytes(path, good);
        }
    }

    [Fact]
    public void Without_the_requested_recall_there_is_no_bundle()
    {
        Write("v1", 1);
        Assert.Throws<FactoException>(() => Write("v2", 2, new IndexOptions { Kind = IndexKind.Ivf, Floor = double.NaN }));
        Assert.Equal(["v1"], BundleFolder.Versions(_folder.Path));
        Assert.Equal("v1", BundleFolder.Current(_folder.Path));
    }

    [Fact]
    public void A_folder_without_bundles_says_what_to_do() =>
        Assert.Contains(
            "facto train", Assert.Throws<FactoException>(() => BundleFolder.Open(_folder.Path)).Message, StringComparison.Ordinal);

    private Bundle Write(string version, ulong seed, IndexOptions? index = null)
    {
        (FmModel model, Dataset train) = SmallWorld.Create(seed);
        return BundleFolder.Write(
            _folder.Path, new BundleManifest { Version = version, DataFingerprint = DatasetFingerprint.Of(train) }, model, train, "{}", 1,
            index: index);
    }
}
