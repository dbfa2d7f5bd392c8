using System.Text.Json.Serialization;
using Facto.Models;
using Facto.Training;

namespace Facto.Import;

/// <summary>A cascade: recall finds candidates in the whole catalogue, prerank thins them out, rank decides.</summary>
internal sealed record StagesSpec
{
    /// <summary>From the whole catalogue to some hundred candidates.</summary>
    public RecallSpec Recall { get; init; } = new();

    /// <summary>From those to a hundred, by a small student of the ranker; null leaves the stage out.</summary>
    public PrerankSpec? Prerank { get; init; }

    /// <summary>The order of the last list and its probabilities.</summary>
    public RankSpec Rank { get; init; } = new();
}

/// <summary>The recall stage: learns from the positives against the whole catalogue.</summary>
internal sealed record RecallSpec
{
    /// <summary>How to learn; the task is ranking.</summary>
    [JsonInclude]
    internal TrainOptions Training { get; init; } = new() { Task = LearningTask.Ranking, Solver = "icd" };

    /// <summary>Candidates that go on, 1 to 10,000.</summary>
    public int Count { get; init; } = 500;
}

/// <summary>The pre-ranking stage: a small FM learns the ranker's scores, also of items that were never shown.</summary>
internal sealed record PrerankSpec
{
    /// <summary>How the student learns; the task is regression, on the ranker's raw scores.</summary>
    [JsonInclude]
    internal TrainOptions Training { get; init; } = new() { Factors = 8 };

    /// <summary>Candidates that go on, 1 to 10,000.</summary>
    public int Count { get; init; } = 100;

    /// <summary>Items drawn for the same user beside each example, 0 to 1000: what recall hands over and no click speaks of.</summary>
    public int CandidatesPerExample { get; init; } = 4;
}

/// <summary>The ranking stage: learns from impressions and their labels.</summary>
internal sealed record RankSpec
{
    /// <summary>How to learn; the task is binary or regression.</summary>
    [JsonInclude]
    internal TrainOptions Training { get; init; } = new() { Task = LearningTask.Binary };
}

/// <summary>What the types cannot say of stages.</summary>
internal static class StageChecks
{
    private const int MostCandidates = 10_000;

    public static void Check(StagesSpec stages, Action<bool, string> require)
    {
        require(stages.Recall.Training.Task is null or LearningTask.Ranking,
            $"stages.recall.training.task is {stages.Recall.Training.Task}: recall learns to rank the whole catalogue, set it to ranking");
        require(stages.Rank.Training.Task is null or LearningTask.Binary or LearningTask.Regression,
            $"stages.rank.training.task is {stages.Rank.Training.Task}: rank predicts labels, set it to binary or regression");
        require(stages.Prerank is null or { Training.Task: null or LearningTask.Regression },
            $"stages.prerank.training.task is {stages.Prerank?.Training.Task}: prerank learns the ranker's scores, set it to regression "
                + "or leave it out");
        require(stages.Recall.Count is >= 1 and <= MostCandidates,
            $"stages.recall.count is {stages.Recall.Count}: it must lie between 1 and {MostCandidates}");
        require(stages.Prerank is null
            || (stages.Prerank.Count >= 1 && stages.Prerank.Count <= stages.Recall.Count),
            $"stages.prerank.count is {stages.Prerank?.Count}: it must lie between 1 and stages.recall.count ({stages.Recall.Count})");
        require(stages.Prerank is null or { CandidatesPerExample: >= 0 and <= 1000 },
            $"stages.prerank.candidatesPerExample is {stages.Prerank?.CandidatesPerExample}: it must lie between 0 and 1000");
        (stages.Recall.Training with { Task = LearningTask.Ranking }).Validate();
        stages.Prerank?.Training.Validate();
        stages.Rank.Training.Validate();
    }
}
