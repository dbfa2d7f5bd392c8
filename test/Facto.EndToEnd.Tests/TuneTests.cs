using System.Text.Json.Nodes;

namespace Facto.EndToEnd.Tests;

public class TuneTests
{
    private static readonly string[] s_small = ["--trials", "6", "--rungs", "2", "--epochs", "6"];

    [Fact]
    public void A_project_is_tuned_and_the_best_values_stand_in_its_file_with_every_comment_kept()
    {
        using Folder folder = new Folder().WithProject();
        string project = File.ReadAllText(folder.File("facto.json"))
            .Replace(
                "\"training\": {",
                "// how to learn\n      \"tuning\": { \"space\": { \"factors\": \"4..12\", \"reg-factors\": \"0.001..0.1 log\", "
                    + "\"unobserved-weight\": \"0.01..1 log\" } },\n      \"training\": { // icd\n       ", StringComparison.Ordinal);
        File.WriteAllText(folder.File("facto.json"), project);
        JsonNode tuned = Json(folder, ["tune", .. s_small]);
        Assert.Equal(6 + 2, tuned["trials"]!.AsArray().Count);
        Assert.Equal("recall@20", tuned["metric"]!.GetValue<string>());
        JsonNode last = tuned["trials"]!.AsArray().Where(t => t!["rung"]!.GetValue<int>() == 1)
            .MaxBy(t => t!["value"]!.GetValue<double>())!;
        Assert.Equal(last["value"]!.GetValue<double>(), tuned["value"]!.GetValue<double>());
        string text = File.ReadAllText(folder.File("facto.json"));
        Assert.Contains("// how to learn", text, StringComparison.Ordinal);
        Assert.Contains("// icd", text, StringComparison.Ordinal);
        Assert.Contains($"\"factors\": {tuned["best"]!["factors"]}", text, StringComparison.Ordinal);
        Assert.Contains(tuned["written"]!.AsArray(), w => w!["setting"]!.GetValue<string>() == "training.extra.unobserved-weight");
        Assert.Equal((int)tuned["best"]!["factors"]!.GetValue<double>(), Json(folder, "train")["train"]!["factors"]!.GetValue<int>());
        (int code, string output, string error) = FactoProcess.Run(folder.Path, ["tune", .. s_small, "--no-write"]);
        Assert.True(code == 0, error);
        Assert.Contains("unobserved-weight", output, StringComparison.Ordinal);
        Assert.Contains("trials.jsonl.previous", error, StringComparison.Ordinal);
        Assert.Contains("rung 2/2", error, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(folder.File("facto.json")));
    }

    [Fact]
    public void What_the_test_part_holds_changes_no_trial()
    {
        using Folder one = new Folder().WithProject(), other = new Folder().WithProject();
        // leaveLast: each user's last event is the test part. All of them become the same item there.
        string[] lines = File.ReadAllLines(other.File("log.csv"));
        for (int i = 12; i < lines.Length; i += 12)
        {
            string[] cells = lines[i].Split(',');
            lines[i] = $"{cells[0]},i{(cells[1] == "i0" ? 1 : 0)},{cells[2]}";
        }

        File.WriteAllLines(other.File("log.csv"), lines);
        JsonNode a = Json(one, ["tune", .. s_small, "--workers", "2"]), b = Json(other, ["tune", .. s_small, "--workers", "1"]);
        Assert.Equal(Outcome(a), Outcome(b));
        // The parts do differ: what is judged on test does too.
        Assert.NotEqual(
            Json(one, "train", "--evaluate")["ranking"]!.ToJsonString(), Json(other, "train", "--evaluate")["ranking"]!.ToJsonString());

        static IEnumerable<string> Outcome(JsonNode tuned) =>
            tuned["trials"]!.AsArray()
            .Select(t => $"{t!["trial"]} {t["rung"]} {t["values"]!.ToJsonString()} {t["value"]} {t["best_epoch"]}");
    }

    [Fact]
    public void An_interrupted_search_goes_on_with_resume_and_ends_where_a_whole_one_does()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent as on Unix");
        using Folder folder = new Folder();
        WriteRatings(folder.File("a.libfm"));
        string[] tune = [
            "tune", "--train", "a.libfm", "-k", "16", "--epochs", "9", "--patience", "0", "--trials", "9", "--range",
            "learning-rate=0.01..0.3 log", "--range", "reg-factors=0.001..0.1 log", "--workers", "1"];
        (int code, string line) = FactoProcess.SignalAt(folder.Path, FactoProcess.Interrupt, "rung 1/3  trial 4", tune);
        Assert.Equal((130, "facto: interrupted"), (code, line));
        int kept = File.ReadAllLines(folder.File("trials.jsonl")).Length - 1;
        Assert.InRange(kept, 5, 12);
        JsonNode resumed = Json(folder, [.. tune, "--resume"]);
        Assert.Equal(13 + 1, File.ReadAllLines(folder.File("trials.jsonl")).Length);
        JsonNode whole = Json(folder, [.. tune, "--log", "whole.jsonl"]);
        Assert.Equal("rmse", whole["metric"]!.GetValue<string>());
        Assert.Equal(whole["best"]!.ToJsonString(), resumed["best"]!.ToJsonString());
        Assert.Equal(whole["value"]!.GetValue<double>(), resumed["value"]!.GetValue<double>());
        // Another search does not continue this one's trials.
        (int other, _, string error) = FactoProcess.Run(folder.Path, [.. tune, "--resume", "--search-seed", "2"]);
        Assert.Equal((1, true), (other, error.Contains("belongs to another search", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(2, "--test has no place here", "tune", "--train", "a.libfm", "--test", "a.libfm")]
    [InlineData(1, "of the form LOW..HIGH", "tune", "--train", "a.libfm", "--range", "factors=8-64")]
    [InlineData(2, "is not of the form option=", "tune", "--train", "a.libfm", "--range", "factors")]
    [InlineData(1, "no search to resume", "tune", "--train", "a.libfm", "--resume")]
    [InlineData(
        1, "no option 'colour'", "tune", "--train", "a.libfm", "--sides", "user,item", "--groups", "g.txt", "--task", "ranking",
        "--solver", "icd", "--range", "colour=0..1")]
    public void What_is_wrong_gets_one_sentence(int expected, string sentence, params string[] arguments)
    {
        using var folder = new Folder();
        WriteRatings(folder.File("a.libfm"));
        File.WriteAllLines(folder.File("g.txt"), Enumerable.Range(0, 160).Select(i => i < 90 ? "0" : "1"));
        (int code, string output, string error) = FactoProcess.Run(folder.Path, arguments);
        Assert.True((expected, string.Empty) == (code, output), $"{code}: {output} {error}");
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static void WriteRatings(string path)
    {
        using StreamWriter writer = File.CreateText(path);
        for (int i = 0; i < 20_000; i++)
        {
            int user = i * 17 % 90, item = i * 29 % 70;
            writer.WriteLine(FormattableString.Invariant($"{1 + (((user % 5) + (item % 3) + (i % 2)) % 5)} {user}:1 {90 + item}:1"));
        }
    }

    private static JsonNode Json(Folder folder, params string[] arguments)
    {
        (int code, string output, string error) = FactoProcess.Run(folder.Path, [.. arguments, "--json", "--quiet"]);
        Assert.True(code == 0, $"facto {string.Join(' ', arguments)} ended with {code}: {error}");
        return JsonNode.Parse(output)!;
    }
}
