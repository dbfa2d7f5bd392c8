using CsCheck;
using Facto.Numerics;
using Facto.Retrieval;
using Facto.Retrieval.Approximate;
using Facto.Retrieval.Ivf;
using Facto.Tests.Oracles;
using Facto.Tests.Retrieval.Graph;

namespace Facto.Tests.Retrieval.Ivf;

public class ProductCodesTests
{
    private static readonly FmCatalogue Catalogue = new(12_000, 300);
    private static readonly Lazy<IvfIndex> Shared =
        new(() => IvfIndex.Build(Catalogue.Items, Catalogue.Users, new IvfOptions { Nprobe = 60, CodeBytes = 6 }));

    [Fact]
    public void A_table_gives_the_score_of_the_decoded_vector() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 40], Gen.Int[1, 64], Gen.ULong).Sample((rows, dimension, bytes, seed) =>
        {
            using RowMatrix sample = RandomVectors.Normal(rows, dimension, seed), queries = RandomVectors.Normal(1, dimension, seed + 1);
            ProductCodebook book = ProductCodebook.Train(sample, bytes, seed, CancellationToken.None);
            Assert.InRange(book.GroupCount, 1, Math.Min(bytes, dimension));
            Assert.Equal(Enumerable.Range(0, dimension), book.Coordinates.Where(c => c >= 0).Order());
            float[] table = new float[book.GroupCount * ProductCodebook.CentreCount], decoded = new float[dimension];
            var code = new byte[book.GroupCount];
            book.FillTable(queries.Row(0), table);
            for (int row = 0; row < Math.Min(rows, 20); row++)
            {
                book.Encode(sample.Row(row), code);
                book.Decode(code, decoded);
                double byTable = 0;
                for (int group = 0; group < code.Length; group++) { byTable += table[(group * ProductCodebook.CentreCount) + code[group]]; }
                Assert.Equal(BruteForceSearch.Dot(decoded, queries.Row(0)), byTable, 1e-3);
            }
        }, iter: 20);

    [Fact]
    public void A_code_names_the_nearest_centre_of_every_group()
    {
        using RowMatrix sample = RandomVectors.Normal(400, 7, 3);
        ProductCodebook book = ProductCodebook.Train(sample, 3, 1, CancellationToken.None);
        var code = new byte[book.GroupCount];
        for (int row = 0; row < 50; row++)
        {
            book.Encode(sample.Row(row), code);
            for (int group = 0; group < book.GroupCount; group++)
            {
                double[] distances =
                    [.. Enumerable.Range(0, ProductCodebook.CentreCount).Select(c => Distance(book, group, c, sample.Row(row)))];
                Assert.Equal(distances.Min(), distances[code[group]], 1e-5);
            }
        }

        static double Distance(ProductCodebook book, int group, int centre, ReadOnlySpan<float> x)
        {
            double sum = 0;
            for (int place = group * book.Width; place < (group + 1) * book.Width; place++)
            {
                double difference = book.Coordinates[place] < 0
                    ? 0
                    : x[book.Coordinates[place]] - book.Centres[((long)place * ProductCodebook.CentreCount) + centre];
                sum += difference * difference;
            }

            return sum;
        }
    }

    [Fact]
    public unsafe void A_run_of_slots_is_scored_like_its_decoded_items_whatever_its_bounds_and_filter()
    {
        IvfIndex index = Shared.Value;
        ProductCodes product = index.Product!;
        int rest = index.Dimension - 1;
        float[] rho = new float[rest];
        var code = new byte[product.Book.GroupCount];
        ReadOnlySpan<float> user = Catalogue.Users.Row(3);
        var scratch = new SearchScratch();
        scratch.Begin(index.Items, 64);
        CodedSearch.Prepare(index.Items, index.Space, scratch, user);
        var sigma = new ReadOnlySpan<float>(CodedSearch.Sigma(index.Items, scratch), rest);
        product.Book.FillTable(sigma, scratch.TableOf(product.TableLength));
        ulong[] allowed = RandomVectors.Bitmap(index.Count, 0.5, 9);
        foreach ((int first, int count) in new[] { (0, 1), (5, 2), (7, 9), (16, 8), (1003, 40), (index.Count - 3, 3) })
        {
            scratch.Begin(index.Items, 64);
            product.ScoreRun(
                index.Items, scratch, user[0], 0.25f, first, count, new FilteredAdmission(index.Items, allowed, scratch.Barred));
            int admitted = 0;
            for (int slot = first; slot < first + count; slot++)
            {
                if (!new ItemFilter { Allowed = allowed }.Admits(index.Items.Items[slot])) { continue; }
                admitted++;
                product.Load(slot, code);
                product.Book.Decode(code, rho);
                double expected = 0.25 + (user[0] * index.Items.Scales[slot].Lead)
                    + (index.Items.Scales[slot].Scale * BruteForceSearch.Dot(rho, sigma));
                int place = Enumerable.Range(0, scratch.Best.Count).Single(i => scratch.Best.Slot(i) == slot);
                Assert.Equal(expected, scratch.Best.Value(place), 1e-3);
                Assert.Equal(Catalogue.Items.Row(index.Items.Items[slot])[0], index.Items.Scales[slot].Lead);
            }

            Assert.Equal(admitted, scratch.Best.Count);
        }
    }

    [Fact]
    public void Recall_stays_above_its_floor_and_an_item_takes_few_bytes()
    {
        RowMatrix users = Catalogue.Users.Resized(100);
        double recall = Recall.Of(Shared.Value, Catalogue.Items, users, 100),
            filtered = Recall.Of(Shared.Value, Catalogue.Items, users, 100, Catalogue.UnpopularHalf());
        Assert.True(recall >= 0.95, $"recall@100 is {recall:F4}");
        Assert.True(filtered >= 0.8, $"recall@100 with the popular half filtered out is {filtered:F4}");
        Assert.Equal((6, 22), (Shared.Value.CodeBytes, Shared.Value.BytesPerItem));
        Assert.Equal(0, Shared.Value.Items.Codes.Length);
    }

    [Fact]
    public void Scores_are_the_inner_products_in_float32()
    {
        var best = new Scored[50];
        Assert.Equal(50, Shared.Value.Search(Catalogue.Users.Row(7), default, best));
        foreach (Scored s in best)
        {
            Assert.Equal(BruteForceSearch.Dot(Catalogue.Items.Row(s.Index), Catalogue.Users.Row(7)), s.Score, 1e-4);
        }
        Assert.Equal(best.OrderByDescending(s => s.Score).ThenBy(s => s.Index), best);
    }

    [Fact]
    public void When_every_list_is_read_and_every_item_scored_again_the_result_is_the_exact_one()
    {
        var small = new FmCatalogue(900, 20);
        var index = IvfIndex.Build(small.Items, small.Users, new IvfOptions { Nlist = 10, Nprobe = 10, CodeBytes = 2, Rescored = 64 });
        Assert.Equal(1, Recall.Of(index, small.Items, small.Users, 20));
        Assert.Equal(1, Recall.Of(index, small.Items, small.Users, 20, small.UnpopularHalf()));
    }

    [Fact]
    public void As_many_items_are_returned_as_wanted_whenever_they_are_admissible() =>
        Gen.Select(
            Gen.Int[0, 500], Gen.Int[1, 40], Gen.Int[1, 120], Gen.OneOf(Gen.Const(0.0), Gen.Const(0.01), Gen.Const(0.4), Gen.Const(1.0)),
            Gen.OneOf(Gen.Const(0.0), Gen.Const(0.95)), Gen.ULong).Sample((items, dimension, n, share, denied, seed) =>
        {
            using RowMatrix vectors = RandomVectors.Normal(items, dimension, seed), query = RandomVectors.Normal(1, dimension, seed + 1);
            var index = IvfIndex.Build(vectors, null, new IvfOptions { Nprobe = 2, Iterations = 2, CodeBytes = 3 });
            var filter =
                new ItemFilter
                {
                    Allowed = share == 1
                    ? default
                    : RandomVectors.Bitmap(items, share, seed + 2),
                    Denied = RandomVectors.Denied(items, denied, seed + 3)
                };
            var best = new Scored[n];
            int found = index.Search(query.Row(0), filter, best);
            Assert.Equal(Math.Min(n, filter.CountAdmitted(items)), found);
            Assert.Equal(found, best[..found].Select(s => s.Index).Distinct().Count());
            foreach (Scored s in best[..found]) { Assert.True(filter.Admits(s.Index), $"item {s.Index} is not admitted"); }
        }, iter: 30);

    [Fact]
    public void A_search_allocates_nothing()
    {
        ulong[] allowed = Catalogue.UnpopularHalf();
        var best = new Scored[100];
        Assert.Equal(0, Allocation.Of(SearchAll));

        void SearchAll()
        {
            Shared.Value.Search(Catalogue.Users.Row(0), default, best);
            Shared.Value.Search(Catalogue.Users.Row(1), new ItemFilter { Allowed = allowed, Denied = [1, 5, 9] }, best);
        }
    }

    [Fact]
    public void An_index_survives_the_round_trip()
    {
        using var folder = new TemporaryFolder();
        IvfFile.Save(Shared.Value, folder.File("i.facto"));
        foreach (bool verify in new[] { true, false })
        {
            IvfIndex opened = IvfFile.Open(folder.File("i.facto"), verify);
            Assert.Equal(
                (12_000, 17, 60, 6, 4, 22),
                (opened.Count, opened.Dimension, opened.Nprobe, opened.CodeBytes, opened.Rescored, opened.BytesPerItem));
            Scored[] a = new Scored[40], b = new Scored[40];
            for (int user = 0; user < 50; user++)
            {
                Assert.Equal(40, Shared.Value.Search(Catalogue.Users.Row(user), default, a));
                Assert.Equal(40, opened.Search(Catalogue.Users.Row(user), default, b));
                Assert.Equal(a, b);
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0)]
    public void Damage_is_reported_by_one_clear_error(int factors)
    {
        var catalogue = new FmCatalogue(60, 10, factors);
        using var folder = new TemporaryFolder();
        IvfFile.Save(IvfIndex.Build(catalogue.Items, catalogue.Users, new IvfOptions { CodeBytes = 2 }), folder.File("i.facto"));
        CorruptionChecks.EveryDamageIsReported(folder.File("i.facto"), path => IvfFile.Open(path), CorruptionChecks.ManyFlips);
    }

    [Fact]
    public void A_set_raises_what_is_scored_again_until_its_floor_holds()
    {
        using var folder = new TemporaryFolder();
        var options =
            new IndexOptions
            {
                Kind = IndexKind.Ivf,
                At = 20,
                Queries = 60,
                Floor = 0.97,
                Ivf = new IvfOptions { Nprobe = 1, CodeBytes = 2, Rescored = 1 }
            };
        IndexSet built = Build(Catalogue.Items, Catalogue.Users, options);
        Assert.True(built.Recall is { Recall: >= 0.97 }, built.Recall?.ToString());
        Assert.True(((IvfIndex)built.Approximate!).Rescored > 1);
        Assert.Contains("18 bytes an item", built.ToString(), StringComparison.Ordinal);
        built.Save(folder.Path);
        IndexSet opened = IndexSet.Open(folder.Path, IndexKind.Ivf, Catalogue.Items);
        Assert.Equal((built.Recall, built.ToString()), (opened.Recall, opened.ToString()));
    }

    [Fact]
    public void Impossible_options_are_refused_with_a_sentence()
    {
        Assert.Contains(
            "CodeBytes is 65",
            Assert.Throws<FactoException>(() => IvfIndex.Build(Catalogue.Items, null, new IvfOptions { CodeBytes = 65 })).Message,
            StringComparison.Ordinal);
        Assert.Contains("Rescored is 0", Assert.Throws<FactoException>(() => Shared.Value.Rescored = 0).Message, StringComparison.Ordinal);
    }

    private static IndexSet Build(RowMatrix items, RowMatrix? users, IndexOptions options, float[]? popularity = null) =>
        IndexSet.Build(new IndexSource(items, users, options, null, TestContext.Current.CancellationToken), popularity);
}
