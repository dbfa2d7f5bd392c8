using CsCheck;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Exact;
using Facto.Retrieval.Recall;
using Facto.Tests.Oracles;
using Facto.Tests.Retrieval;
using Facto.Tests.Retrieval.Graph;

namespace Facto.Tests.Contracts;

/// <summary>What every index keeps, whatever it is made of. An index is tested by deriving from this and saying how it is built.</summary>
public abstract class IndexContract
{
    private static readonly Gen<(int Items, int Dimension, int Wanted, double Allowed, double Denied, ulong Seed)> Cases = Gen.Select(
        Gen.Int[0, 500], Gen.Int[1, 40], Gen.Int[0, 120], Gen.OneOf(Gen.Const(0.0), Gen.Const(0.02), Gen.Const(0.5), Gen.Const(1.0)),
        Gen.OneOf(Gen.Const(0.0), Gen.Const(0.1), Gen.Const(0.95)), Gen.ULong);

    private static readonly FmCatalogue World = new(1500, 60, 12);

    /// <summary>Whether it promises the exact results, ties included.</summary>
    protected virtual bool IsExact => false;

    /// <summary>Whether a search allocates nothing.</summary>
    protected virtual bool IsFree => true;

    /// <summary>Least mean recall@20 of a catalogue of 1,500 items.</summary>
    protected virtual double LeastRecall => 0.9;

    /// <summary>Builds one over the rows.</summary>
    protected abstract IItemIndex Build(RowMatrix items, RowMatrix? users);

    /// <summary>Writes one; false when this index has no file.</summary>
    protected virtual bool Save(IItemIndex index, string path)
    {
        ((IApproximateIndex)index).Save(path, null);
        return true;
    }

    /// <summary>Opens what <see cref="Save"/> wrote.</summary>
    protected abstract IItemIndex Open(string path);

    [Fact]
    public void As_many_admissible_items_come_as_are_wanted_best_first_with_their_scores() => Cases.Sample(c =>
    {
        using RowMatrix items = RandomVectors.Normal(c.Items, c.Dimension, c.Seed),
            query = RandomVectors.Normal(1, c.Dimension, c.Seed + 1);
        IItemIndex index = Build(items, null);
        Assert.Equal((c.Items, c.Dimension), (index.Count, index.Dimension));
        var filter = new ItemFilter
        {
            Allowed = c.Allowed == 1 ? default : RandomVectors.Bitmap(c.Items, c.Allowed, c.Seed + 2),
            Denied = RandomVectors.Denied(c.Items, c.Denied, c.Seed + 3),
        };
        var best = new Scored[c.Wanted];
        int found = index.Search(query.Row(0), filter, best);
        Assert.Equal(Math.Min(c.Wanted, filter.CountAdmitted(c.Items)), found);
        Check(items, query.Row(0), filter, best.AsSpan(0, found));
        if (IsExact)
        {
            var expected = new Scored[c.Wanted];
            new ExactIndex(items).Search(query.Row(0), filter, expected);
            Assert.Equal(expected[..found], best[..found]);
        }
    }, iter: 60);

    [Fact]
    public void Of_equal_items_the_lower_row_comes_first()
    {
        using var items = new RowMatrix(300, 3);
        for (int item = 0; item < 300; item++) { items.SetRow(item, [1, 1, item % 3 == 0 ? 1 : 0]); }
        var best = new Scored[120];
        int found = Build(items, null).Search([1, 1, 1], new ItemFilter { Denied = [0, 6] }, best);
        Assert.Equal(120, found);
        Assert.Equal(best.OrderByDescending(s => s.Score).ThenBy(s => s.Index), best);
        if (IsExact) { Assert.Equal([3, 9, 12, 15], best[..4].Select(s => s.Index)); }
    }

    [Fact]
    public void An_index_without_items_finds_nothing()
    {
        using var none = new RowMatrix(0, 8);
        Assert.Equal(0, Build(none, null).Search(new float[8], default, new Scored[3]));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_no_finite_number_is_refused_with_row_and_column(float strange)
    {
        using RowMatrix items = RandomVectors.Normal(100, 9, 1);
        float[] query = [1, 2, 3, 4, 5, 6, 7, strange, 9];
        string message = Assert.Throws<ArgumentException>(() => Build(items, null).Search(query, default, new Scored[5])).Message;
        Assert.Contains("column 7 of the query", message, StringComparison.Ordinal);
        items.Row(17)[4] = strange;
        message = Assert.Throws<FactoException>(() => Build(items, null)).Message;
        Assert.Contains("row 17", message, StringComparison.Ordinal);
        Assert.Contains("column 4", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_of_another_length_is_refused_with_both_lengths()
    {
        using RowMatrix items = RandomVectors.Normal(100, 8, 3);
        string message = Assert.Throws<ArgumentException>(() => Build(items, null).Search(new float[7], default, new Scored[1])).Message;
        Assert.Contains("7 coordinates, the index 8", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_says_what_is_found()
    {
        IItemIndex index = Build(World.Items, World.Users);
        float[] popularity = [.. World.Ranks.Select(r => -(float)r)];
        RecallCertificate certificate = RecallMeter.Measure(
            index, new ExactIndex(World.Items), World.Users, popularity, 20, LeastRecall, TestContext.Current.CancellationToken);
        Assert.True(certificate.Recall >= LeastRecall, certificate.ToString());
        if (IsExact) { Assert.Equal((1.0, 1.0), (certificate.WorstRecall, certificate.WorstFilteredRecall)); }
    }

    [Fact]
    public void Two_hundred_equal_best_items_are_no_loss_of_recall()
    {
        using var items = new RowMatrix(400, 5);
        using RowMatrix users = RandomVectors.Normal(20, 5, 2);
        for (int item = 0; item < 400; item++) { items.SetRow(item, item < 200 ? [2, 0, 0, 0, 0] : [0, 0.1f, item % 7 * 0.1f, 0, 0.1f]); }
        for (int user = 0; user < 20; user++) { users.SetRow(user, [1, 0.01f * user, 0, 0, 0]); }
        RecallCertificate certificate = RecallMeter.Measure(
            Build(items, users), new ExactIndex(items), users, new float[400], 20, 0.99, TestContext.Current.CancellationToken);
        Assert.True(certificate.Recall >= 0.99, certificate.ToString());
    }

    [Fact]
    public void An_opened_index_answers_bit_for_bit_as_the_saved_one()
    {
        using var folder = new TemporaryFolder();
        IItemIndex index = Build(World.Items, World.Users);
        if (!Save(index, folder.File("i.facto"))) { return; }
        IItemIndex opened = Open(folder.File("i.facto"));
        Assert.Equal((index.Count, index.Dimension, index.ToString()), (opened.Count, opened.Dimension, opened.ToString()));
        ulong[] half = World.UnpopularHalf();
        Scored[] expected = new Scored[30], actual = new Scored[30];
        for (int user = 0; user < 60; user++)
        {
            var filter = new ItemFilter { Allowed = user % 2 == 0 ? default : half, Denied = [user, user + 100] };
            int found = index.Search(World.Users.Row(user), filter, expected);
            Assert.Equal(found, opened.Search(World.Users.Row(user), filter, actual));
            Assert.Equal(expected[..found], actual[..found]);
        }
    }

    [Fact]
    public void Cut_and_flipped_files_are_refused()
    {
        using var folder = new TemporaryFolder();
        var small = new FmCatalogue(60, 10, 4);
        if (Save(Build(small.Items, small.Users), folder.File("i.facto")))
        {
            CorruptionChecks.EveryDamageIsReported(folder.File("i.facto"), path => Open(path), CorruptionChecks.ManyFlips);
        }
    }

    [Fact]
    public void A_search_allocates_nothing()
    {
        IItemIndex index = Build(World.Items, World.Users);
        ulong[] half = World.UnpopularHalf(), few = RandomVectors.Bitmap(1500, 0.01, 6);
        int[] denied = RandomVectors.Denied(1500, 0.1, 7);
        var best = new Scored[50];
        if (IsFree) { Assert.Equal(0, Allocation.Of(Run)); }

        void Run()
        {
            index.Search(World.Users.Row(0), default, best);
            index.Search(World.Users.Row(1), new ItemFilter { Allowed = half, Denied = denied }, best);
            index.Search(World.Users.Row(2), new ItemFilter { Allowed = few }, best);
        }
    }

    [Fact]
    public void Searches_at_once_give_what_they_give_one_by_one()
    {
        IItemIndex index = Build(World.Items, World.Users);
        Scored[][] expected = [.. Enumerable.Range(0, 60).Select(Search)];
        Parallel.For(0, 600, i => Assert.Equal(expected[i % 60], Search(i % 60)));

        Scored[] Search(int user)
        {
            var best = new Scored[25];
            return best[..index.Search(World.Users.Row(user), new ItemFilter { Denied = [user] }, best)];
        }
    }

    [Fact]
    public void More_effort_finds_no_less()
    {
        if (Build(World.Items, World.Users) is not IApproximateIndex index) { return; }
        var questions =
            new RecallQuestions(new ExactIndex(World.Items), World.Users, new float[1500], 20, TestContext.Current.CancellationToken);
        Assert.False(index.TrySetEffort(-1));
        Assert.True(index.TrySetEffort(0));
        double first = questions.Recall(index, TestContext.Current.CancellationToken);
        int levels = 1;
        while (index.TrySetEffort(levels)) { levels++; }
        Assert.InRange(levels, 1, 200);
        Assert.True(questions.Recall(index, TestContext.Current.CancellationToken) >= first - 0.02);
        Assert.True(index.SearchCost(10, 0.5) >= index.SearchCost(10, 1) || IsExact);
    }

    // Admitted, once, in order, each with its own score.
    private static void Check(RowMatrix items, ReadOnlySpan<float> query, ItemFilter filter, ReadOnlySpan<Scored> found)
    {
        var seen = new HashSet<int>();
        for (int i = 0; i < found.Length; i++)
        {
            Assert.True(filter.Admits(found[i].Index), $"item {found[i].Index} is not admitted");
            Assert.True(seen.Add(found[i].Index), $"item {found[i].Index} came twice");
            Assert.Equal(BruteForceSearch.Dot(items.Row(found[i].Index), query), found[i].Score, 1e-4);
            if (i == 0) { continue; }
            bool inOrder = found[i - 1].Score > found[i].Score
                || (found[i - 1].Score == found[i].Score && found[i - 1].Index < found[i].Index);
            Assert.True(inOrder, $"{found[i - 1]} stands before {found[i]}");
        }
    }
}
