using System.Globalization;
using System.Text.Json.Nodes;

namespace Facto.EndToEnd.Tests;

/// <summary>What single verbs promise about a project, on a small shop with labels, an hour as context and an age of the users.</summary>
public class ProjectVerbTests
{
    [Fact]
    public void A_table_of_users_and_items_is_predicted_row_by_row_as_the_service_would()
    {
        using Folder folder = Shop(users: 40);
        Run(folder, "train", "--quiet");
        File.WriteAllText(
            folder.File("pairs.csv"), "customer,product,hour\nu1,i3,night\nu2,i4,day\n\"nobody, really\",i3,day\nu1,i999,day\n,i5,\n");
        Run(folder, "predict", "--data", "pairs.csv", "--out", "out.csv", "--quiet");
        string[] lines = File.ReadAllLines(folder.File("out.csv"));
        Assert.Equal(["user,item,prediction,score", "u1,i999,,"], [lines[0], lines[4]]);
        Assert.StartsWith("\"nobody, really\",i3,", lines[3], StringComparison.Ordinal);
        Assert.StartsWith(",i5,0.", lines[5], StringComparison.Ordinal);
        JsonNode service = Json(folder, "explain", "--user", "u1", "--item", "i3", "--feature", "hour=night");
        Assert.Equal(service["prediction"]!.GetValue<float>(), float.Parse(lines[1].Split(',')[2], CultureInfo.InvariantCulture), 1e-6f);
        Assert.Equal(
            1 / (1 + Math.Exp(-double.Parse(lines[1].Split(',')[3], CultureInfo.InvariantCulture))),
            service["prediction"]!.GetValue<double>(), 1e-5);

        // The same as JSON lines, by the bundle alone and with a stranger's age; what is unknown is counted.
        File.WriteAllText(
            folder.File("pairs.jsonl"),
            "{\"product\":\"i3\",\"customer\":\"u1\",\"hour\":\"night\"}\n{\"product\":\"i3\",\"age\":30}\n"
            + "{\"product\":\"i3\",\"age\":31,\"hour\":\"dawn\"}\n");
        JsonNode said = Json(folder, "predict", "--bundle", Path.Combine("out", "bundles"), "--data", "pairs.jsonl", "--out", "out.jsonl");
        Assert.Equal(
            (3, 3, 1), (said["rows"]!.GetValue<int>(), said["predictions"]!.GetValue<int>(), said["unknown"]!["hour"]!.GetValue<int>()));
        float[] predictions =
            [.. File.ReadAllLines(folder.File("out.jsonl")).Select(l => JsonNode.Parse(l)!["prediction"]!.GetValue<float>())];
        Assert.Equal(service["prediction"]!.GetValue<float>(), predictions[0], 1e-6f);
        Assert.NotEqual(predictions[1], predictions[2]);
        (int code, _, string error) = FactoProcess.Run(folder.Path, "predict", "--data", "facto.json");
        Assert.Equal((1, true), (code, error.Contains("no column 'product'", StringComparison.Ordinal)));
    }

    [Fact]
    public void Lists_obey_allow_deny_and_the_popularity_dial()
    {
        using Folder folder = Shop(users: 40);
        Run(folder, "train", "--quiet");
        string[] Ids(params string[] arguments) =>
            [.. Json(folder, ["recommend", "--include-seen", .. arguments])["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>())];
        string[] whole = Ids("--user", "u1", "--count", "30");
        Assert.Equal(30, whole.Distinct().Count());
        Assert.Equal(whole.Where(i => i is "i3" or "i8" or "i9"), Ids("--user", "u1", "--allow", "i9", "i3", "i8", "nothing"));
        Assert.Equal(whole.Except([whole[0], whole[4]]).Take(10), Ids("--user", "u1", "--deny", whole[0], whole[4]));
        Assert.NotEqual(whole, Ids("--user", "u1", "--count", "30", "--popularity", "0"));
        // a stranger by features alone
        Assert.NotEqual(Ids("--feature", "age=30", "--count", "30"), Ids("--feature", "age=31", "--count", "30"));
    }

    [Fact]
    public void A_posterior_says_how_sure_each_prediction_of_a_table_is()
    {
        using Folder folder = Shop(users: 40);
        Run(folder, "train", "--quiet", "--solver", "gibbs", "--epochs", "30");
        File.WriteAllText(folder.File("pairs.csv"), "customer,product,hour\nu1,i3,night\nu1,i999,day\n");
        Run(folder, "predict", "--data", "pairs.csv", "--out", "out.csv", "--interval", "0.9", "--quiet");
        string[] lines = File.ReadAllLines(folder.File("out.csv"));
        Assert.Equal(["user,item,prediction,score,low,high", "u1,i999,,,,"], [lines[0], lines[2]]);
        float[] numbers = [.. lines[1].Split(',')[2..].Select(n => float.Parse(n, CultureInfo.InvariantCulture))];
        Assert.True(numbers[2] < numbers[0] && numbers[0] < numbers[3] && numbers[3] <= 1, lines[1]);
        Assert.Equal(2, FactoProcess.Run(folder.Path, "predict", "--data", "pairs.csv", "--interval", "7").Code);
    }

    [Fact]
    public void What_reads_a_bundle_needs_no_sources_and_what_reads_sources_says_so()
    {
        using Folder folder = Shop(users: 40);
        Run(folder, "train", "--quiet", "--version", "v1");
        string project = folder.File("facto.json");
        File.WriteAllText(
            project, File.ReadAllText(project)
            .Replace("{ \"interactions\"", "{ \"data\": \"${FACTO_E2E_MISSING}\", \"interactions\"", StringComparison.Ordinal));
        Assert.Equal(0, FactoProcess.Run(folder.Path, "recommend", "--user", "u1").Code);
        Assert.Equal(0, FactoProcess.Run(folder.Path, "evaluate").Code);
        (int code, string line) =
            FactoProcess.SignalAt(folder.Path, FactoProcess.Interrupt, "serving ", "serve", "--url", "http://127.0.0.1:0");
        Assert.True(code is 0 or 130, line);
        (code, _, string error) = FactoProcess.Run(folder.Path, "import");
        Assert.Equal((1, true), (code, error.Contains("FACTO_E2E_MISSING", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_warm_start_appends_what_is_new_and_goes_on_with_the_optimisers_sums()
    {
        using Folder folder = Shop(users: 40);
        Run(folder, "train", "--quiet", "--version", "v1", "--checkpoint", "v1.ckpt");
        Shop(users: 44, folder);
        Run(folder, "import", "--quiet");
        string model = Path.Combine("out", "bundles", "v1", "model.facto");
        string[] train = ["train", "--initial-model", model, "--epochs", "1", "--learning-rate", "0.3"];
        JsonNode kept = Json(folder, [.. train, "--initial-state", "v1.ckpt", "--version", "kept"]),
            fresh = Json(folder, [.. train, "--version", "fresh"]);
        JsonNode cold = Json(folder, "train", "--epochs", "1", "--learning-rate", "0.3", "--version", "cold");
        Assert.Equal(
            44, JsonNode.Parse(File.ReadAllText(folder.File("out", "bundles", "kept", "manifest.json")))!["users"]!.GetValue<int>());
        Assert.True(Loss(kept) < Loss(cold), $"warm {Loss(kept)}, cold {Loss(cold)}");
        Assert.NotEqual(Loss(kept), Loss(fresh));   // sums that have grown make smaller steps
        (int code, _, string error) = FactoProcess.Run(folder.Path, "train", "--initial-state", "v1.ckpt");
        Assert.Equal((2, true), (code, error.Contains("--initial-model", StringComparison.Ordinal)));

        static double Loss(JsonNode run) => run["metrics"]!["train"]!["logloss"]!.GetValue<double>();
    }

    private static Folder Shop(int users, Folder? folder = null)
    {
        folder ??= new Folder();
        var log = new System.Text.StringBuilder("customer,product,bought,hour\n");
        for (int u = 0; u < users; u++)
        {
            for (int i = 0; i < 12; i++)
            {
                int item = ((u * 7) + (i * 5)) % 30;
                log.Append(
                    CultureInfo.InvariantCulture, $"u{u},i{item},{((item + u) % 2 == 0 ? 1 : 0)},{(i % 3 == 0 ? "night" : "day")}\n");
            }
        }

        File.WriteAllText(folder.File("log.csv"), log.ToString());
        File.WriteAllText(
            folder.File("users.csv"), "id,age\n" + string.Concat(Enumerable.Range(0, users).Select(u => $"u{u},{30 + (u % 2)}\n")));
        File.WriteAllText(folder.File("facto.json"), """
            { "interactions": { "path": "log.csv", "user": "customer", "item": "product", "label": "bought" },
              "users": { "path": "users.csv", "id": "id" },
              "fields": [ { "name": "user", "side": "user" }, { "name": "age", "side": "user" }, { "name": "hour", "side": "context" }, { "name": "item", "side": "item" } ],
              "training": { "task": "binary", "factors": 4, "epochs": 8 } }
            """);
        return folder;
    }

    private static void Run(Folder folder, params string[] arguments)
    {
        (int code, _, string error) = FactoProcess.Run(folder.Path, arguments);
        Assert.True(code == 0, $"facto {string.Join(' ', arguments)} ended with {code}: {error}");
    }

    private static JsonNode Json(Folder folder, params string[] arguments)
    {
        (int code, string output, string error) = FactoProcess.Run(folder.Path, [.. arguments, "--json", "--quiet"]);
        Assert.True(code == 0, $"facto {string.Join(' ', arguments)} ended with {code}: {error}");
        return JsonNode.Parse(output)!;
    }
}
