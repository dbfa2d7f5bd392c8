using Facto.Import;

namespace Facto.Tests.Import;

/// <summary>The sample projects on the data they were written for.</summary>
public class RealDataTests
{
    private static (Dictionary<string, Dataset> Parts, ImportReport Report) Import(string sample, string data, params string[] overrides)
    {
        string? root = Environment.GetEnvironmentVariable("FACTO_DATA");
        Assert.SkipWhen(root is null, "FACTO_DATA is not set: real data is not checked");
        Assert.SkipUnless(Directory.Exists(Path.Combine(root!, data)), $"FACTO_DATA has no {data}");
        bool large = data is "ml-1m-full" or "goodbooks-10k-v1" or "online-retail";
        Assert.SkipWhen(
            large
            && Environment.GetEnvironmentVariable("FACTO_DATA_LARGE") != "1",
            "FACTO_DATA_LARGE is not 1: imports of a million rows are not checked");
        ProjectFile project = ProjectFile.Load(Path.Combine(Repository.Root, "samples", sample), overrides);
        return ProjectImporter.Read(project, null, TestContext.Current.CancellationToken);
    }

    private static string Title(Dataset data, string item) => data.ItemTitles![data.ItemIds!.IndexOf(item)];

    [Fact]
    public void MovieLens_small_has_its_published_counts_and_titles()
    {
        (Dictionary<string, Dataset> parts, ImportReport report) = Import("ml-latest-small", "ml-latest-small");
        Assert.Equal((100_836, 0, 610, 9742), ((int)report.Rows, (int)report.BadRows, report.Users, report.Items));
        Assert.Equal((610, 610, 100_836 - 1220), (parts["test"].Count, parts["validation"].Count, parts["train"].Count));
        Assert.Equal("Toy Story (1995)", Title(parts["train"], "1"));
    }

    [Fact]
    public void MovieLens_1M_joins_its_double_colon_latin_1_tables()
    {
        (Dictionary<string, Dataset> parts, ImportReport report) = Import("ml-1m", "ml-1m-full", "interactions.negativeUpTo=2");
        Dataset train = parts["train"];
        Assert.Equal((1_000_209, 0, 6040), ((int)report.Rows, (int)report.BadRows, report.Users));
        Assert.Equal(261_197, report.Excluded.Single().Value);   // the threes, as published
        Assert.Equal("Misérables, Les (1995)", Title(train, "73"));
        Assert.Equal(
            (2, 7, 21, 18), (report.Features["gender"], report.Features["age"], report.Features["occupation"], report.Features["genre"]));
        Assert.Equal(3883, report.Items);
    }

    [Fact]
    public void The_feature_recipes_on_MovieLens_100K_have_their_fields_and_bags_of_the_training_part_alone()
    {
        foreach ((
            string recipe, string[] fields) in new[] { ("mf", (string[])["user", "item"]), ("svdpp", ["user", "rated", "item"]),
            ("timesvdpp", ["user", "rated", "day", "item"]), ("flipped", ["user", "rated", "day", "item", "raters"]) })
        {
            (Dictionary<string, Dataset> parts, ImportReport report) = Import(Path.Combine("recipes", recipe), "ml-100k");
            Dataset train = parts["train"];
            Assert.Equal(fields, train.Schema.Fields.Select(f => f.Spec.Name));
            Assert.Equal(100_000, report.Rows);
            if (train.Schema.Find("rated") is { } bag)
            {
                int inBags = Enumerable.Range(0, train.Users!.RowCount)
                    .Sum(u => train.Users[u].Features.ToArray().Count(f => f >= bag.Offset && f < bag.Offset + bag.Count));
                Assert.Equal(train.Count, inBags);
            }

            if (recipe == "flipped") { Assert.InRange(report.Features["day"], 190, 215); }   // 215 days in all
        }
    }

    [Fact]
    public void Goodbooks_keeps_the_last_of_its_repeated_pairs()
    {
        (Dictionary<string, Dataset> _, ImportReport report) = Import("goodbooks", "goodbooks-10k-v1");
        Assert.Equal((981_756, 2_278, 10_000), ((int)report.Rows, (int)report.Repeated, report.Items));
    }

    [Fact]
    public void Online_retail_explains_every_row_it_leaves_out()
    {
        (Dictionary<string, Dataset> parts, ImportReport report) =
            Import("online-retail", "online-retail", "negatives=null", "split.kind=none");
        Assert.Equal(541_909, report.Rows);
        Assert.Equal(135_080, report.Excluded["no customer"]);
        Assert.Equal(8_905, report.Excluded["return or cancellation"]);
        Assert.Equal(report.Rows, report.BadRows + report.Excluded.Values.Sum() + report.Repeated + parts["train"].Count);
        Assert.Equal("WHITE HANGING HEART T-LIGHT HOLDER", Title(parts["train"], "85123A"));
    }

    [Fact]
    public void Movietweetings_keeps_leading_zeros_and_splits_by_time()
    {
        (Dictionary<string, Dataset> parts, ImportReport report) =
            Import("movietweetings", "movietweetings-100k", "split={\"kind\": \"time\"}");
        Assert.Equal("The Bank (1915)", Title(parts["train"], "0004936"));
        Assert.True(parts["train"].Interactions.Times!.Span.ToArray().Max() < parts["test"].Interactions.Times!.Span.ToArray().Min());
        Assert.Equal(report.Rows, report.BadRows + report.Excluded.Values.Sum() + report.Repeated + parts.Values.Sum(p => p.Count));
    }

    [Fact]
    public void Frappe_keeps_contexts_and_draws_two_negatives_per_positive()
    {
        (Dictionary<string, Dataset> parts, ImportReport report) = Import("frappe", "frappe-raw", "negatives={\"perPositive\": 2}");
        Assert.Equal((96_203, 957, 4082), ((int)report.Rows, report.Users, report.Items));
        Assert.Equal(96_203 * 3, parts.Values.Sum(p => p.Count));
        Assert.Equal(7, report.Features["daytime"]);
    }
}
