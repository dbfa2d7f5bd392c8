using System.Text.Json.Nodes;
using Facto.Evaluation;
using Facto.Serving;
using Facto.Training.Options;
using Facto.Training.Session;

namespace Facto.Import.Life;

/// <summary>One training of a report: the model's, or a stage's.</summary>
/// <param name="Name">"model", or recall, prerank, rank.</param>
/// <param name="Outcome">What the session gave.</param>
/// <param name="Examples">Examples that it learnt from.</param>
internal sealed record TrainedPart(string Name, TrainingOutcome Outcome, int Examples)
{
    /// <summary>Metrics of predictions by split: train, validation, test; empty for a ranking.</summary>
    public Dictionary<string, IReadOnlyDictionary<string, MetricValue>> Metrics { get; init; } = [];

    public JsonObject ToJson()
    {
        SolverSettings options = Outcome.Settings;
        var json = new JsonObject
        {
            ["solver"] = options.Solver,
            ["epochs"] = Outcome.EpochsRun,
            ["best_epoch"] = Outcome.BestEpoch,
            ["seconds"] = Outcome.Seconds,
            ["examples"] = Examples,
            ["examples_per_second"] = Outcome.ExamplesPerSecond,
            ["threads"] = options.Threads,
            ["factors"] = options.Factors,
            ["seed"] = options.Seed,
            ["validation"] = Outcome.Validation is { } best && double.IsFinite(best.Value)
                ? new JsonObject { [best.Name] = best.Value }
                : null,
        };
        if (Outcome.Search is { } search) { json["epochs_tried"] = search.History.Count; }
        return json;
    }

    public JsonObject MetricsToJson() => new(Metrics.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)Predictions.ToJson(m.Value))));
}

/// <summary>What a training gave, on a project, its stages, or flat files.</summary>
internal sealed record TrainReport
{
    /// <summary>The trainings, in the order in which they ran.</summary>
    public required IReadOnlyList<TrainedPart> Trained { get; init; }

    /// <summary>True when the trainings are stages of a cascade.</summary>
    public bool IsCascade { get; init; }

    /// <summary>Recommenders by name, by split: how they rank the whole catalogue; only of what was asked to be judged.</summary>
    public Dictionary<string, IReadOnlyDictionary<string, RankingReport>> Ranking { get; init; } = [];

    /// <summary>The bundle; null when none was asked for.</summary>
    public Bundle? Bundle { get; init; }

    /// <summary>Path of the model's file, or null.</summary>
    public string? Model { get; init; }

    /// <summary>Seconds that reading the files took; null of a project, whose dataset is read already.</summary>
    public double? ReadSeconds { get; init; }

    /// <summary>What went wrong in a run that ended well.</summary>
    public IReadOnlyList<TrainingAdvice> Advice { get; init; } = [];

    /// <summary>As --json prints it.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsCascade)
        {
            var stages = new JsonObject();
            foreach (TrainedPart part in Trained)
            {
                JsonObject stage = part.ToJson();
                if (part.Metrics.GetValueOrDefault("test") is { } test) { stage["test"] = Predictions.ToJson(test); }
                stages[part.Name] = stage;
            }

            json["stages"] = stages;
            json["cascade"] =
                new JsonArray([.. Bundle!.Stages.Select(s => (JsonNode)new JsonObject { ["stage"] = s.Name, ["count"] = s.Count })]);
        }
        else
        {
            json["train"] = Trained[0].ToJson();
            if (ReadSeconds is { } seconds) { json["train"]!["read_seconds"] = seconds; }
            json["metrics"] = Trained[0].MetricsToJson();
        }

        AddRanking(json);
        json["advice"] = new JsonArray([.. Advice.Select(a => (JsonNode)a.Sentence)]);
        json["model"] = Model;
        if (Bundle is not null)
        {
            json["bundle"] = Bundle.Folder;
            json["index"] = IndexReport.ToJson(Bundle.Indexes.Kind, Bundle.Indexes.Recall);
        }

        return json;
    }

    // A project's ranking is of the test split; flat files may be judged on both, and stand beside popularity alone.
    private void AddRanking(JsonObject json)
    {
        if (ReadSeconds is null)
        {
            json["ranking"] = Ranking.GetValueOrDefault("test") is { } test ? RankingComparison.ToJson(test) : null;
            return;
        }

        if (Ranking.Count == 0) { return; }
        JsonObject metrics = [], popularity = [];
        foreach ((string split, IReadOnlyDictionary<string, RankingReport> reports) in Ranking)
        {
            JsonObject all = RankingComparison.ToJson(reports);
            (metrics[split], popularity[split]) = (all["model"]!.DeepClone(), all["popularity"]!.DeepClone());
        }

        (json["metrics"], json["popularity"]) = (metrics, popularity);
    }
}
