using System.Runtime.CompilerServices;
using Facto.Retrieval;
using Facto.Serving;

namespace Facto.Outside.Tests;

/// <summary>A new index is one file and one line: this project sees what any user of the package sees.</summary>
public sealed class OwnIndexTests : IDisposable
{
    private static readonly IndexKind Own = new("our-own");

    private readonly string _folder = Directory.CreateTempSubdirectory("facto-outside-").FullName;

    static OwnIndexTests() => IndexKinds.Register("our-own", OwnIndex.Build, OwnIndex.Open);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_bundle_is_written_opened_and_searched_with_an_index_from_outside()
    {
        Bundle golden = BundleFolder.Open(Golden());
        BundleManifest manifest = golden.Manifest with { Version = "own" };
        Bundle written = BundleFolder.Write(_folder, manifest, golden.Model, golden.Data, null, 1, index: new IndexOptions { Kind = Own, At = 5 });
        Assert.Equal((Own, 1.0), (written.Manifest.Index, written.Manifest.Recall!.Recall));
        int before = OwnIndex.Searches;
        var request = new RecommendationRequest { User = "u3", Count = 5, Reasons = 1 };
        RecommendationResponse own = new Recommender(BundleFolder.Open(_folder)).Recommend(request), plain = new Recommender(golden).Recommend(request);
        Assert.Equal(plain.Items.Select(i => i.Id), own.Items.Select(i => i.Id));
        Assert.True(OwnIndex.Searches > before);
        Assert.Equal("our-own", own.Plan!.Route);
    }

    [Fact]
    public void A_kind_is_known_by_its_name_and_taken_once()
    {
        Assert.Contains("our-own", IndexKinds.Names);
        Assert.Contains("already", Assert.Throws<ArgumentException>(() => IndexKinds.Register("our-own", OwnIndex.Build, OwnIndex.Open)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => IndexKinds.Register("graph", OwnIndex.Build, OwnIndex.Open));
        Assert.Throws<ArgumentException>(() => IndexKinds.Register("Not A Name", OwnIndex.Build, OwnIndex.Open));
    }

    [Fact]
    public void An_unknown_kind_is_refused_with_those_there_are()
    {
        Bundle golden = BundleFolder.Open(Golden());
        var options = new IndexOptions { Kind = new IndexKind("nobody-knows") };
        BundleManifest manifest = golden.Manifest with { Version = "x" };
        string message = Assert.Throws<FactoException>(() => BundleFolder.Write(_folder, manifest, golden.Model, golden.Data, null, 1, index: options)).Message;
        Assert.Contains("nobody-knows", message, StringComparison.Ordinal);
        Assert.Contains("auto, exact, bounded, graph, ivf, our-own", message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private static string Golden([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "Facto.Tests", "Formats", "v1", "bundle");
}
