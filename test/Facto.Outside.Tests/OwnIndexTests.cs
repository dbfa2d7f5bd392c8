using Facto.Outside.Tests.Docs;
using Facto.Retrieval;
using Facto.Serving;

namespace Facto.Outside.Tests;

/// <summary>A new index is one file and one line: this project sees what any user of the package sees.</summary>
public sealed class OwnIndexTests : IDisposable
{
    private static readonly IndexKind Own = new("our-own");

    private readonly string _folder = Directory.CreateTempSubdirectory("facto-outside-").FullName;

    static OwnIndexTests()
    {
        #region RegisterIndex
        IndexKinds.Register("our-own", OwnIndex.Build, OwnIndex.Open);
        #endregion
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_recommender_is_made_saved_opened_and_asked_with_an_index_from_outside()
    {
        FactorizationMachine model = Learnt();
        Recommender.Create(model, new IndexOptions { Kind = Own, At = 5 }).Save(_folder);
        int before = OwnIndex.Searches;
        var request = new RecommendationRequest { User = "customer 3", Count = 5, Reasons = 1 };
        RecommendationResponse own = Recommender.Open(_folder).Recommend(request), plain = Recommender.Create(model).Recommend(request);
        Assert.Equal(plain.Items.Select(i => i.Id), own.Items.Select(i => i.Id));
        Assert.True(OwnIndex.Searches > before);
        Assert.Equal("our-own", own.Plan!.Route);
    }

    [Fact]
    public void A_kind_is_known_by_its_name_and_taken_once()
    {
        Assert.Contains("our-own", IndexKinds.Names);
        Assert.Contains(
            "already", Assert.Throws<ArgumentException>(() => IndexKinds.Register("our-own", OwnIndex.Build, OwnIndex.Open)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => IndexKinds.Register("graph", OwnIndex.Build, OwnIndex.Open));
        Assert.Throws<ArgumentException>(() => IndexKinds.Register("Not A Name", OwnIndex.Build, OwnIndex.Open));
    }

    [Fact]
    public void An_unknown_kind_is_refused_with_those_there_are()
    {
        var options = new IndexOptions { Kind = new IndexKind("nobody-knows") };
        string message = Assert.Throws<FactoException>(() => Recommender.Create(Learnt(), options)).Message;
        Assert.Contains("nobody-knows", message, StringComparison.Ordinal);
        Assert.Contains("auto, exact, bounded, graph, ivf, our-own", message, StringComparison.Ordinal);
    }

    private static FactorizationMachine Learnt() =>
        FactorizationMachine.Fit(Dataset.From(Shop.Purchases, p => p.Customer, p => p.Product).Time(p => p.At).Build());
}
