using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Data;
using Facto.Retrieval;
using Facto.Serving;

namespace Facto.Cli.Commands;

/// <summary>`facto recommend`: the best items for one user, or for all users into a file.</summary>
internal static class RecommendCommand
{
    private static VerbCommand Verb() => new(
        "recommend", "Recommend items to a user, or to all users",
        "facto recommend --user 42 --count 10 --explain 3",
        "facto recommend --user stranger --feature age=25 --history 318 296 --where genre=Comedy",
        "facto recommend --user 42 --popularity 0                     # personal taste only",
        "facto recommend --user 42 --interval 0.9 --thompson 7         # a gibbs model: how sure, and in the order of one draw",
        "facto recommend --all --count 20 --out lists.tsv --threads 2");

    public static Command Create()
    {
        VerbCommand command = Verb();
        var bundle = new BundleOptions();
        var user = new UserQueryOptions();
        var count = new Option<int>("--count", "-n") { Description = "Items per list", DefaultValueFactory = _ => 10 };
        var explain = new Option<int>("--explain") { Description = "Reasons per item" };
        var seen = new Option<bool?>("--include-seen") { Description = "What the user has may come back [default: by retrieval.hideSeen]" };
        var where = new Option<string[]>("--where") { Description = "field=value of an item field; repeatable; values of one field: any" };
        var allow = new Option<string[]?>("--allow") { Description = "Only these item ids", AllowMultipleArgumentsPerToken = true };
        var deny = new Option<string[]>("--deny") { Description = "Never these item ids", AllowMultipleArgumentsPerToken = true };
        var dial = new Option<float>("--popularity")
        {
            Description = "How much an item's own appeal counts: 1 as learnt, 0 not at all",
            DefaultValueFactory = _ => 1,
        };
        var interval = new Option<float?>("--interval")
        {
            Description = "Probability of an interval around each prediction, such as 0.9; needs a model of gibbs",
        };
        var thompson = new Option<ulong?>("--thompson")
        {
            Description = "Explore: order by the draw of a gibbs model that this seed chooses",
        };
        var all = new Option<bool>("--all") { Description = "Lists for every user, into --out" };
        var output = new Option<string?>("--out") { Description = "With --all: file of user, rank, item, score (tab-separated)" };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        bundle.AddTo(command);
        user.AddTo(command);
        foreach (Option option in (Option[])
            [count, explain, seen, where, allow, deny, dial, interval, thompson, all, output, threads, json, quiet])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) =>
        {
            CommonOptions.RequireCount(parsed.GetValue(count));
            Report report = parsed.Report(json, quiet);
            Recommender recommender = bundle.Open(parsed, report);
            if (parsed.GetValue(all))
            {
                string path = parsed.GetValue(output) ?? throw new UsageException("--all needs --out FILE for the lists");
                WriteAll(recommender, parsed.GetValue(count), parsed.GetValue(threads), path, report);
                return Task.FromResult(FactoProgram.Ok);
            }

            UserQuery query = user.Query(parsed);
            NoteIdleHistory(report, recommender, query);
            RecommendationResponse response = recommender.Recommend(new RecommendationRequest
            {
                User = query.User,
                Features = query.Features,
                History = query.History,
                Count = parsed.GetValue(count),
                Reasons = parsed.GetValue(explain),
                IncludeSeen = parsed.GetValue(seen),
                Where = UserQueryOptions.Assignments(parsed.GetValue(where), "--where"),
                Allow = parsed.GetValue(allow) is { Length: > 0 } only ? only : null,
                Deny = parsed.GetValue(deny),
                PopularityDial = parsed.GetValue(dial),
                Interval = parsed.GetValue(interval),
                Thompson = parsed.GetValue(thompson),
            });
            Print(report, response);
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }

    private static void NoteIdleHistory(Report report, Recommender recommender, UserQuery query)
    {
        if (query.History is not { Count: > 0 }
            || recommender.Bundle.Model.Schema.Fields.Any(f => f.Spec is { Kind: FieldKind.Bag, Side: FieldSide.User })) { return; }
        report.Note("note: this model has no user field of kind bag: --history only keeps these items out of the list (docs/history.md)");
    }

    private static void Print(Report report, RecommendationResponse response)
    {
        report.Json(ToJson(response));
        PrintTable(report, response);
        if (response.Plan is { } plan) { report.Say($"{plan.Route.ToString().ToLowerInvariant()}: {plan.Reason}"); }
    }

    /// <summary>The list as people read it, without the JSON object.</summary>
    public static void PrintTable(Report report, RecommendationResponse response)
    {
        foreach (UnknownValue unknown in response.Unknown)
        {
            report.Note($"unknown, contributes nothing: {unknown.Field}={unknown.Value}");
        }

        if (response.Stages is { } stages) { report.Say(string.Join("   ", stages.Select(s => $"{s.Stage} {s.Entered} → {s.Left}"))); }
        string predicted = response.Items.Any(i => i.Prediction is not null) ? "prediction" : "score";
        report.Table(null, ["item", "title", predicted, "why"], response.Items.Select(i => (IReadOnlyList<string>)
            [i.Id, i.Title, Prediction(i), string.Join("; ", i.Reasons.Select(r => $"{r.Text}: {Report.Signed(r.Value)}"))]));
    }

    /// <summary>"4.1", or "4.1 (2.7–5)" with an interval.</summary>
    public static string Prediction(Recommendation item)
    {
        string prediction = Report.Number(item.Prediction ?? item.Score);
        return item.Interval is { } i ? $"{prediction} ({Report.Number(i.Low, "0.00")}–{Report.Number(i.High, "0.00")})" : prediction;
    }

    public static JsonObject? ToJson(PredictionInterval? interval) => interval is not { } i ? null : new JsonObject
    {
        ["level"] = i.Level,
        ["mean"] = i.Mean,
        ["standard_deviation"] = i.StandardDeviation,
        ["low"] = i.Low,
        ["high"] = i.High,
    };

    private static JsonObject ToJson(RecommendationResponse response) => new()
    {
        ["version"] = response.Version,
        ["user_known"] = response.UserKnown,
        ["draw"] = response.Draw,
        ["items"] = new JsonArray([.. response.Items.Select(i => new JsonObject
        {
            ["id"] = i.Id,
            ["title"] = i.Title,
            ["score"] = i.Score,
            ["prediction"] = i.Prediction,
            ["interval"] = ToJson(i.Interval),
            ["reasons"] = new JsonArray([.. i.Reasons.Select(r => new JsonObject { ["text"] = r.Text, ["value"] = r.Value })]),
        })]),
        ["stages"] = response.Stages is null
            ? null
            : new JsonArray([.. response.Stages.Select(s => new JsonObject
            {
                ["stage"] = s.Stage,
                ["entered"] = s.Entered,
                ["left"] = s.Left,
            })]),
        ["unknown"] = new JsonArray([.. response.Unknown.Select(u => new JsonObject { ["field"] = u.Field, ["value"] = u.Value })]),
        ["plan"] = response.Plan is not { } plan ? null : new JsonObject
        {
            ["route"] = plan.Route.ToString().ToLowerInvariant(),
            ["admitted"] = plan.Admitted,
            ["scan_cost"] = plan.ScanCost,
            ["route_cost"] = plan.RouteCost,
            ["reason"] = plan.Reason,
        },
    };

    private static void WriteAll(Recommender recommender, int count, int threads, string path, Report report)
    {
        Bundle bundle = recommender.Bundle;
        ScoredLists lists = recommender.RecommendAll(count, threads);
        DurableFile.WriteText(path, writer =>
        {
            writer.WriteLine("user\trank\titem\tscore");
            for (int u = 0; u < lists.Count; u++)
            {
                int rank = 1;
                foreach (Facto.Numerics.Scored found in lists[u])
                {
                    writer.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{bundle.Data.UserIds![u]}\t{rank++}\t{bundle.Data.ItemIds![found.Index]}\t{found.Score:R}"));
                }
            }
        });
        report.Json(new JsonObject { ["users"] = lists.Count, ["count"] = count, ["out"] = path });
        report.Say($"{lists.Count} users × {count} items: {path}");
    }
}
