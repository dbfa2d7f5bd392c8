using Facto.Models;

namespace Facto.Training.Options;

/// <summary>Tasks as they are written on the command line and in facto.json.</summary>
internal static class OptionWords
{
    public static string Of(LearningTask task) => task switch
    {
        LearningTask.Regression => "regression",
        LearningTask.Binary => "binary",
        LearningTask.Ranking => "ranking",
        _ => "ordinal",
    };
}
