using System.Text.Json.Nodes;
using Facto.Cli.Output;
using Facto.Data;
using Facto.Models;
using Facto.Training;

namespace Facto.Cli.Flat;

/// <summary>One sentence each on what went wrong in a run that ended well: whoever swaps Facto for another program sees no curve.</summary>
internal static class TrainingAdvice
{
    /// <summary>Which pass the model is of, in brackets after the number of passes.</summary>
    public static string Kept(TrainResult result, bool hasValidation) =>
        result.TestPredictions is not null ? "all count" : hasValidation ? $"best {result.BestEpoch}" : "the last is kept; --holdout 0.1 would choose";

    /// <summary>A validation part whose metric got worse while nothing went back to its best pass.</summary>
    public static string? OfCurve(TrainResult result)
    {
        if (result.History.Count == 0 || result.BestEpoch < result.History.Count || result.History[^1].Validation is not { } last) { return null; }
        EpochReport best = result.History.Aggregate((a, b) => b.Validation!.Value.IsBetterThan(a.Validation!.Value) ? b : a);
        return best.Validation!.Value.IsBetterThan(last) && Math.Abs(last.Value - best.Validation.Value.Value) > 0.01 * Math.Abs(best.Validation.Value.Value)
            ? $"the model overfits: validation {last.Name} was {Report.Number(best.Validation.Value.Value, "0.0000")} after pass {best.Epoch} and is {Report.Number(last.Value, "0.0000")} after the last; keep the best pass (--patience 3), or give a larger --reg-factors"
            : null;
    }

    /// <summary>A part on which one number for everyone is better than the model.</summary>
    /// <param name="task">Regression or binary; nothing is said of others.</param>
    /// <param name="part">Name of <paramref name="data"/>.</param>
    /// <param name="train">Whose mean label is that number.</param>
    /// <param name="data">The part.</param>
    /// <param name="metrics">Of the part.</param>
    public static string? OfConstant(LearningTask task, string part, Dataset train, Dataset data, JsonObject metrics)
    {
        if (task is not (LearningTask.Regression or LearningTask.Binary) || data.Count == 0) { return null; }
        double mean = 0;
        foreach (float label in train.Interactions.Labels.Span) { mean += label; }
        float[] constant = new float[data.Count];
        Array.Fill(constant, (float)(mean / train.Count));
        string name = task == LearningTask.Binary ? "logloss" : "rmse";
        double ofConstant = PredictionTable.Measure(task, constant, data)[name].Value;
        return metrics[part]?[name] is { } own && own.GetValue<double>() > ofConstant
            ? $"on the {part} part the mean label of train for everyone would do better ({name} {Report.Number(ofConstant, "0.0000")}): give --holdout 0.1 to choose the number of passes, or a larger --reg-factors and --reg-linear"
            : null;
    }
}
