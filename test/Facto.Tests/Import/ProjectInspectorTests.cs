using Facto.Data;
using Facto.Import;

namespace Facto.Tests.Import;

public class ProjectInspectorTests
{
    [Fact]
    public void A_proposal_imports_as_it_is()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("ratings.csv"),
            "userId,movieId,rating,timestamp\n"
            + string.Concat(Enumerable.Range(0, 200).Select(i => $"{i % 20},{i * 7 % 40},{1 + (i % 5)},{1000 + i}\n")));
        File.WriteAllText(
            folder.File("users.dat"),
            string.Concat(Enumerable.Range(0, 20).Select(i => $"{i}::{(i % 2 == 0 ? "F" : "M")}::{18 + (i % 3)}\n")));
        File.WriteAllBytes(
            folder.File("movies.dat"),
            System.Text.Encoding.Latin1.GetBytes(
                string.Concat(Enumerable.Range(0, 40).Select(i => $"{i}::Title é {i}::{(i % 2 == 0 ? "Drama|Comedy" : "Comedy")}\n"))));
        File.WriteAllText(folder.File("notes.md"), "no table");
        string text = ProjectInspector.Propose(folder.Path).Text;
        File.WriteAllText(folder.File("facto.json"), text);
        ProjectFile project = ProjectFile.Load(folder.Path);
        Assert.Equal(
            ("userId", "movieId", "rating", "timestamp", 4.0),
            (project.Interactions.User, project.Interactions.Item, project.Interactions.Label, project.Interactions.Time,
                project.Interactions.PositiveFrom));
        Assert.Equal(("::", "latin-1"), (project.Items!.Delimiter, project.Items.Encoding));
        Assert.Contains(project.Fields, f => f.Kind == FieldKind.MultiCategorical && f.Side == FieldSide.Item);
        Assert.Equal(2, project.Fields.Count(f => f.Side == FieldSide.User && f.Name != "user"));
        (Dictionary<string, Dataset> parts, ImportReport report) =
            ProjectImporter.Read(project, null, TestContext.Current.CancellationToken);
        Assert.Equal((20, 40, 0L), (report.Users, report.Items, report.BadRows));
        Assert.Equal("Title é 3", parts["train"].ItemTitles![parts["train"].ItemIds!.IndexOf("3")]);
    }

    [Fact]
    public void A_project_that_stands_elsewhere_points_to_its_files()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("ratings.csv"),
            "userId,movieId,rating\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % 20},{i * 7 % 40},{1 + (i % 5)}\n")));
        string elsewhere = folder.File("project");
        Directory.CreateDirectory(elsewhere);
        File.WriteAllText(Path.Combine(elsewhere, "facto.json"), ProjectInspector.Propose(folder.Path, elsewhere).Text);
        Assert.Equal(folder.Path, ProjectFile.Load(elsewhere).DataFolder);
    }

    [Fact]
    public void A_folder_without_a_log_is_answered_with_what_was_found()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            "no table was found", Assert.Throws<FactoException>(() => ProjectInspector.Propose(folder.Path)).Message,
            StringComparison.Ordinal);
        File.WriteAllText(folder.File("x.csv"), "a,b\n1,2\n3,4\n");
        Assert.Contains(
            "x.csv has a, b", Assert.Throws<FactoException>(() => ProjectInspector.Propose(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ml-latest-small", "userId", "movieId", "title")]
    [InlineData("ml-1m-full", "user", "item", "column2")]
    [InlineData("movietweetings-100k", "user", "item", "column2")]
    [InlineData("online-retail", "CustomerID", "StockCode", "Description")]
    [InlineData("ml-100k", "user", "item", "column2")]
    [InlineData("goodbooks-10k-v1", "user_id", "book_id", "title")]
    [InlineData("gowalla", "user", "item", null)]
    [InlineData("frappe-raw", "user", "item", "name")]
    [InlineData("criteo-10k", "", "", null)]
    [InlineData("frappe", "", "", null)]
    public void Well_known_folders_are_understood(string name, string user, string item, string? title)
    {
        string? root = Environment.GetEnvironmentVariable("FACTO_DATA");
        Assert.SkipWhen(root is null, "FACTO_DATA is not set: real data is not checked");
        Assert.SkipUnless(Directory.Exists(Path.Combine(root!, name)), $"FACTO_DATA has no {name}");
        ProjectFile project = ProjectFile.Parse(ProjectInspector.Propose(Path.Combine(root!, name)).Text, "facto.json", []);
        Assert.Equal((user, item, title), (project.Interactions.User, project.Interactions.Item, project.Items?.Title));
    }
}
