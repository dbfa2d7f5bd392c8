using System.Globalization;
using System.IO.Compression;
using System.Text;
using Facto.Data;
using Facto.Import;

namespace Facto.Tests.Import;

/// <summary>Folders of many layouts: what init proposes is imported without editing, and what it understood is right.</summary>
public sealed class InitFoldersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string text, Encoding? encoding = null) =>
        File.WriteAllBytes(_folder.File(name), (encoding ?? new UTF8Encoding(false)).GetBytes(text));

    private static string Rows(int count, Func<int, string> row) => string.Concat(Enumerable.Range(0, count).Select(i => row(i) + "\n"));

    private static string N(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private (ProjectFile Project, Dictionary<string, Dataset> Parts, ImportReport Report) Init(InitHints? hints = null)
    {
        File.Delete(_folder.File("facto.json"));
        Write("facto.json", ProjectInspector.Propose(_folder.Path, hints: hints).Text);
        var project = ProjectFile.Load(_folder.Path);
        (Dictionary<string, Dataset> parts, ImportReport report) =
            ProjectImporter.Read(project, null, TestContext.Current.CancellationToken);
        Assert.True(parts["train"].Count > 0);
        return (project, parts, report);
    }

    [Theory]
    [InlineData("orders.txt", ";", "Kunde", "Artikel", "Menge", "Datum")]
    [InlineData("events.data", "\t", "visitor_id", "product-id", "views", "event_time")]
    [InlineData("x.inter", "\t", "user_id:token", "item_id:token", "count:float", "timestamp:float")]
    [InlineData("ventas.dat", "|", "idCliente", "codigo_producto", "cantidad", "fecha")]
    [InlineData("log", ",", "memberNumber", "sku", "qty", "createdAt")]
    [InlineData("журнал.csv", ",", "клиент", "товар", "количество", "дата")]
    public void Roles_are_found_by_name_in_many_vocabularies_and_counts_become_weights(string file, string delimiter, string user,
        string item, string count, string time)
    {
        Write(file, string.Join(delimiter, "no", user, time, item, count) + "\n"
            + Rows(400, i => string.Join(delimiter, N($"{i}"), N($"k{i % 37}"), N($"2024-01-{1 + (i / 20):00} 10:{i % 60:00}:00"),
            N($"a{i * 7 % 23}"), N($"{1 + (i * i % 40)}"))));
        (ProjectFile project, _, ImportReport report) = Init();
        InteractionSource log = project.Interactions;
        Assert.Equal((user, item, count, time), (log.User, log.Item, log.Weight, log.Time));
        Assert.Equal((null, null, WeightScale.Log), (log.Label, log.PositiveFrom, log.WeightScale));
        Assert.Equal((SplitKind.LeaveLast, 37, 23), (project.Split.Kind, report.Users, report.Items));
    }

    [Fact]
    public void Without_a_header_roles_are_found_by_values()
    {
        Write("data.txt", Rows(600, i => N($"{i % 41}  {1000 + (i * 11 % 97)}   {1 + (i % 5)} {1262304000 + (i * 1000)}")));
        (ProjectFile project, _, _) = Init();
        Assert.Equal(("user", "item", "rating", "time"), (project.Interactions.User, project.Interactions.Item,
            project.Interactions.Label, project.Interactions.Time));
        Assert.Equal((4.0, " ", SplitKind.LeaveLast), (project.Interactions.PositiveFrom, project.Interactions.Delimiter,
            project.Split.Kind));
    }

    [Fact]
    public void The_order_of_a_file_is_not_time_and_no_label_is_ranking()
    {
        Write("likes.csv", "reader,book\n" + Rows(300, i => $"r{i / 10},b{i % 29}"));
        (ProjectFile project, _, _) = Init();
        Assert.Equal((SplitKind.Random, null, null, Facto.Models.LearningTask.Ranking),
            (project.Split.Kind, project.Interactions.Time, project.Interactions.Label, project.Training.Task));
    }

    [Fact]
    public void Tables_join_by_shared_keys_in_any_format_and_a_header_of_words_is_one()
    {
        Write("clicks.jsonl", Rows(500, i => N(
            $"{{\"session\":{{\"user\":\"u{i % 31}\"}},\"article_id\":\"n{i * 3 % 47}\",\"clicked\":{(i % 3 == 0 ? "true" : "false")},")
                + N($"\"ts\":{1700000000000 + (i * 60000L)}}}")));
        Write("news.csv", "id,headline,section\n" + Rows(47, i => $"n{i},The {i}th story,{(i % 4 == 0 ? "sport" : "culture")}"));
        using (var gzip = new GZipStream(File.Create(_folder.File("people.tsv.gz")),
            CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes("user\tcity\n"
            + Rows(31, i => $"u{i}\t{(i % 3 == 0 ? "Łódź" : "Kraków")}")));
        }
        (ProjectFile project, Dictionary<string, Dataset> parts, _) = Init();
        Assert.Equal(("session.user", "article_id", "clicked", "ts"),
            (project.Interactions.User, project.Interactions.Item, project.Interactions.Label, project.Interactions.Time));
        Assert.Equal(("news.csv", "id", "headline", "people.tsv.gz", "user"),
            (project.Items!.Path, project.Items.Id, project.Items.Title, project.Users!.Path, project.Users.Id));
        Assert.Equal(["section", "city"], project.Fields.Select(f => f.Name).Where(n => n is "section" or "city").OrderDescending());
        Assert.Equal(Facto.Models.LearningTask.Binary, project.Training.Task);
        Assert.Equal(47, parts["train"].ItemIds!.Count);
    }

    [Fact]
    public void Given_splits_lists_matrices_and_numbered_rows_are_taken_as_they_are()
    {
        Write("train.txt", Rows(40, i => $"{i} {string.Join(' ', Enumerable.Range(0, 3 + (i % 5)).Select(k => (i + (k * 7)) % 60))}"));
        Write("test.txt", Rows(40, i => $"{i} {(i * 5) % 60}{(i % 2 == 0 ? " 59" : "")}"));
        (ProjectFile project, Dictionary<string, Dataset> parts, _) = Init();
        Assert.Equal((TableFormat.Lists, SplitKind.Files, "test.txt"),
            (project.Interactions.Format, project.Split.Kind, project.Split.TestPath));
        Assert.Equal(60, parts["test"].Count);
        File.Delete(_folder.File("train.txt"));
        File.Delete(_folder.File("test.txt"));
        Write("jester.csv", Rows(60, i => string.Join(',', Enumerable.Range(0, 12).Select(c => (i + c) % 3 == 0 ? "99"
            : N($"{((i * 7) + (c * 3)) % 19 - 9}.5")))));
        (project, parts, _) = Init();
        Assert.Equal((TableFormat.Matrix, "99", false), (project.Interactions.Format, project.Interactions.Nothing,
            project.Interactions.Header));
        Assert.Equal(60, parts["train"].UserIds!.Count);
        File.Delete(_folder.File("jester.csv"));
        Write("ads.train.ffm", Rows(200, i => $"{i % 2} 0:{i % 17}:1 1:{20 + (i % 13)}:0.5"));
        Write("ads.val.ffm", Rows(20, i => $"{i % 2} 0:{i % 17}:1 1:{20 + (i % 13)}:0.5"));
        (project, parts, _) = Init();
        Assert.Equal((TableFormat.Sparse, "ads.val.ffm", Facto.Models.LearningTask.Binary),
            (project.Interactions.Format, project.Split.ValidationPath, project.Training.Task));
        Assert.Equal((200, 20, true), (parts["train"].Count, parts["validation"].Count, parts["train"].IsFlat));
    }

    [Fact]
    public void A_click_log_without_users_is_flat_and_no_side_is_made_up()
    {
        Write("ctr.tsv", Rows(400, i => N($"{(i % 5 == 0 ? 1 : 0)}\t{i % 90}\t{i * 3 % 7}\th{i % 11:x4}\tq{i * 31 % 150:x6}")));
        (ProjectFile project, Dictionary<string, Dataset> parts, _) = Init();
        Assert.True(project.Interactions.IsFlat);
        Assert.Equal("column1", project.Interactions.Label);
        Assert.True(parts["train"].IsFlat);
    }

    [Fact]
    public void What_a_look_cannot_see_can_be_said()
    {
        Write("t.csv", "alpha,beta,gamma,delta\n" + Rows(300, i => $"{i % 30},{i * 7 % 50},{1 + (i % 5)},{i % 11}"));
        Write("names.csv", "key,label\n" + Rows(50, i => $"{i},Thing {i}"));
        (ProjectFile project, _, _) = Init(new InitHints
        {
            User = "alpha",
            Item = "beta",
            Label = "gamma",
            Items = "names.csv",
            Time = "none"
        });
        Assert.Equal(("alpha", "beta", "gamma", "names.csv", "key"),
            (project.Interactions.User, project.Interactions.Item, project.Interactions.Label, project.Items!.Path, project.Items.Id));
        Assert.Contains("--user epsilon: no file has such a column",
            Assert.Throws<FactoException>(() => ProjectInspector.Propose(_folder.Path, hints: new InitHints { User = "epsilon" }))
            .Message, StringComparison.Ordinal);
        ProjectProposal proposal = ProjectInspector.Propose(_folder.Path,
            hints: new InitHints { User = "alpha", Item = "beta", Label = "gamma" });
        Assert.Contains(proposal.Understood, u => u.StartsWith("user: column 'alpha' (sure: by --user", StringComparison.Ordinal));
        Assert.Equal(["0", "0", "1 → 0", ""], proposal.Preview[1]);
    }

    [Fact]
    public void Latin_1_utf_16_and_decimal_commas_are_seen()
    {
        Write("Bewertungen.csv", "Nutzer;Film;Bewertung\n" + Rows(200, i => $"Jürgen {i % 20};Käse {i * 3 % 17};{(i % 10) / 2},5"),
            Encoding.Latin1);
        (ProjectFile project, Dictionary<string, Dataset> parts, ImportReport report) = Init();
        Assert.Equal(("latin-1", ";", "Bewertung"), (project.Interactions.Encoding, project.Interactions.Delimiter,
            project.Interactions.Label));
        Assert.Equal(0, report.BadRows);
        Assert.Contains("Jürgen 3", parts["train"].UserIds!.Values());
        File.Delete(_folder.File("Bewertungen.csv"));
        Write("u16.csv", "user,item\n" + Rows(200, i => $"ü{i % 20},i{i * 3 % 17}"), Encoding.Unicode);
        (project, parts, _) = Init();
        Assert.Contains("ü3", parts["train"].UserIds!.Values());
    }
}
