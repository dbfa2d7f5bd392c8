using System.Text.Json.Serialization;

namespace Facto.Models;

/// <summary>What a model's score means.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LearningTask>))]
public enum LearningTask
{
    /// <summary>The score is the label's estimate, clipped to the labels seen in training.</summary>
    Regression,

    /// <summary>The score is the log-odds of label 1.</summary>
    Binary,

    /// <summary>Only the order of the scores means something.</summary>
    Ranking,

    /// <summary>
    /// Labels are ordered classes (stars): the score is a latent, the prediction the expected label given the cut-points between classes.
    /// </summary>
    Ordinal,
}

/// <summary>What follows from a task wherever labels are read.</summary>
internal static class LearningTaskRules
{
    /// <summary>
    /// The lowest label of an interaction that speaks for its item. A ranking learns from labels above 0, a binary task from 1; of a rating
    /// every value tells that the user had the item.
    /// </summary>
    public static float PositiveFrom(this LearningTask task) => task switch
    {
        LearningTask.Binary => 0.5f,
        LearningTask.Ranking => float.Epsilon,
        _ => float.NegativeInfinity,
    };
}
