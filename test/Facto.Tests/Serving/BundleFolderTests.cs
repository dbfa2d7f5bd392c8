using Facto.Data;
using Facto.Models;
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
    public void What_a_killed_writer_left_is_not_a_bundle_and_is_cleared_away()
    {
        Write("v1", 1);
        string left = _folder.File(".v2.2147483646.tmp");
        Directory.CreateDirectory(left);
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

    [Fact]
    public void A_folder_without_bundles_says_what_to_do() =>
        Assert.Contains("facto train", Assert.Throws<FactoException>(() => BundleFolder.Open(_folder.Path)).Message, StringComparison.Ordinal);

    private Bundle Write(string version, ulong seed)
    {
        (FmModel model, Dataset train) = SmallWorld.Create(seed);
        return BundleFolder.Write(_folder.Path, new BundleManifest { Version = version, DataFingerprint = DatasetFingerprint.Of(train) }, model, train, "{}", 1);
    }
}
