using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Facto.Data;
using Facto.Import;

namespace Facto.Tests.Import;

public class ProjectFileTests
{
    private const string Minimal = """
        {
          // a comment
          "interactions": { "path": "log.csv", "user": "u", "item": "i", },
          "fields": [{ "name": "user", "side": "user" }, { "name": "genre", "side": "Item", "kind": "multiCategorical" }],
        }
        """;

    private static ProjectFile Parse(string json, params string[] overrides) => ProjectFile.Parse(json, "facto.json", overrides);

    private static string Error(string json, params string[] overrides) =>
        Assert.Throws<FactoException>(() => Parse(json, overrides)).Message;

    [Fact]
    public void Comments_trailing_commas_and_defaults_are_understood()
    {
        ProjectFile project = Parse(Minimal);
        Assert.Equal(FieldKind.MultiCategorical, project.Fields[1].Kind);
        Assert.Equal(FieldSide.Item, project.Fields[1].Side);
        Assert.Equal(
            (RepeatedPairs.KeepLast, 0.01, (int?)null), (project.Interactions.Repeated, project.MaxBadRows, project.Training.Factors));
    }

    [Fact]
    public void Every_value_can_be_overridden_by_path()
    {
        ProjectFile project = Parse(
            Minimal, "training.factors=32", "fields.genre.minCount=5", "fields.0.column=who", "split.kind=leaveLast",
            "interactions.label=stars", "training.extra.prior-linear=0.5", "name=007x");
        Assert.Equal((32, 5, "who", SplitKind.LeaveLast, "stars", 0.5, "007x"),
            (project.Training.Factors, project.Fields[1].MinCount, project.Fields[0].Column, project.Split.Kind,
                project.Interactions.Label, project.Training.Extra["prior-linear"], project.Name));
    }

    [Fact]
    public void What_is_wrong_is_said_in_one_sentence_with_the_settings_name()
    {
        Assert.Equal(
            "facto.json: there is no setting 'interactions.delimeter'; did you mean 'delimiter'?",
            Error(Minimal, "interactions.delimeter=;"));
        Assert.Equal(
            "facto.json: there is no setting 'fields[1].mincount'; did you mean 'minCount'?", Error(Minimal, "fields.1.mincount=3"));
        Assert.StartsWith("facto.json: there is no setting 'zzzzzzzz'; here are ", Error(Minimal, "zzzzzzzz=3"), StringComparison.Ordinal);
        Assert.Contains("training.factors", Error(Minimal, "training.factors=many"), StringComparison.Ordinal);
        Assert.Contains("split.kind", Error(Minimal, "split.kind=sideways"), StringComparison.Ordinal);
        Assert.Contains("missing", Error("{}"), StringComparison.Ordinal);
        Assert.Contains("line 1", Error("{ 'a' }"), StringComparison.Ordinal);
        Assert.Contains("has no element tags", Error(Minimal, "fields.tags.minCount=3"), StringComparison.Ordinal);
        Assert.Contains("is no override", Error(Minimal, "training.factors"), StringComparison.Ordinal);
        Assert.Contains("maxBadRows is 2", Error(Minimal, "maxBadRows=2"), StringComparison.Ordinal);
        Assert.Contains("needs interactions.positiveFrom", Error(Minimal, "interactions.negativeUpTo=2"), StringComparison.Ordinal);
        Assert.Contains("encoding 'ebcdic'", Error(Minimal, "interactions.encoding=ebcdic"), StringComparison.Ordinal);
        Assert.Contains("field 'user' occurs twice", Error(Minimal, "fields.1.name=user"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_folder_may_come_from_the_environment_or_the_caller()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("facto.json"),
            Minimal.Replace("\"interactions\"", "\"data\": \"${FACTO_NO_SUCH_VARIABLE}/x\", \"interactions\"", StringComparison.Ordinal));
        Assert.Contains(
            "FACTO_NO_SUCH_VARIABLE in '${FACTO_NO_SUCH_VARIABLE}/x' is not set",
            Assert.Throws<FactoException>(() => ProjectFile.Load(folder.Path).DataFolder).Message, StringComparison.Ordinal);
        Assert.Equal(folder.File("d"), ProjectFile.Load(folder.Path, dataFolder: folder.File("d")).DataFolder);
        Assert.Contains(
            "facto init", Assert.Throws<FactoException>(() => ProjectFile.Load(folder.File("none.json"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_committed_schema_is_the_types_and_every_sample_fits_it()
    {
        string path = Path.Combine(Repository.Root, "docs", "facto.schema.json");
        string described = ProjectSchema.Describe(SettingDocs.Read());
        if (Environment.GetEnvironmentVariable("FACTO_WRITE_SCHEMA") == "1") { File.WriteAllText(path, described); }
        JsonNode generated = JsonNode.Parse(described)!, committed = JsonNode.Parse(File.ReadAllText(path))!;
        Assert.True(
            JsonNode.DeepEquals(generated, committed),
            "docs/facto.schema.json is not what the types say: run this test with FACTO_WRITE_SCHEMA=1 and commit the file");
        string[] samples = Directory.GetFiles(Path.Combine(Repository.Root, "samples"), "facto.json", SearchOption.AllDirectories);
        Assert.NotEmpty(samples);
        foreach (string sample in samples) { ProjectFile.Load(sample, dataFolder: "."); }
    }

    [Fact]
    public void Every_setting_has_a_reader()
    {
        string code = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(ReadsOf));
        var unread = new List<string>();
        foreach (Type type in (Type[])
        [
            typeof(ProjectFile), typeof(TableSource), typeof(InteractionSource), typeof(EntitySource), typeof(ExcludeRule),
            typeof(NegativeSpec), typeof(TuningSpec), typeof(RetrievalSpec), typeof(ServingSpec), typeof(StagesSpec), typeof(RecallSpec),
            typeof(PrerankSpec), typeof(RankSpec), typeof(SplitSpec),
        ])
        {
            string[] names = [.. type.GetProperties().Select(p => p.Name).Where(n => n is not ("Schema" or "EqualityContract"))];
            unread.AddRange(names.Where(n => !Reads(code, n)).Select(n => $"{type.Name}.{n}"));
        }

        Assert.Empty(unread);   // "$schema" is for editors
        Assert.False(Reads("public bool HideSeen { get; init; } // x.HideSeen", "HideSeen"));
    }

    private static bool Reads(string code, string name) =>
        Regex.IsMatch(Regex.Replace(code, "//.*", string.Empty), $@"(\.{name}\b(?!\s*=[^=>])|\b{name}: |\bspec\.{name}\b|is \{{ {name})");

    // What only checks a value, or says what is allowed, is no reader; inside of its own record a split reads itself.
    private static string ReadsOf(string path) => Path.GetFileName(path) is "ProjectChecks.cs" or "ProjectFile.cs" or "StagesSpec.cs"
        ? string.Empty
        : Path.GetFileName(path) == "DatasetSplit.cs" ? File.ReadAllText(path).Replace("(Kind ", "(x.Kind ", StringComparison.Ordinal)
        : File.ReadAllText(path);

    [Fact]
    public void Every_setting_says_what_it_does()
    {
        IReadOnlyList<ProjectSetting> settings = ProjectSchema.Settings();
        Assert.True(settings.Count > 80);
        Assert.Empty(settings.Where(s => s.Description.Length < 5).Select(s => s.Name));
        Assert.Contains(settings, s => s.Name == "fields[].kind" && s.Kind.StartsWith("categorical | ", StringComparison.Ordinal));
        Assert.DoesNotContain(settings, s => s.Description.AsSpan().ContainsAny('<', '>'));
    }
}
