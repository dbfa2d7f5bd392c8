using Facto.Data;
using Facto.Import;

namespace Facto.Tests.Import.Tables;

/// <summary>Values of fields, ids and joins: read exactly, or counted by field and refused past the tolerance.</summary>
public sealed class ImportValuesTests : IDisposable
{
    private const string Json = """
        { "interactions": { "path": "log.csv", "user": "who", "item": "what" }, "items": { "path": "things.csv", "id": "id" },
          "fields": [ { "name": "who", "side": "user" }, { "name": "what", "side": "item" }, { "name": "price", "side": "item", "kind": "numeric" } ], "split": { "kind": "none" } }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string text) => File.WriteAllText(_folder.File(name), text);

    private (Dataset Train, ImportReport Report) Import(string json, params string[] overrides)
    {
        Write("facto.json", json);
        (Dictionary<string, Dataset> parts, ImportReport report) =
            ProjectImporter.Read(ProjectFile.Load(_folder.Path, overrides), null, TestContext.Current.CancellationToken);
        return (parts["train"], report);
    }

    private string Error(string json, params string[] overrides) => Assert.Throws<FactoException>(() => Import(json, overrides)).Message;

    private static float Price(Dataset data, int item) => data.Items![item].Value(1);

    [Fact]
    public void Numbers_that_a_field_cannot_read_are_counted_with_examples_and_refused_past_the_tolerance()
    {
        Write("log.csv", "who,what\nann,tea\nann,rum\nbob,gin\n");
        Write("things.csv", "id,price\ntea,\"1,80\"\nrum,$3.25\ngin,4\n");
        Assert.Contains(
            "field 'price': 1 of 3 values (33.33 %) are no number, such as '1,80'; maxUnread allows 1 %: if the comma is the decimal "
                + "mark, set decimal to \",\" for this table", Error(Json), StringComparison.Ordinal);
        (Dataset train, ImportReport report) = Import(Json, "maxUnread=0.5");
        UnreadValues unread = Assert.Single(report.Unread);
        Assert.Equal(("price", "no number", 1L, 3L, "1,80"),
            (unread.Field, unread.What, unread.Count, unread.Of, unread.Examples.Single()));
        Assert.Equal(1, train.Items![0].Count);
        Assert.Equal(3.25f, Price(train, 1));
        Write("things.csv", "id;price\ntea;1,80 €\nrum;3,25\ngin;1.234,5\n");
        (train, report) = Import(Json, "items.delimiter=\";\"", "items.decimal=\",\"");
        Assert.Empty(report.Unread);
        Assert.Equal([1.8f, 3.25f, 1234.5f], [Price(train, 0), Price(train, 1), Price(train, 2)]);
    }

    [Fact]
    public void Ids_without_a_row_are_counted_and_refused_and_whole_numbers_are_joined_when_asked()
    {
        Write("log.csv", "who,what\nann,1.0\nann,2.0\nbob,03\n");
        Write("things.csv", "id,price\n1,5\n2,6\n3,7\n");
        string error = Error(Json);
        Assert.Contains(
            "3 of 3 item ids of the log have no row in it (100 %), such as '1.0', '2.0', '03', while its ids are such as '1', '2', '3'",
            error, StringComparison.Ordinal);
        Assert.Contains("set \"ids\": \"integers\"", error, StringComparison.Ordinal);
        (Dataset train, ImportReport report) = Import(Json, "ids=integers");
        Assert.Empty(report.Unread);
        Assert.Equal(["1", "2", "3"], train.ItemIds!.Values());
        (_, report) = Import(Json, "maxUnread=1");
        Assert.Equal(("things.csv", 3L), (report.Unread.Single().Field, report.Unread.Single().Count));
    }

    [Fact]
    public void Ids_and_lists_keep_every_character()
    {
        string[] ids = ["pad", " pad ", "line\nfeed", "tab\there", "Ä", "A\u0308", "ä", "\u001f", "3:a", new string('z', 100_000)];
        Write("log.csv", "who,what,how\n" + string.Concat(ids.Select((id, i) =>
            $"\"{id}\",\"{id}\",\"{(i % 2 == 0 ? "a\u001fb" : "c")}\"\n")));
        Write("things.jsonl", string.Concat(ids.Select((id, i) =>
            $"{{\"id\":{System.Text.Json.JsonSerializer.Serialize(id)},\"tags\":[\"Rock|Pop\",\"a,b\",\"x{i % 2}\"]}}\n")));
        const string json = """
            { "interactions": { "path": "log.csv", "user": "who", "item": "what" }, "items": { "path": "things.jsonl", "id": "id" },
              "fields": [ { "name": "who", "side": "user" }, { "name": "what", "side": "item" }, { "name": "tags", "side": "item", "kind": "multiCategorical", "separator": "," }, { "name": "how", "side": "context" }, { "name": "who2", "column": "who", "side": "context" } ],
              "split": { "kind": "none" } }
            """;
        (Dataset train, _) = Import(json);
        Assert.Equal(ids, train.UserIds!.Values());
        Assert.Equal(ids.Length, train.Schema.Find("who")!.Count);
        Assert.Equal(["Rock|Pop", "a,b", "x0", "x1"], train.Schema.Find("tags")!.Vocabulary!.Values().Order(StringComparer.Ordinal));
        Assert.Equal(["a\u001fb", "c"], train.Schema.Find("how")!.Vocabulary!.Values().Order(StringComparer.Ordinal));
        Field how = train.Schema.Find("how")!;
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal($"who={ids[i]}", train.Schema.Describe(train.Users![i].Features[0]));
            int said = Assert.Single(train.Contexts![train.Interactions.Contexts![i]].Features.ToArray(),
                f => f >= how.Offset && f < how.Offset + how.Count);
            Assert.Equal($"how={(i % 2 == 0 ? "a\u001fb" : "c")}", train.Schema.Describe(said));
        }
    }

    [Fact]
    public void Times_keep_fractions_and_parts_know_the_unit_of_an_epoch()
    {
        Write("log.csv", "who,what,at\n"
            + "ann,late,1700000000.75\nann,early,1700000000.5\nann,first,1699999999\nbob,b,2023-11-14T22:13:20.625+00:00\n"
            + "bob,c,2023-11-14T23:13:20.5+01:00\nbob,d,1\n");
        const string json = """
            { "interactions": { "path": "log.csv", "user": "who", "item": "what", "time": "at" }, "split": { "kind": "leaveLast", "validationPart": false },
              "fields": [ { "name": "who", "side": "user" }, { "name": "what", "side": "item" }, { "name": "hour", "side": "context", "column": "at", "timePart": "hour" } ] }
            """;
        Write("facto.json", json);
        (Dictionary<string, Dataset> parts, _) = ProjectImporter.Read(ProjectFile.Load(_folder.Path), null,
            TestContext.Current.CancellationToken);
        Dataset test = parts["test"];
        Assert.Equal(["late", "b"], Enumerable.Range(0, test.Count).Select(i => test.ItemIds![test.Interactions.Items![i]]));
        foreach (string epoch in (string[])["1700000000", "1700000000000", "1700000000000000", "1700000000000000000", "1700000000.25"])
        {
            Assert.Equal("22", TimeText.Format(epoch, TimePart.Hour, new char[TimeText.MaxLength]).ToString());
        }
    }

    [Fact]
    public void A_split_may_be_given_by_files_and_a_log_may_have_no_sides()
    {
        Write("a.csv", "who,what\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"u{i % 20},i{i % 13}\n")));
        Write("b.csv", "who,what\nu1,i12\nnew,i2\n");
        const string json =
            """
            { "interactions": { "path": "a.csv", "user": "who", "item": "what", "repeated": "keepAll" },
            "split": { "kind": "files", "testPath": "b.csv", "validation": 0.1 } }
            """;
        Write("facto.json", json);
        (Dictionary<string, Dataset> parts, ImportReport report) =
            ProjectImporter.Read(ProjectFile.Load(_folder.Path), null, TestContext.Current.CancellationToken);
        Assert.Equal((202L, 200, 2), (report.Rows, parts["train"].Count + parts["validation"].Count, parts["test"].Count));
        Assert.InRange(parts["validation"].Count, 5, 40);
        Write("clicks.csv", "click,site,age\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"{i % 2},s{i % 7},{i}\n")));
        const string flat = """
            { "interactions": { "path": "clicks.csv", "label": "click" }, "fields": [ { "name": "site", "side": "context" }, { "name": "age", "side": "context", "kind": "numeric", "buckets": 4 } ], "split": { "kind": "random" } }
            """;
        (Dataset train, _) = Import(flat);
        Assert.True(train.IsFlat);
        Assert.Equal((7, 4), (train.Schema.Find("site")!.Count, train.Schema.Find("age")!.Count));
        Assert.Contains("interactions.user and interactions.item go together", Error(flat, "interactions.user=site"),
            StringComparison.Ordinal);
    }
}
