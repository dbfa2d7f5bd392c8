using Facto.Models;

namespace Facto.Training.Options;

/// <summary>What is learnt when nobody says.</summary>
internal static class TaskRule
{
    /// <summary>
    /// A solver of one task has that one. Labels that are all alike are a log of what was chosen: its order is learnt; labels 0 and 1 (or
    /// −1 and 1) are a probability; any others are numbers.
    /// </summary>
    /// <param name="data">Training examples, or null when they are not at hand.</param>
    /// <param name="solver">The solver that was asked for, or null.</param>
    public static LearningTask Of(Dataset? data, string? solver = null)
    {
        IReadOnlyList<LearningTask>? able = solver is null ? null : Solvers.Find(solver).Tasks;
        if (able is [var only]) { return only; }
        LearningTask task = data is null ? LearningTask.Regression : FromLabels(data);
        return able is null || able.Contains(task) ? task : able.Contains(LearningTask.Regression) ? LearningTask.Regression : able[0];
    }

    /// <summary>False when nobody gave labels: then they are all alike, whatever counting repeated pairs made of them.</summary>
    public static bool HasLabels(Dataset data) => data.Source?.HasLabels ?? true;

    private static LearningTask FromLabels(Dataset data)
    {
        if (!HasLabels(data)) { return LearningTask.Ranking; }
        (float low, float high) = (float.PositiveInfinity, float.NegativeInfinity);
        bool zeroOne = true, signs = true;
        foreach (float label in data.Interactions.Labels.Span)
        {
            (low, high) = (Math.Min(low, label), Math.Max(high, label));
            zeroOne &= label is 0 or 1;
            signs &= label is -1 or 1;
        }

        if (low == high && data.Users is not null && data.Items is not null) { return LearningTask.Ranking; }
        return low < high && (zeroOne || signs) ? LearningTask.Binary : LearningTask.Regression;
    }
}
