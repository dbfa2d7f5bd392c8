using System.Text.Json.Nodes;
using Facto.Evaluation;
using Facto.Import.Life;
using Facto.Training.Options;
using Facto.Training.Session;

namespace Facto.Cli.Output;

/// <summary>What a training gave, as people read it.</summary>
internal static class TrainTable
{
    public static void Print(Report report, TrainReport trained)
    {
        report.Json(trained.ToJson());
        if (trained.IsCascade) { Stages(report, trained); }
        else { Model(report, trained); }
        foreach ((string split, IReadOnlyDictionary<string, RankingReport> ranking) in trained.Ranking)
        {
            string what = $"{split}: {ranking["model"].QueryCount} queries, whole "
                + $"catalogue{(trained.IsCascade ? "; model is recall alone" : string.Empty)}";
            foreach (int cutoff in ranking["model"].Cutoffs()) { RankingTable.Print(report, what, ranking, cutoff); }
        }

        foreach (TrainingAdvice advice in trained.Advice) { report.Note(advice.Sentence); }
        if (trained.Bundle is { } bundle)
        {
            report.Say($"index: {bundle.Indexes}{(bundle.Indexes.Recall is { } recall ? $", {recall}" : string.Empty)}");
            report.Say($"bundle: {bundle.Folder}{(trained.IsCascade ? Cascade(trained) : string.Empty)}");
        }
        else if (trained.Model is not null) { report.Say($"model: {trained.Model}"); }

        if (trained is { Bundle: not null, ReadSeconds: null, Ranking.Count: 0 })
        {
            report.Say("'facto evaluate' judges it on the test split, beside popularity and item neighbours");
        }
    }

    private static void Model(Report report, TrainReport trained)
    {
        (TrainingOutcome outcome, SolverSettings options) = (trained.Trained[0].Outcome, trained.Trained[0].Outcome.Settings);
        string read = trained.ReadSeconds is { } seconds ? $"; files read in {Report.Number(seconds, "0.00")} s" : string.Empty;
        report.Say($"{options.Solver}, k={options.Factors}, {outcome.EpochsRun} epochs ({Kept(outcome)}) over "
            + $"{trained.Trained[0].Examples} examples "
            + $"in {Report.Number(outcome.Seconds, "0.00")} s, {Report.Count(outcome.ExamplesPerSecond)} examples/s "
            + $"on {options.Threads} thread{(options.Threads == 1 ? string.Empty : "s")}{read}");
        if (trained.Trained[0].Metrics.Count > 0) { PredictionTable.Print(report, trained.Trained[0].MetricsToJson()); }
        else if (outcome.Validation is { } best) { report.Say($"validation: {best.Name} {Report.Number(best.Value)}"); }
    }

    // Which epoch the model is of.
    private static string Kept(TrainingOutcome outcome) =>
        outcome.TestPredictions is not null ? "all count"
        : outcome.Search is { } search ? $"the best of {search.History.Count} on what was held out"
        : outcome.IsEpochChosen ? $"best {outcome.BestEpoch}"
        : "the last is kept; --holdout 0.1 would choose";

    private static void Stages(Report report, TrainReport trained) => report.Table(
        "stages", ["", "solver", "factors", "best epoch", "seconds", "validation", "test"], trained.Trained.Select(t =>
            (IReadOnlyList<string>)
        [
            t.Name, t.Outcome.Settings.Solver, $"{t.Outcome.Settings.Factors}", $"{t.Outcome.BestEpoch}",
            Report.Number(t.Outcome.Seconds, "0.0"),
            t.Outcome.Validation is { } best ? $"{best.Name} {Report.Number(best.Value)}" : "–",
            t.Metrics.TryGetValue("test", out IReadOnlyDictionary<string, MetricValue>? test) ? Words(Predictions.ToJson(test)) : "–",
        ]));

    private static string Words(JsonObject metrics) =>
        string.Join(' ', metrics.Where(v => v.Value is not null).Select(v => $"{v.Key} {Report.Number(v.Value!.GetValue<double>())}"));

    private static string Cascade(TrainReport trained) => ": " + (trained.Bundle!.Stages.Count > 0
        ? string.Join(" → ", trained.Bundle.Stages.Select(s => s.Count > 0 ? $"{s.Name} {s.Count}" : s.Name))
        : "recall alone; 'facto train --stage rank' adds the ranker");

    private static IEnumerable<int> Cutoffs(this RankingReport ranking) => ranking.Metrics.Keys
        .Where(k => k.StartsWith("recall@", StringComparison.Ordinal)).Select(k => int.Parse(
            k.AsSpan("recall@".Length), System.Globalization.CultureInfo.InvariantCulture));
}
