using System.CommandLine;
using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Cli.Projects;
using Facto.Models;
using Facto.Serving;

namespace Facto.Cli.Commands;

/// <summary>`facto explain`: the exact terms whose sum is one score.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var command =
            new VerbCommand("explain", "Take the score of one user and item apart", "facto explain --user 42 --item 318 --top 15");
        var bundle = new BundleOptions();
        var user = new UserQueryOptions();
        var item = new Option<string>("--item", "-i") { Description = "Item id", Required = true };
        var top = new Option<int>("--top") { Description = "Terms to show; their rest is summed", DefaultValueFactory = _ => 20 };
        var interval = new Option<float>("--interval")
        {
            Description = "Probability of the interval around the prediction of a gibbs model",
            DefaultValueFactory = _ => 0.9f
        };
        Option<bool> json = CommonOptions.Json(), quiet = CommonOptions.Quiet();
        bundle.AddTo(command);
        user.AddTo(command);
        foreach (Option option in (Option[])[item, top, interval, json, quiet]) { command.Options.Add(option); }
        command.SetAction((parsed, _) =>
        {
            if (parsed.GetValue(top) < 1) { throw new UsageException($"--top is {parsed.GetValue(top)}; it must be at least 1"); }
            Report report = parsed.Report(json, quiet);
            Recommender recommender = bundle.Open(parsed, report);
            UserQuery query = user.Query(parsed);
            IReadOnlyList<Reason> terms = recommender.Explain(query, parsed.GetRequiredValue(item));
            Recommendation scored = recommender.Score(
                query, [parsed.GetRequiredValue(item)], 0,
                recommender.Bundle.Model is FmPosterior ? parsed.GetValue(interval) : null).Items[0];
            int shown = Math.Min(parsed.GetValue(top), terms.Count);
            IReadOnlyList<StageTrace> trace = recommender.Bundle.Stages.Count > 0
                ? recommender.Trace(query, parsed.GetRequiredValue(item))
                : [];
            report.Json(new JsonObject
            {
                ["item"] = scored.Id,
                ["title"] = scored.Title,
                ["score"] = scored.Score,
                ["prediction"] = scored.Prediction,
                ["interval"] = RecommendCommand.ToJson(scored.Interval),
                ["terms"] = new JsonArray([.. terms.Take(shown).Select(t => new JsonObject { ["text"] = t.Text, ["value"] = t.Value })]),
                ["rest"] = terms.Skip(shown).Sum(t => t.Value),
                ["stages"] = new JsonArray(
                    [.. trace.Select(
                        t =>
                        (JsonNode)new JsonObject { ["stage"] = t.Stage, ["score"] = t.Score, ["rank"] = t.Rank, ["entered"] = t.Entered,
                            ["left"] = t.Left })]),
            });
            if (trace.Count > 0)
            {
                report.Table(
                    "the item's way through the stages", ["stage", "score", "place", "of", "go on"],
                    trace.Select(t => (IReadOnlyList<string>)
                    [t.Stage, Report.Number(t.Score), t.Rank is { } place
                        ? $"{place}"
                        : "dropped before", $"{t.Entered}", t.Left > 0 ? $"{t.Left}" : "–"]));
            }

            IEnumerable<IReadOnlyList<string>> rows = terms.Take(shown)
                .Select(t => (IReadOnlyList<string>)[t.Text, Report.Signed(t.Value, "0.0000")]);
            if (shown < terms.Count)
            {
                rows = rows.Append([$"{terms.Count - shown} smaller terms", Report.Signed(terms.Skip(shown).Sum(t => t.Value), "0.0000")]);
            }
            report.Table(
                $"{scored.Title}: score {Report.Number(scored.Score)}, prediction "
                    + $"{(scored.Prediction is null ? "–" : RecommendCommand.Prediction(scored))}", ["term", "adds"], rows);
            return Task.FromResult(FactoProgram.Ok);
        });
        return command;
    }
}
