using System.IO.Compression;
using DuckDB.NET.Data;
using Facto.Data;
using Facto.Import;

namespace Facto.Tests.Import;

public sealed class ProjectImporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string text, System.Text.Encoding? encoding = null) =>
        File.WriteAllBytes(_folder.File(name), (encoding ?? System.Text.Encoding.UTF8).GetBytes(text));

    private ProjectFile Project(string json, params string[] overrides)
    {
        Write("facto.json", json);
        return ProjectFile.Load(_folder.Path, overrides);
    }

    private static (string User, string Item, float Label)[] Pairs(Dataset data) =>
        [.. Enumerable.Range(0, data.Count)
            .Select(i =>
                (data.UserIds![data.Interactions.Users![i]], data.ItemIds![data.Interactions.Items![i]], data.Interactions.Labels[i]))];

    private static string[] Describe(Dataset data, SparseRow row) => [.. row.Features.ToArray().Select(data.Schema.Describe)];

    private const string Films = """
        { "interactions": { "path": "log.csv", "user": "u", "item": "i", "label": "stars", "time": "when" },
          "users": { "path": "users.dat", "delimiter": "::", "header": false, "columns": ["id", "sex", "age"], "id": "id" },
          "items": { "path": "films.dat", "delimiter": "::", "encoding": "latin-1", "header": false, "columns": ["id", "name", "genres"], "id": "id", "title": "name" },
          "fields": [ { "name": "user", "side": "user" }, { "name": "sex", "side": "user" }, { "name": "item", "side": "item" },
                      { "name": "genre", "side": "item", "kind": "multiCategorical", "column": "genres" }, { "name": "device", "side": "context" } ],
          "split": { "kind": "none" }, "maxUnread": 1 }
        """;

    private void WriteFilms()
    {
        Write("log.csv",
            "u,i,stars,when,device\r\n7,10,4.5,100,tv\r\n7,11,2,50,phone\r\n\"8\",10,3,2010-12-01 08:26:00,tv\r\n007,12,1,5,\"a, "
                + "\"\"b\"\"\"\r\n");
        Write("users.dat", "7::F::25\n8::M::40\n9::M::50\n");
        Write("films.dat", "10::Misérables, Les (1995)::Drama|Musical\n11::Alien::Sci-Fi\n13::Unseen::Drama\n",
            System.Text.Encoding.Latin1);
    }

    [Fact]
    public void Log_and_tables_are_joined_with_long_delimiters_latin_1_quotes_and_ids_as_they_are_spelt()
    {
        WriteFilms();
        ImportReport report = ProjectImporter.Run(Project(Films));
        using DatasetFile file = DatasetFile.Open(_folder.File("out/dataset.facto"));
        Dataset data = file["train"];
        Assert.Equal([("7", "10", 4.5f), ("7", "11", 2f), ("8", "10", 3f), ("007", "12", 1f)], Pairs(data));
        Assert.Equal([100, 50, 1291191960, 5], data.Interactions.Times!.Span.ToArray());
        Assert.Equal(["7", "8", "007", "9"], data.UserIds!.Values());
        Assert.Equal(["10", "11", "12", "13"], data.ItemIds!.Values());
        Assert.Equal("Misérables, Les (1995)", data.ItemTitles![0]);
        Assert.Equal(["item=10", "genre=Drama", "genre=Musical"], Describe(data, data.Items![0]));
        Assert.Equal(["genre=Drama"], Describe(data, data.Items[3]));   // never rated: no id feature, its genre is known
        Assert.Equal(["user=7", "sex=F"], Describe(data, data.Users![0]));
        Assert.Equal(["device=a, \"b\""], Describe(data, data.Contexts![data.ContextRow(3)]));
        Assert.Equal(data.ContextRow(0), data.ContextRow(2));
        Assert.Equal((4, 0, 4, 4), ((int)report.Rows, (int)report.BadRows, report.Users, report.Items));
        Assert.Equal(report.Parts, ProjectImporter.ReportOf(file)!.Parts);
    }

    [Fact]
    public void Gz_globs_json_lines_and_parquet_give_the_same_data_as_csv()
    {
        WriteFilms();
        (Dictionary<string, Dataset> expected, _) = ProjectImporter.Read(Project(Films), null, TestContext.Current.CancellationToken);
        string[] lines = File.ReadAllLines(_folder.File("log.csv"));
        Write("part-1.csv", string.Join('\n', lines[..3]) + "\n");
        using (var gzip = new GZipStream(File.Create(_folder.File("part-2.csv.gz")), CompressionLevel.Fastest))
        {
            gzip.Write(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', [lines[0], .. lines[3..]]) + "\n"));
        }
        Write("log.jsonl",
            "{\"u\":7,\"i\":\"10\",\"stars\":4.5,\"when\":100,\"device\":\"tv\"}\n"
            + "{\"u\":\"7\",\"i\":11,\"stars\":2,\"when\":50,\"device\":\"phone\"}\n"
            + "{\"u\":8,\"i\":10,\"stars\":3,\"when\":\"2010-12-01 "
                + "08:26:00\",\"device\":\"tv\"}\n{\"u\":\"007\",\"i\":12,\"stars\":1,\"when\":5,\"device\":\"a, \\\"b\\\"\"}\n");
        Write("films.jsonl",
            "{\"id\":10,\"name\":\"Misérables, Les "
                + "(1995)\",\"genres\":[\"Drama\",\"Musical\"]}\n{\"id\":11,\"name\":\"Alien\",\"genres\":\"Sci-Fi\"}\n"
                + "{\"id\":13,\"name\":\"Unseen\",\"genres\":[\"Drama\"]}\n");
        using (var connection = new DuckDBConnection("DataSource=:memory:"))
        {
            connection.Open();
            using DuckDBCommand copy = connection.CreateCommand();
            copy.CommandText =
                $"COPY (SELECT * FROM read_csv('{_folder.File("log.csv")}', all_varchar = true)) TO '{_folder.File("log.parquet")}' "
                    + $"(FORMAT parquet); "
                + $"COPY (SELECT * FROM (VALUES ('10', 'Misérables, Les (1995)', ['Drama', 'Musical']), ('11', 'Alien', ['Sci-Fi']), "
                    + $"('13', 'Unseen', ['Drama'])) t(id, name, genres)) TO '{_folder.File("films.parquet")}' (FORMAT parquet)";
            copy.ExecuteNonQuery();
        }

        string[][] variants =
        [
            ["interactions.path=part-*"],
            ["interactions.path=log.jsonl", "items.path=films.jsonl", "items.encoding=utf-8", "items.columns=null", "items.delimiter=null"],
            ["interactions.path=log.parquet", "items.path=films.parquet", "items.columns=null", "items.delimiter=null"],
        ];
        foreach (string[] variant in variants)
        {
            (Dictionary<string, Dataset> actual, _) =
                ProjectImporter.Read(Project(Films, variant), null, TestContext.Current.CancellationToken);
            RandomDatasetsAssert(expected["train"], actual["train"]);
        }
    }

    private static void RandomDatasetsAssert(Dataset expected, Dataset actual) =>
        Facto.Tests.Data.RandomDatasets.AssertSame(expected, actual);

    [Fact]
    public void Bad_rows_are_counted_and_shown_with_file_line_and_reason_and_too_many_fail()
    {
        Write("log.csv", "u,i,stars\n1,2,3\n1,2\n\n,5,3\n4,\"line\nbreak\",3\n4,6,much\n1,2,3,4\n5,7,1\n");
        const string json =
            """
            { "interactions": { "path": "log.csv", "user": "u", "item": "i", "label": "stars" },
            "split": { "kind": "none" }, "maxBadRows": 0.6 }
            """;
        (Dictionary<string, Dataset> parts, ImportReport report) =
            ProjectImporter.Read(Project(json), null, TestContext.Current.CancellationToken);
        Assert.Equal([("1", "2", 3f), ("4", "line\nbreak", 3f), ("5", "7", 1f)], Pairs(parts["train"]));
        Assert.Equal(4, report.BadRows);
        Assert.Equal(7, report.Rows);
        Assert.Contains(report.FirstBadRows, r => r.EndsWith("log.csv:5: u (the user id) is empty", StringComparison.Ordinal));
        Assert.Contains(
            report.FirstBadRows, r => r.EndsWith("log.csv:8: stars (the label) is 'much', not a number", StringComparison.Ordinal));
        Assert.Contains(report.FirstBadRows, r => r.Contains("log.csv:3: ", StringComparison.Ordinal));
        Assert.Contains(report.FirstBadRows, r => r.Contains("log.csv:9: ", StringComparison.Ordinal));
        FactoException e = Assert.Throws<FactoException>(() => ProjectImporter.Run(Project(json, "maxBadRows=0.1")));
        Assert.Contains("4 of 7 rows are bad", e.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public void Repeated_pairs_are_resolved_as_asked()
    {
        Write("log.csv", "u,i,stars,t\na,x,1,9\nb,x,2,1\na,x,5,3\n");
        const string json =
            """
            { "interactions": { "path": "log.csv", "user": "u", "item": "i", "label": "stars", "time": "t" },
            "split": { "kind": "none" } }
            """;
        (string, string, float)[] Read(params string[] overrides) =>
            Pairs(ProjectImporter.Read(Project(json, overrides), null, default).Parts["train"]);
        Assert.Equal([("a", "x", 1f), ("b", "x", 2f)], Read());   // the last by time, not by order
        Assert.Equal([("b", "x", 2f), ("a", "x", 5f)], Read("interactions.time=null"));
        Assert.Equal([("a", "x", 6f), ("b", "x", 2f)], Read("interactions.repeated=sum"));
        Assert.Equal(3, Read("interactions.repeated=keepAll").Length);
        Assert.Contains(
            "user 'a' and item 'x' meet more than once", Assert.Throws<FactoException>(() => Read("interactions.repeated=error")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Thresholds_make_labels_and_rules_leave_rows_out_under_their_reason()
    {
        Write("log.csv", "u,i,stars,q\na,x,1,1\na,y,3,1\na,z,5,1\nb,x,4,-2\nb,y,2,1\n");
        const string json = """
            { "interactions": { "path": "log.csv", "user": "u", "item": "i", "label": "stars", "positiveFrom": 4, "negativeUpTo": 2,
                "exclude": [{ "when": "TRY_CAST(q AS DOUBLE) < 0", "reason": "return" }] }, "split": { "kind": "none" } }
            """;
        (Dictionary<string, Dataset> parts, ImportReport report) =
            ProjectImporter.Read(Project(json), null, TestContext.Current.CancellationToken);
        Assert.Equal([("a", "x", 0f), ("a", "z", 1f), ("b", "y", 0f)], Pairs(parts["train"]));
        Assert.Equal([("label between negativeUpTo and positiveFrom", 1L), ("return", 1L)], report.Excluded.Select(e => (e.Key, e.Value)));
    }

    [Fact]
    public void Nothing_is_learnt_from_rows_that_are_held_out()
    {
        // Whatever the held-out rows say, schema, user and item tables stay the same: the last item of each user is replaced by another.
        static string Row(int user, int n, string last)
        {
            bool changed = last == "new" && n == 5;
            string item = n == 5 ? $"{last}{user % 3}" : $"i{(user + (n * 5)) % 17}";
            return FormattableString.Invariant($"u{user},{item},{n},{(changed ? 999 : n + user)},{(changed ? 77 : n)}\n");
        }

        static string Log(string last) =>
            "u,i,t,price,hour\n" + string.Concat(Enumerable.Range(0, 72).Select(i => Row(i / 6, i % 6, last)));
        const string json = """
            { "interactions": { "path": "log.csv", "user": "u", "item": "i", "time": "t" },
              "fields": [ { "name": "user", "side": "user" }, { "name": "history", "side": "user", "kind": "bag", "pooling": "sqrt" }, { "name": "tied", "side": "user", "kind": "bag", "tied": true, "recent": 3 },
                { "name": "item", "side": "item", "minCount": 2 }, { "name": "audience", "side": "item", "kind": "bag" },
                { "name": "price", "side": "context", "kind": "numeric", "standardize": true }, { "name": "cheap", "column": "price", "side": "context", "kind": "numeric", "buckets": 4 }, { "name": "hour", "side": "context" } ],
              "negatives": { "perPositive": 2, "popularityExponent": 0.75 }, "split": { "kind": "leaveLast", "validationPart": false } }
            """;
        Write("log.csv", Log("old"));
        (Dictionary<string, Dataset> a, _) = ProjectImporter.Read(Project(json), null, TestContext.Current.CancellationToken);
        Write("log.csv", Log("new"));
        (Dictionary<string, Dataset> b, _) = ProjectImporter.Read(Project(json), null, TestContext.Current.CancellationToken);
        Assert.Equal(
            a["train"].Schema.Fields.Select(f => (f.Spec.Name, f.Offset, f.Count, f.Mean, f.StandardDeviation)),
            b["train"].Schema.Fields.Select(f => (f.Spec.Name, f.Offset, f.Count, f.Mean, f.StandardDeviation)));
        Assert.Equal(a["train"].Schema.Fields.Select(f => f.Edges), b["train"].Schema.Fields.Select(f => f.Edges));
        Assert.Equal(
            a["train"].Schema.Fields.Select(f => f.Vocabulary?.Values()), b["train"].Schema.Fields.Select(f => f.Vocabulary?.Values()));
        Facto.Tests.Data.RandomDatasets.AssertSame(a["train"].Users, b["train"].Users);
        for (int i = 0; i < a["train"].Items!.RowCount; i++)
        {
            Assert.Equal(Describe(a["train"], a["train"].Items![i]), Describe(b["train"], b["train"].Items![i]));
        }

        // The bags hold exactly the training items, and no test pair is a training pair.
        Dataset train = a["train"];
        var positives = Pairs(train).Where(p => p.Label > 0).ToLookup(p => p.User, p => p.Item);
        for (int u = 0; u < train.Users!.RowCount; u++)
        {
            string[] features = Describe(train, train.Users[u]);
            Assert.Equal(
                positives[train.UserIds![u]].Distinct().Order(), features.Where(f => f.StartsWith("history=", StringComparison.Ordinal))
                .Select(f => f[8..]).Order());
            Assert.True(features.Count(f => f.StartsWith("item=", StringComparison.Ordinal)) <= 3);
        }

        Assert.DoesNotContain(Pairs(a["test"]), p => p.Label > 0 && positives[p.User].Contains(p.Item));
        foreach (Dataset part in a.Values)
        {
            Assert.Equal(2 * Pairs(part).Count(p => p.Label > 0), Pairs(part).Count(p => p.Label == 0));
            Assert.DoesNotContain(Pairs(part), p => p.Label == 0 && positives[p.User].Contains(p.Item));
        }
    }

    [Fact]
    public void A_column_of_the_log_may_say_which_part_a_row_is_for()
    {
        Write("log.csv", "u,i,fold\na,x,train\nb,x,Test\na,y,train\nb,y,validation\nc,z,other\n");
        const string json =
            """
            { "interactions": { "path": "log.csv", "user": "u", "item": "i" }, "split": { "kind": "column",
            "column": "fold" }, "maxBadRows": 0.3 }
            """;
        (Dictionary<string, Dataset> parts, ImportReport report) =
            ProjectImporter.Read(Project(json), null, TestContext.Current.CancellationToken);
        Assert.Equal([("a", "x", 1f), ("a", "y", 1f)], Pairs(parts["train"]));
        Assert.Equal([("b", "y", 1f)], Pairs(parts["validation"]));
        Assert.Equal([("b", "x", 1f)], Pairs(parts["test"]));
        Assert.Contains(
            "fold (the split) is 'other', not train, validation or test", report.FirstBadRows.Single(), StringComparison.Ordinal);
        Assert.Contains(
            "has no column 'part'", Assert.Throws<FactoException>(() => ProjectImporter.Run(Project(json, "split.column=part"))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "field 'user' has timePart Day",
            Assert.Throws<FactoException>(
                () =>
                Project(json, "fields=[{\"name\":\"user\",\"kind\":\"hashed\",\"hashBuckets\":4,\"timePart\":\"day\"}]")).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_does_not()
    {
        Write("log.csv", "u,i,t\n" + string.Concat(Enumerable.Range(0, 90).Select(i => $"u{i % 9},i{i * 7 % 31},{i}\n")));
        const string json = """{ "interactions": { "path": "log.csv", "user": "u", "item": "i" }, "negatives": {} }""";
        byte[] Import(params string[] overrides)
        {
            ProjectImporter.Run(Project(json, overrides));
            return File.ReadAllBytes(_folder.File("out/dataset.facto"));
        }

        byte[] first = Import();
        Assert.Equal(first, Import());
        Assert.NotEqual(first, Import("split.seed=2"));
        Assert.NotEqual(first, Import("negatives.seed=2"));
    }

    [Fact]
    public void A_cancelled_import_leaves_what_was_there()
    {
        WriteFilms();
        ProjectFile project = Project(Films);
        ProjectImporter.Run(project);
        byte[] before = File.ReadAllBytes(project.DatasetPath);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => ProjectImporter.Run(project, null, cancelled.Token));
        Assert.Equal(before, File.ReadAllBytes(project.DatasetPath));
        Assert.Equal(["dataset.facto"], Directory.GetFiles(project.OutputFolder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_missing_file_column_or_table_is_named_with_what_is_there()
    {
        WriteFilms();
        string Error(params string[] overrides) =>
            Assert.Throws<FactoException>(() => ProjectImporter.Run(Project(Films, overrides))).Message;
        Assert.Contains("no file matches", Error("interactions.path=none*.csv"), StringComparison.Ordinal);
        Assert.Contains(
            "log.csv has no column 'rating'; its columns are u, i, stars, when, device", Error("interactions.label=rating"),
            StringComparison.Ordinal);
        Assert.Contains("has no 'users' table", Error("users=null"), StringComparison.Ordinal);
        Assert.Contains(
            "log.csv: ", Error("interactions.exclude=[{\"when\": \"no such sql\", \"reason\": \"x\"}]"), StringComparison.Ordinal);
    }
}
